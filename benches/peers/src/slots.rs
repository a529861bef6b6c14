//! The fields of a typed record as slots, for engines that ask for them by path.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::fields::FIELDS;
use crate::rule::day_number;
use crate::typed::Record;

/// The value of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slot<'a> {
    /// Not stated.
    Missing,
    /// Text.
    Text(&'a str),
    /// A whole number; a day is one too.
    Int(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
}

/// The slots of a record, in the order of [`FIELDS`].
pub fn slots<'a>(r: &Record<'a>) -> [Slot<'a>; FIELDS.len()] {
    [
        Slot::Text(r.id),
        Slot::Text(r.source),
        Slot::Text(r.kind),
        Slot::Text(r.occurred_at),
        text(r.person.passport.number),
        text(r.person.passport.issuer),
        day(r.person.passport.expires_on),
        text(r.person.name),
        text(r.person.nationality),
        text(r.person.sex),
        day(r.person.born_on),
        text(r.place.kabupaten),
        text(r.place.kecamatan),
        text(r.place.tps),
        number(r.place.lat),
        number(r.place.lon),
        text(r.lodging.id),
        text(r.lodging.room),
        day(r.lodging.check_in),
        day(r.lodging.check_out),
        text(r.permit.kind),
        text(r.permit.index),
        text(r.permit.number),
        day(r.permit.valid_from),
        day(r.permit.valid_until),
        text(r.permit.sponsor_id),
        flag(r.permit.may_work),
        flag(r.permit.may_report),
        int(r.permit.extensions),
        text(r.crossing.checkpoint),
        text(r.crossing.carrier),
        text(r.work.employer_id),
        text(r.work.position),
        text(r.work.site),
        day(r.work.valid_until),
        text(r.activity.event_kind),
        text(r.activity.role),
        text(r.activity.agency),
        number(r.donation.amount),
        number(r.donation.foreign_share),
        text(r.stay.purpose),
        int(r.stay.people),
        int(r.stay.nights),
        int(r.stay.visits),
        flag(r.stay.escorted),
        flag(r.stay.walk_in),
    ]
}

fn text(value: Option<&str>) -> Slot<'_> {
    value.map_or(Slot::Missing, Slot::Text)
}

fn day(value: Option<&str>) -> Slot<'_> {
    value.and_then(day_number).map_or(Slot::Missing, Slot::Int)
}

fn int<'a>(value: Option<i64>) -> Slot<'a> {
    value.map_or(Slot::Missing, Slot::Int)
}

fn number<'a>(value: Option<f64>) -> Slot<'a> {
    value.map_or(Slot::Missing, Slot::Number)
}

fn flag<'a>(value: Option<bool>) -> Slot<'a> {
    value.map_or(Slot::Missing, Slot::Flag)
}

/// From a field's path to its place.
pub type Places = HashMap<&'static str, usize, BuildHasherDefault<Fnv>>;

/// The places of all fields.
pub fn places() -> Places {
    FIELDS.iter().enumerate().map(|(place, field)| (field.path, place)).collect()
}

/// FNV-1a: short keys, no attacker.
#[derive(Default)]
pub struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Type;
    use crate::record::Value;
    use crate::records;

    #[test]
    fn slots_are_the_fields() {
        for record in records::generate(5, 300) {
            let line = record.json();
            let typed: Record<'_> = serde_json::from_str(&line).unwrap();
            for ((slot, value), field) in slots(&typed).iter().zip(&record.0).zip(&FIELDS) {
                let wanted = match (value, field.ty) {
                    (None, _) => Slot::Missing,
                    (Some(Value::Text(day)), Type::Date) => Slot::Int(day_number(day).unwrap()),
                    (Some(Value::Text(text)), _) => Slot::Text(text),
                    (Some(Value::Number(number)), Type::Int) => Slot::Int(*number as i64),
                    (Some(Value::Number(number)), _) => Slot::Number(*number),
                    (Some(Value::Flag(flag)), _) => Slot::Flag(*flag),
                };
                assert_eq!(*slot, wanted, "{}", field.path);
            }
        }
    }
}
