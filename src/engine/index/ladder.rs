//! Where a number lies among rising ones: its cell in an even grid tells nearly all, and few are left to search.

/// Cells for each number: about one cell in two is empty then, and hardly one has many.
const CELLS_EACH: usize = 2;

/// In which cell a number lies, where these are two to the power of `shift` wide and begin at `first`; `None` below that.
#[inline]
fn cell(number: u64, first: u64, shift: u32) -> Option<usize> {
    // one that is far beyond all cells is in the last that can be
    (number >= first).then(|| usize::try_from((number - first) >> shift).unwrap_or(usize::MAX))
}

/// Rising numbers, some of them perhaps equal.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    steps: Vec<u64>,
    /// The least of them.
    first: u64,
    /// A cell is two to the power of this wide.
    shift: u32,
    /// How many steps lie before each cell, and behind the last.
    cells: Vec<u32>,
}

impl Ladder {
    /// Over rising numbers.
    pub fn new(steps: Vec<u64>) -> Self {
        let (Some(first), Some(last)) = (steps.first().copied(), steps.last().copied()) else {
            return Ladder::default();
        };
        let most = CELLS_EACH * steps.len();
        let cell = |step: u64, shift| cell(step, first, shift).unwrap_or_default();
        let widest = u64::BITS - 1;
        let shift = (0..widest).find(|shift| cell(last, *shift) < most).unwrap_or(widest);
        let count = cell(last, shift);
        let mut cells = Vec::with_capacity(count + 2);
        let mut place = 0;
        for this in 0..=count {
            cells.push(place as u32);
            let within = steps.iter().skip(place).take_while(|step| cell(**step, shift) == this);
            place += within.count();
        }
        cells.push(place as u32);
        Ladder { steps, first, shift, cells }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// How many lie below a number, and how many lie below it or equal it.
    #[inline]
    pub fn places(&self, number: u64) -> (usize, usize) {
        let Some(cell) = cell(number, self.first, self.shift) else { return (0, 0) };
        // a cell beyond the last, however far, has all below it
        let cells = self.cells.get(cell..).unwrap_or(&[]);
        let [begin, end, ..] = cells else { return (self.len(), self.len()) };
        let begin = *begin as usize;
        let within = self.steps.get(begin..*end as usize).unwrap_or(&[]);
        let below = within.partition_point(|step| *step < number);
        let same = match within.get(below..).unwrap_or(&[]) {
            // texts that begin alike
            rest @ [one, other, ..] if *one == number && *other == number => {
                rest.partition_point(|step| *step == number)
            }
            [one, ..] => usize::from(*one == number),
            [] => 0,
        };
        (begin + below, begin + below + same)
    }
}

/// A whole number among numbers that order as whole ones do.
#[inline]
pub fn of_whole(n: i64) -> u64 {
    n.cast_unsigned() ^ (1 << 63)
}

/// A decimal number among numbers that order as decimal ones do.
#[inline]
pub fn of_decimal(n: f64) -> u64 {
    let bits = n.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0..40_u64, (0..4_u64).prop_map(|n| u64::MAX - n), any::<u64>(), (0..30_u64).prop_map(|n| 1 << n)]
    }

    proptest! {
        #[test]
        fn it_says_what_a_search_says(
            mut steps in proptest::collection::vec(number(), 0..60),
            asked in proptest::collection::vec(number(), 0..60),
        ) {
            steps.sort_unstable();
            let ladder = Ladder::new(steps.clone());
            for number in asked.into_iter().chain(steps.clone()) {
                let expected = (steps.partition_point(|s| *s < number), steps.partition_point(|s| *s <= number));
                prop_assert_eq!(ladder.places(number), expected, "{} in {:?}", number, steps);
            }
        }

        #[test]
        fn order_stays(a in any::<i64>(), b in any::<i64>(), x in any::<f64>(), y in any::<f64>()) {
            prop_assert_eq!(of_whole(a).cmp(&of_whole(b)), a.cmp(&b));
            prop_assert_eq!(of_decimal(x).cmp(&of_decimal(y)), x.total_cmp(&y));
        }
    }
}
