//! What is seen of a conjunct before it is asked class by class: at a glance, and at a second look.

use super::classes::Classes;

/// The features that can be seen.
const SEEN_FEATURES: usize = 256;
/// The marks that a look tells apart within a set.
const MASK_BITS: u16 = 16;
/// The bands of neighbouring classes that a glance tells apart.
const BANDS: u8 = 64;

/// How many bits of a feature's classes are not seen.
#[derive(Clone, Copy, Debug)]
pub struct Grain {
    /// At a glance.
    glance: u8,
    /// At a second look; mostly none.
    look: u8,
}

/// What of a conjunct is seen at a glance: in which bands of the feature's classes it can hold.
#[derive(Clone, Copy, Debug)]
pub struct Glance {
    feature: u8,
    /// A bit for each band.
    bands: u64,
}

/// What is seen of each entry at a glance.
#[derive(Clone, Debug, Default)]
pub struct Glances {
    features: Vec<u8>,
    bands: Vec<u64>,
}

/// What of a conjunct is seen at a second look: from which mark on it can hold, over how many more, and in which of these, by
/// their remainders. Without a gap, so that all that is seen of an entry lies in it.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed)]
pub struct Look {
    feature: u8,
    first: u16,
    more: u16,
    mask: u16,
}

/// The classes of a record's features as they are seen.
#[derive(Debug)]
pub struct Marks {
    /// At a glance.
    glance: [u8; SEEN_FEATURES],
    /// At a second look.
    look: [u16; SEEN_FEATURES],
}

impl Default for Marks {
    fn default() -> Self {
        Marks { glance: [0; SEEN_FEATURES], look: [0; SEEN_FEATURES] }
    }
}

impl Grain {
    /// How coarsely so many classes are seen.
    pub fn of(count: u32) -> Self {
        let bits = u32::BITS - count.saturating_sub(1).leading_zeros();
        let beyond = |seen: u32| u8::try_from(bits.saturating_sub(seen)).unwrap_or(u8::MAX);
        Grain { glance: beyond(BANDS.ilog2()), look: beyond(u16::BITS) }
    }

    #[inline]
    fn at_a_glance(self, class: u32) -> u8 {
        (class >> self.glance) as u8 % BANDS
    }

    #[inline]
    fn at_a_look(self, class: u32) -> u16 {
        u16::try_from(class >> self.look).unwrap_or(u16::MAX)
    }
}

impl Marks {
    /// Notes the class in which a record's feature lies.
    #[inline]
    pub fn note(&mut self, feature: usize, grain: Grain, class: u32) {
        if let (Some(glance), Some(look)) = (self.glance.get_mut(feature), self.look.get_mut(feature)) {
            (*glance, *look) = (grain.at_a_glance(class), grain.at_a_look(class));
        }
    }
}

impl Glance {
    /// Nothing is seen.
    pub const ALWAYS: Glance = Glance { feature: 0, bands: u64::MAX };

    /// At a conjunct that can hold in some classes.
    pub fn new(feature: u8, grain: Grain, may: &Classes) -> Self {
        let bit = |class: u32| grain.at_a_glance(class);
        let between = |(first, last): &(u32, u32)| (bit(*first)..=bit(*last)).fold(0, |bits, bit| bits | 1 << bit);
        Glance { feature, bands: may.intervals().iter().fold(0, |bits, interval| bits | between(interval)) }
    }
}

impl Glances {
    /// The glance at one more entry.
    pub fn push(&mut self, Glance { feature, bands }: Glance) {
        self.features.push(feature);
        self.bands.push(bands);
    }

    /// The feature that is glanced at for the entry at a place.
    pub fn feature(&self, place: u32) -> Option<u16> {
        self.features.get(place as usize).copied().map(u16::from)
    }

    /// Where the conjunct can hold that is glanced at for the entry at a place.
    pub fn bands(&self, place: u32) -> Option<&u64> {
        self.bands.get(place as usize)
    }

    /// Notes which entries from one to another are not passed over, behind the `count` that are noted.
    #[inline(never)] // within a larger function the loop has too few registers
    pub fn at(&self, begin: u32, end: u32, marks: &Marks, passed: &mut [u32], mut count: usize) -> usize {
        let range = begin as usize..end as usize;
        let features = self.features.get(range.clone()).unwrap_or(&[]);
        let bands = self.bands.get(range).unwrap_or(&[]);
        // without a branch on the outcome, which nobody could predict
        for (place, (feature, bands)) in (begin..).zip(features.iter().zip(bands)) {
            if let Some(next) = passed.get_mut(count) {
                *next = place;
            }
            let mark = marks.glance.get(usize::from(*feature)).copied().unwrap_or_default();
            count += usize::from(bands >> (mark % BANDS) & 1 == 1);
        }
        count
    }
}

impl Look {
    /// Nothing is seen.
    pub const ALWAYS: Look = Look { feature: 0, first: 0, more: u16::MAX, mask: u16::MAX };

    /// At a conjunct that can hold in some classes, and whether that decides it.
    pub fn new(feature: u8, grain: Grain, may: &Classes) -> (Self, bool) {
        let mark = |class: u32| grain.at_a_look(class);
        let (first, last, mask) = match may.intervals() {
            // it never holds
            [] => (0, u16::MAX, 0),
            [(first, last)] => (mark(*first), mark(*last), u16::MAX),
            [(first, _), .., (_, last)] => {
                let mask = may.iter().fold(0, |mask, class| mask | 1 << (mark(class) % MASK_BITS));
                (mark(*first), mark(*last), mask)
            }
        };
        let more = last - first;
        let is_decided = grain.look == 0 && (may.intervals().len() < 2 || more < MASK_BITS);
        (Look { feature, first, more, mask }, is_decided)
    }

    /// Where the conjunct begins to hold: those that begin alike hold alike, mostly.
    pub fn begin(self) -> (u8, u16) {
        (self.feature, self.first)
    }

    /// Whether the conjunct can hold.
    #[inline]
    pub fn may_hold(self, marks: &Marks) -> bool {
        let mark = marks.look.get(usize::from(self.feature)).copied().unwrap_or_default();
        (mark.wrapping_sub(self.first) <= self.more) & (self.mask >> (mark % MASK_BITS) & 1 == 1)
    }
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The classes of some parts of an axis, or all others.
    pub fn some_classes(count: u32, parts: &[(f64, u32)], is_complement: bool) -> Classes {
        let class = |part: f64| (part * f64::from(count)) as u32;
        let between = |(part, more): &(f64, u32)| Classes::between(class(*part), (class(*part) + more).min(count - 1));
        let some = parts.iter().map(between).fold(Classes::none(), |all, some| all.or(&some));
        if is_complement { some.complement(count) } else { some }
    }

    proptest! {
        #[test]
        fn a_glance_and_a_look_pass_over_nothing_that_holds(
            count in prop_oneof![Just(24_u32), Just(1 << 16), Just(200_000)],
            parts in proptest::collection::vec((0.0..1.0, 0_u32..40), 0..5),
            asked in proptest::collection::vec(0.0..1.0, 0..20),
            is_complement in any::<bool>(),
        ) {
            let class = |part: f64| (part * f64::from(count)) as u32;
            let may = some_classes(count, &parts, is_complement);
            let grain = Grain::of(count);
            prop_assert!((count - 1) >> grain.look <= u32::from(u16::MAX));
            prop_assert!((count - 1) >> grain.glance < u32::from(BANDS));
            let (look, is_decided) = Look::new(7, grain, &may);
            let mut glances = Glances::default();
            glances.push(Glance::new(7, grain, &may));
            for class in asked.into_iter().map(class).chain(may.iter()) {
                let mut marks = Marks::default();
                marks.note(7, grain, class);
                let passes = look.may_hold(&marks);
                prop_assert!(passes || !may.contains(class));
                prop_assert!(!is_decided || passes == may.contains(class));
                let noted = glances.at(0, 1, &marks, &mut [0; 2], 0);
                prop_assert!(noted == 1 || !may.contains(class));
            }
        }
    }
}
