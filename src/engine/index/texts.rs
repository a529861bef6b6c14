//! Where a text lies among others, in the order of their bytes.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::ladder::Ladder;

/// So many bytes of a text tell it from most others, once what all begin with is left out.
const HEAD: usize = size_of::<u64>();

/// Texts in order.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// What all begin with.
    prefix: Box<[u8]>,
    /// Where the first bytes behind that lie among each other.
    heads: Ladder,
    /// All bytes behind that.
    rests: Vec<Box<[u8]>>,
}

impl Texts {
    /// Of these, in any order.
    pub fn new(texts: impl IntoIterator<Item = Box<[u8]>>) -> Self {
        let sorted: BTreeSet<Box<[u8]>> = texts.into_iter().collect();
        let ends = sorted.first().zip(sorted.last());
        let common = ends.map_or(0, |(first, last)| first.iter().zip(last).take_while(|(a, b)| a == b).count());
        let parted = || sorted.iter().filter_map(|text| text.split_at_checked(common));
        Texts {
            prefix: parted().next().map(|(prefix, _)| prefix.into()).unwrap_or_default(),
            heads: Ladder::new(parted().map(|(_, rest)| head(rest)).collect()),
            rests: parted().map(|(_, rest)| rest.into()).collect(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rests.len()
    }

    /// How many come before a text, and how many come before it or are the same.
    #[inline]
    pub fn places(&self, text: &[u8]) -> (usize, usize) {
        let Some(rest) = text.strip_prefix(&*self.prefix) else {
            let place = if *text < *self.prefix { 0 } else { self.len() };
            return (place, place);
        };
        let (begin, end) = self.heads.places(head(rest));
        // those that begin as it does
        let alike = self.rests.get(begin..end).unwrap_or(&[]);
        let below = begin + alike.partition_point(|other| compare_alike(other, rest).is_lt());
        let is_same = below < end && self.rests.get(below).is_some_and(|other| compare_alike(other, rest).is_eq());
        (below, below + usize::from(is_same))
    }
}

/// The first bytes of a text as a number that orders as texts do, where these bytes tell.
#[inline]
fn head(text: &[u8]) -> u64 {
    if let Some(head) = text.first_chunk() {
        return u64::from_be_bytes(*head);
    }
    // read at once: the last bytes overlap the first, and what stands there already is shifted away
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let missing = 8 * (HEAD - text.len()) as u32;
        let rest = u64::from(u32::from_be_bytes(*last)) << missing & u64::from(u32::MAX);
        return u64::from(u32::from_be_bytes(*first)) << 32 | rest;
    }
    text.iter().rev().fold(0, |number, byte| number >> 8 | u64::from(*byte) << 56)
}

/// How two texts with the same head compare; of short ones that are not equal, one is the other and zeros.
#[inline]
fn compare_alike(one: &[u8], other: &[u8]) -> Ordering {
    if one.len() <= HEAD && other.len() <= HEAD { one.len().cmp(&other.len()) } else { one.cmp(other) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn heads_order_as_texts_do(s in "[ab\0]{0,12}", t in ".{0,12}") {
            let (head_s, head_t) = (head(s.as_bytes()), head(t.as_bytes()));
            prop_assert!(head_s == head_t || head_s.cmp(&head_t) == s.cmp(&t));
            prop_assert!(head_s != head_t || s.len() > HEAD || t.len() > HEAD || s.trim_end_matches('\0') == t.trim_end_matches('\0'));
        }

        #[test]
        fn places_are_those_of_a_search(
            prefix in "[ab]{0,3}",
            texts in proptest::collection::btree_set("[ab\0]{0,4}|[ab]{7,11}|hotel-co[ab]{0,4}", 0..40),
            asked in proptest::collection::vec("[abc\0]{0,12}|hotel-c[op][abc]{0,5}", 0..40),
        ) {
            let texts: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
            let all = Texts::new(texts.iter().map(|text| text.as_bytes().into()));
            let beside = asked.iter().map(|text| format!("{prefix}{text}"));
            for text in beside.chain(asked.iter().cloned()).chain(texts.clone()) {
                let expected = (texts.partition_point(|t| *t < text), texts.partition_point(|t| *t <= text));
                prop_assert_eq!(all.places(text.as_bytes()), expected, "{:?} in {:?}", text, texts);
            }
        }
    }
}
