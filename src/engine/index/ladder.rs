//! Where a number lies among rising ones: its cell in an even grid tells nearly all, and few are left to search.

use std::ops::{Shr, Sub};

/// Cells for each number: about one cell in two is empty then, and hardly one has many.
const CELLS_EACH: usize = 2;

/// A number that can stand on a ladder.
pub trait Step: Copy + Ord + Default + Sub<Output = Self> + Shr<u32, Output = Self> + TryInto<usize> {}
impl Step for u64 {}
impl Step for u128 {}

/// In which cell a number lies, where these are two to the power of `shift` wide and begin at `first`; `None` below that.
#[inline]
fn cell<T: Step>(number: T, first: T, shift: u32) -> Option<usize> {
    // one that is far beyond all cells is in the last that can be
    (number >= first).then(|| ((number - first) >> shift).try_into().unwrap_or(usize::MAX))
}

/// Rising numbers, some of them perhaps equal.
#[derive(Clone, Debug, Default)]
pub struct Ladder<T> {
    steps: Vec<T>,
    /// The least of them.
    first: T,
    /// A cell is two to the power of this wide.
    shift: u32,
    /// How many steps lie before each cell, and behind the last.
    cells: Vec<u32>,
}

impl<T: Step> Ladder<T> {
    /// Over rising numbers.
    pub fn new(steps: Vec<T>) -> Self {
        let (Some(first), Some(last)) = (steps.first().copied(), steps.last().copied()) else {
            return Ladder::default();
        };
        let most = CELLS_EACH * steps.len();
        let cell = |step: T, shift| cell(step, first, shift).unwrap_or_default();
        let widest = u8::BITS * size_of::<T>() as u32 - 1;
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
    pub fn places(&self, number: T) -> (usize, usize) {
        let Some(cell) = cell(number, self.first, self.shift) else { return (0, 0) };
        // a cell beyond the last, however far, has all below it
        let cells = self.cells.get(cell..).unwrap_or(&[]);
        let [begin, end, ..] = cells else { return (self.len(), self.len()) };
        let begin = *begin as usize;
        let within = self.steps.get(begin..*end as usize).unwrap_or(&[]);
        let below = within.partition_point(|step| *step < number);
        let same = within.iter().skip(below).take_while(|step| **step == number).count();
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

/// So many bytes of a text tell it from others.
pub const HEAD: usize = size_of::<u128>();

/// The first bytes of a text among numbers that order as texts do, where these bytes tell.
#[inline]
pub fn of_text(text: &[u8]) -> u128 {
    if let Some(head) = text.first_chunk() {
        return u128::from_be_bytes(*head);
    }
    // read at once: the last bytes overlap the first, and what stands there already is shifted away
    let missing = 8 * (HEAD - text.len()) as u32;
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let rest = u128::from(u64::from_be_bytes(*last)) << missing & u128::from(u64::MAX);
        return u128::from(u64::from_be_bytes(*first)) << 64 | rest;
    }
    text.iter().rev().fold(0, |number, byte| number >> 8 | u128::from(*byte) << 120)
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
            let wide = |number: &u64| u128::from(*number) << 61 | u128::from(*number);
            let ladder = Ladder::new(steps.clone());
            let wide_ladder = Ladder::new(steps.iter().map(wide).collect());
            for number in asked.into_iter().chain(steps.clone()) {
                let expected = (steps.partition_point(|s| *s < number), steps.partition_point(|s| *s <= number));
                prop_assert_eq!(ladder.places(number), expected, "{} in {:?}", number, steps);
                prop_assert_eq!(wide_ladder.places(wide(&number)), expected, "{} in {:?}", number, steps);
            }
        }

        #[test]
        fn order_stays(a in any::<i64>(), b in any::<i64>(), x in any::<f64>(), y in any::<f64>(), s in "[ab\0]{0,20}", t in ".{0,20}") {
            prop_assert_eq!(of_whole(a).cmp(&of_whole(b)), a.cmp(&b));
            prop_assert_eq!(of_decimal(x).cmp(&of_decimal(y)), x.total_cmp(&y));
            let (head_s, head_t) = (of_text(s.as_bytes()), of_text(t.as_bytes()));
            prop_assert!(head_s == head_t || head_s.cmp(&head_t) == s.cmp(&t));
            prop_assert!(head_s != head_t || s.len() > HEAD || t.len() > HEAD || s.trim_end_matches('\0') == t.trim_end_matches('\0'));
        }
    }
}
