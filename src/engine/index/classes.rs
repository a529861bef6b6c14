//! Sets of an axis's classes, as rising intervals.

/// Classes of one axis: intervals with both ends in them, rising, neither touching nor overlapping.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Classes(Vec<(u32, u32)>);

impl Classes {
    /// No class.
    pub fn none() -> Self {
        Classes(Vec::new())
    }

    /// The classes from one to another, both included; none where the first lies after the last.
    pub fn between(first: u32, last: u32) -> Self {
        Classes(if first <= last { vec![(first, last)] } else { Vec::new() })
    }

    /// One class.
    pub fn one(class: u32) -> Self {
        Classes::between(class, class)
    }

    /// The intervals.
    pub fn intervals(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Whether a class is in it.
    pub fn contains(&self, class: u32) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&class))
    }

    /// How many classes are in it.
    pub fn len(&self) -> u32 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Every class in it.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// What is in either.
    pub fn or(&self, other: &Classes) -> Classes {
        let mut all: Vec<(u32, u32)> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        Classes(joined)
    }

    /// What is in both.
    pub fn and(&self, other: &Classes) -> Classes {
        let overlap = |a: &(u32, u32), b: &(u32, u32)| (a.0.max(b.0), a.1.min(b.1));
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(move |b| overlap(a, b)));
        let mut both: Vec<(u32, u32)> = pairs.filter(|(first, last)| first <= last).collect();
        both.sort_unstable();
        Classes(both)
    }

    /// What is not in it, of `count` classes.
    pub fn complement(&self, count: u32) -> Classes {
        let mut rest = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0;
        for (first, last) in &self.0 {
            if next < *first {
                rest.push((next, first - 1));
            }
            next = last + 1;
        }
        if next < count {
            rest.push((next, count - 1));
        }
        Classes(rest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COUNT: u32 = 24;

    fn classes() -> impl Strategy<Value = Classes> {
        proptest::collection::vec((0..COUNT, 0..COUNT), 0..6).prop_map(|pairs| {
            pairs.into_iter().fold(Classes::none(), |all, (first, last)| all.or(&Classes::between(first, last)))
        })
    }

    proptest! {
        #[test]
        fn they_are_sets(a in classes(), b in classes(), class in 0..COUNT) {
            let (in_a, in_b) = (a.contains(class), b.contains(class));
            prop_assert_eq!(a.or(&b).contains(class), in_a || in_b);
            prop_assert_eq!(a.and(&b).contains(class), in_a && in_b);
            prop_assert_eq!(a.complement(COUNT).contains(class), !in_a);
            prop_assert_eq!(a.iter().count(), a.len() as usize);
        }
    }
}
