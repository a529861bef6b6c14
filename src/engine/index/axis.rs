//! The values of one feature, parted into classes that no condition of the pack tells apart.

use std::collections::BTreeSet;

use hashbrown::HashTable;

use crate::pack::expr::Comparison;
use crate::record::fingerprint::text_hash;
use crate::record::slot::Slot;
use crate::record::value::nanoseconds;

use super::classes::Classes;
use super::ladder::{Ladder, of_decimal, of_whole};
use super::texts::Texts;

/// The class of what is not stated.
pub const MISSING: u32 = 0;
/// The class of a text that no condition names.
const OTHER: u32 = 1;

/// A constant that a feature is held against.
#[derive(Clone, Debug, PartialEq)]
pub enum Point {
    /// Yes or no.
    Flag(bool),
    /// A whole number, or an instant in nanoseconds.
    Whole(i64),
    /// A decimal number.
    Decimal(f64),
    /// A text.
    Text(Box<str>),
}

/// What a condition asks of one feature: the classes in which it can hold, and those in which it surely does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// Where it can hold.
    pub may: Classes,
    /// Where it holds whatever the value in the class.
    pub must: Classes,
}

/// The classes of one feature. Class 0 is what is not stated.
///
/// On an ordered axis with the points `p0 < p1 < ...` the classes are: below `p0`, `p0`, between `p0` and `p1`, `p1`, ...
#[derive(Clone, Debug)]
pub enum Axis {
    /// No and yes.
    Flags,
    /// Places in a table of the pack, such as phases.
    Places(u32),
    /// Texts that are only told apart.
    Words(HashTable<Word>),
    /// Texts in order.
    Texts(Texts),
    /// Whole numbers and instants.
    Whole(Ladder),
    /// Decimal numbers, by the ends of the zones in which they may count as equal to a constant.
    Decimal {
        /// The ends.
        ends: Ladder,
        /// For each class, whether it lies in such a zone.
        zones: Vec<bool>,
    },
}

/// A text with its hash and its class.
#[derive(Clone, Debug)]
pub struct Word {
    hash: u64,
    text: Box<str>,
    class: u32,
}

impl Axis {
    /// For texts that are only told apart.
    pub fn words(points: impl IntoIterator<Item = Box<str>>) -> Self {
        let sorted: BTreeSet<Box<str>> = points.into_iter().collect();
        let mut words = HashTable::with_capacity(sorted.len());
        for (text, class) in sorted.into_iter().zip(OTHER + 1..) {
            let hash = text_hash(&text);
            words.insert_unique(hash, Word { hash, text, class }, |word| word.hash);
        }
        Axis::Words(words)
    }

    /// For texts in order; a prefix `p` needs the points `p` and [`after_prefix`] of it.
    pub fn texts(points: impl IntoIterator<Item = Box<[u8]>>) -> Self {
        Axis::Texts(Texts::new(points))
    }

    /// For whole numbers.
    pub fn whole(points: impl IntoIterator<Item = i64>) -> Self {
        let sorted: BTreeSet<i64> = points.into_iter().collect();
        Axis::Whole(Ladder::new(sorted.into_iter().map(of_whole).collect()))
    }

    /// For decimal numbers.
    pub fn decimal(points: impl IntoIterator<Item = f64>) -> Self {
        let points: Vec<f64> = points.into_iter().map(|point| point + 0.0).collect();
        let ends = points.iter().flat_map(|point| [zone(*point).0, *point, zone(*point).1]);
        let mut ends: Vec<u64> = ends.map(|end| of_decimal(end + 0.0)).collect();
        ends.sort_unstable();
        ends.dedup();
        let ends = Ladder::new(ends);
        let mut zones = vec![false; 2 * ends.len() + 2];
        for point in points {
            let class = |end: f64| decimal(&ends, end) as usize;
            let (first, last) = (class(zone(point).0), class(zone(point).1));
            let around = zones.iter_mut().enumerate().take(last + 1).skip(first);
            around.filter(|(place, _)| *place != class(point)).for_each(|(_, is_zone)| *is_zone = true);
        }
        Axis::Decimal { ends, zones }
    }

    /// How many classes there are.
    pub fn count(&self) -> u32 {
        let ordered = |points: usize| as_class(2 * points + 2);
        match self {
            Axis::Flags => 3,
            Axis::Places(count) => count + 1,
            Axis::Words(words) => OTHER + 1 + as_class(words.len()),
            Axis::Texts(texts) => ordered(texts.len()),
            Axis::Whole(points) => ordered(points.len()),
            Axis::Decimal { ends, .. } => ordered(ends.len()),
        }
    }

    /// The class of a value; what is of another type is in none that a condition names.
    #[inline(always)]
    pub fn class(&self, slot: Slot<'_>, hash: Option<u64>) -> u32 {
        match (self, slot) {
            (_, Slot::Missing) => MISSING,
            (Axis::Flags, Slot::Bool(yes)) => flag(yes),
            (Axis::Words(words), Slot::Text(text)) => word(words, text, hash).unwrap_or(OTHER),
            (Axis::Texts(texts), Slot::Text(text)) => among_texts(texts, text.as_bytes()),
            (Axis::Whole(points), Slot::Int(n)) => whole(points, n),
            (Axis::Whole(points), Slot::Time(time)) => whole(points, nanoseconds(time)),
            (Axis::Decimal { ends, .. }, Slot::Number(n)) => decimal(ends, n),
            #[expect(clippy::cast_precision_loss, reason = "as the rule language compares whole and decimal numbers")]
            (Axis::Decimal { ends, .. }, Slot::Int(n)) => decimal(ends, n as f64),
            // it is stated, and no condition asks for more
            _ => OTHER,
        }
    }

    /// The class of a place.
    pub fn place(place: usize) -> u32 {
        as_class(place + 1)
    }

    /// Where a value compares so with a bound that lies from `low` to `high`; `None` where they cannot be compared here.
    pub fn compare(&self, comparison: Comparison, low: &Point, high: &Point) -> Option<Holds> {
        let (zone, same) = match (self, low, high) {
            (Axis::Words(words), Point::Text(low), Point::Text(high)) if low == high => {
                return self.told_apart(comparison, word(words, low, None)?);
            }
            (Axis::Flags, Point::Flag(low), Point::Flag(high)) if low == high => point(flag(*low)),
            (Axis::Texts(texts), Point::Text(low), Point::Text(high)) if low == high => {
                point(among_texts(texts, low.as_bytes()))
            }
            (Axis::Whole(points), Point::Whole(low), Point::Whole(high)) => {
                let class = |bound: &i64| whole(points, *bound);
                between(class(low), class(high), (low == high).then(|| class(low)))
            }
            (Axis::Decimal { ends, .. }, low, high) => {
                let (low, high) = (low.decimal()?, high.decimal()?);
                let same = low.total_cmp(&high).is_eq().then(|| decimal(ends, low));
                between(decimal(ends, zone(low).0), decimal(ends, zone(high).1), same)
            }
            _ => return None,
        };
        let (first, last) = *zone.intervals().first()?;
        let below = Classes::between(MISSING + 1, first - 1);
        let above = Classes::between(last + 1, self.count() - 1);
        let perhaps = zone.and(&same.complement(self.count()));
        Some(in_order(comparison, &below, &same, &perhaps, &above))
    }

    /// Where a text begins with another.
    pub fn starts_with(&self, prefix: &str) -> Option<Holds> {
        let Axis::Texts(texts) = self else { return None };
        let class = |text: &[u8]| among_texts(texts, text);
        let last = after_prefix(prefix).map_or(self.count() - 1, |after| class(&after) - 1);
        let within = Classes::between(class(prefix.as_bytes()), last);
        Some(Holds { may: within.clone(), must: within })
    }

    fn told_apart(&self, comparison: Comparison, class: u32) -> Option<Holds> {
        let same = Classes::one(class);
        let classes = match comparison {
            Comparison::Equal => same,
            Comparison::NotEqual => self.stated().and(&same.complement(self.count())),
            _ => return None,
        };
        Some(Holds { may: classes.clone(), must: classes })
    }

    /// Every class but that of what is not stated.
    pub fn stated(&self) -> Classes {
        Classes::between(MISSING + 1, self.count() - 1)
    }

    /// Whether some classes are those of constants alone, so that how often rules name them tells how common they are.
    pub fn are_named(&self, classes: &Classes) -> bool {
        match self {
            Axis::Words(_) => !classes.contains(OTHER) && !classes.contains(MISSING),
            Axis::Texts(_) | Axis::Places(_) => !classes.contains(MISSING),
            _ => false,
        }
    }

    /// Whether a value in a class may count as equal to a constant without being so.
    #[inline]
    pub fn is_zone(&self, class: u32) -> bool {
        match self {
            Axis::Decimal { zones, .. } => zones.get(class as usize).copied().unwrap_or(false),
            _ => false,
        }
    }
}

impl Point {
    /// As a decimal number, where it is a number.
    #[expect(clippy::cast_precision_loss, reason = "as the rule language compares whole and decimal numbers")]
    pub fn decimal(&self) -> Option<f64> {
        match self {
            Point::Whole(n) => Some(*n as f64),
            Point::Decimal(n) => Some(*n),
            _ => None,
        }
    }
}

/// The first text after all that begin with a prefix, as bytes; none where there is no such text.
pub fn after_prefix(prefix: &str) -> Option<Box<[u8]>> {
    let mut bytes = prefix.as_bytes().to_vec();
    let last = bytes.last_mut()?;
    // no byte of UTF-8 is the greatest one
    *last += 1;
    Some(bytes.into())
}

/// Where decimal numbers may count as equal to one, see [`crate::engine::eval::compare`]; wider does no harm.
fn zone(n: f64) -> (f64, f64) {
    let reach = 4.0 * f64::EPSILON * n.abs().max(1.0);
    (n - reach, n + reach)
}

/// The zone of a bound that is one class.
fn point(class: u32) -> (Classes, Classes) {
    between(class, class, Some(class))
}

/// The classes in which a value may equal a bound, and the one in which it surely does.
fn between(first: u32, last: u32, same: Option<u32>) -> (Classes, Classes) {
    (Classes::between(first, last), same.map_or_else(Classes::none, Classes::one))
}

/// Where a comparison with a bound holds, by the classes below it, of it, where a value may equal it, and above it.
fn in_order(comparison: Comparison, below: &Classes, same: &Classes, perhaps: &Classes, above: &Classes) -> Holds {
    let may = |surely: &Classes| surely.or(perhaps);
    let must = match comparison {
        Comparison::Equal => same.clone(),
        Comparison::NotEqual => below.or(above),
        Comparison::Less => below.clone(),
        Comparison::LessOrEqual => below.or(same),
        Comparison::Greater => above.clone(),
        Comparison::GreaterOrEqual => above.or(same),
    };
    Holds { may: may(&must), must }
}

fn flag(yes: bool) -> u32 {
    if yes { 2 } else { 1 }
}

/// The class on an ordered axis, by how many points lie below a value and how many do or equal it.
#[inline]
fn ordered((below, up_to): (usize, usize)) -> u32 {
    as_class(2 * below + 1 + usize::from(up_to > below))
}

#[inline]
fn whole(points: &Ladder, n: i64) -> u32 {
    ordered(points.places(of_whole(n)))
}

#[inline]
fn decimal(ends: &Ladder, n: f64) -> u32 {
    // the two zeroes are one number
    ordered(ends.places(of_decimal(n + 0.0)))
}

#[inline]
fn among_texts(texts: &Texts, text: &[u8]) -> u32 {
    ordered(texts.places(text))
}

/// The class of a text that some condition names.
#[inline]
fn word(words: &HashTable<Word>, text: &str, hash: Option<u64>) -> Option<u32> {
    let hash = hash.unwrap_or_else(|| text_hash(text));
    words.find(hash, |word| word.hash == hash && *word.text == *text).map(|word| word.class)
}

fn as_class(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
