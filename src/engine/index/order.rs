//! Numbers put in order by where they stand, which costs less than to compare them.

const BITS: usize = u64::BITS as usize;

/// Numbers that were put in, each at most once.
#[derive(Debug, Default)]
pub struct Order {
    /// A bit for each number.
    words: Vec<u64>,
    /// A bit for each word in which there is some.
    used: Vec<u64>,
}

impl Order {
    /// Puts a number in.
    #[inline]
    pub fn put(&mut self, number: usize) {
        let word = number / BITS;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
            self.used.resize(word / BITS + 1, 0);
        }
        if let (Some(bits), Some(used)) = (self.words.get_mut(word), self.used.get_mut(word / BITS)) {
            *bits |= 1 << (number % BITS);
            *used |= 1 << (word % BITS);
        }
    }

    /// Takes all numbers out, rising.
    #[inline]
    pub fn take(&mut self, mut take: impl FnMut(usize)) {
        for (group, used) in self.used.iter_mut().enumerate() {
            for word in bits(std::mem::take(used)) {
                let word = group * BITS + word;
                let set = self.words.get_mut(word).map(std::mem::take).unwrap_or_default();
                bits(set).for_each(|bit| take(word * BITS + bit));
            }
        }
    }
}

/// The places of the bits that are set, rising.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            bit
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_that_was_put_in_comes_out_rising_and_once(
            rounds in proptest::collection::vec(proptest::collection::btree_set(0_usize..9000, 0..50), 0..4),
        ) {
            let mut order = Order::default();
            for numbers in rounds {
                numbers.iter().rev().for_each(|number| order.put(*number));
                let mut taken = Vec::new();
                order.take(|number| taken.push(number));
                prop_assert!(taken.is_sorted());
                prop_assert_eq!(taken.into_iter().collect::<BTreeSet<usize>>(), numbers);
            }
        }
    }
}
