//! What a record states, side by side in memory: a record is read where it lies, and most are never read again.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::schema::FieldId;
use super::slot::Slot;

/// Fields with their values.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// In the schema's order: the same list for all records that state the same.
    fields: Arc<[FieldId]>,
    /// The value of each.
    values: Box<[Packed]>,
    /// The texts among the values, one behind the other.
    texts: Box<str>,
}

/// A value, or where its text stands.
#[derive(Clone, Copy, Debug)]
enum Packed {
    Bool(bool),
    Int(i64),
    Number(f64),
    Time(DateTime<Utc>),
    Text { start: u32, end: u32 },
}

/// Room in which the values of a record are gathered, for one after another.
#[derive(Debug, Default)]
pub struct Gather {
    fields: Vec<FieldId>,
    values: Vec<Packed>,
    texts: String,
}

impl Stated {
    /// Of fields in the schema's order; what is missing is left out.
    pub fn of<'a>(fields: impl IntoIterator<Item = (FieldId, Slot<'a>)>) -> Self {
        Gather::default().stated(fields, |fields| Arc::from(fields))
    }

    /// The value of a field.
    #[inline]
    pub fn slot(&self, field: FieldId) -> Slot<'_> {
        let place = self.fields.binary_search(&field).ok();
        place.and_then(|place| self.values.get(place)).map_or(Slot::Missing, |packed| self.unpacked(*packed))
    }

    /// Every field with its value, in the schema's order.
    pub fn iter(&self) -> impl Iterator<Item = (FieldId, Slot<'_>)> {
        self.fields.iter().copied().zip(self.values.iter().map(|packed| self.unpacked(*packed)))
    }

    #[inline]
    fn unpacked(&self, packed: Packed) -> Slot<'_> {
        match packed {
            Packed::Bool(value) => Slot::Bool(value),
            Packed::Int(n) => Slot::Int(n),
            Packed::Number(n) => Slot::Number(n),
            Packed::Time(time) => Slot::Time(time),
            Packed::Text { start, end } => Slot::Text(self.texts.get(start as usize..end as usize).unwrap_or_default()),
        }
    }
}

impl Gather {
    /// What fields in the schema's order state; `share` gives the list of those that are stated.
    pub fn stated<'a>(
        &mut self,
        fields: impl IntoIterator<Item = (FieldId, Slot<'a>)>,
        share: impl FnOnce(&[FieldId]) -> Arc<[FieldId]>,
    ) -> Stated {
        self.fields.clear();
        self.values.clear();
        self.texts.clear();
        for (field, slot) in fields {
            let packed = match slot {
                // no record states a span
                Slot::Missing | Slot::Span(_) | Slot::WorkingDays(_) => continue,
                Slot::Bool(value) => Packed::Bool(value),
                Slot::Int(n) => Packed::Int(n),
                Slot::Number(n) => Packed::Number(n),
                Slot::Time(time) => Packed::Time(time),
                Slot::Text(text) => {
                    // no record has texts of gigabytes
                    let start = self.texts.len() as u32;
                    self.texts.push_str(text);
                    Packed::Text { start, end: self.texts.len() as u32 }
                }
            };
            self.fields.push(field);
            self.values.push(packed);
        }
        Stated { fields: share(&self.fields), values: self.values.as_slice().into(), texts: self.texts.as_str().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let time = DateTime::UNIX_EPOCH;
        let slots = [
            (0, Slot::Text("Hotel Contoh")),
            (1, Slot::Missing),
            (3, Slot::Bool(true)),
            (4, Slot::Text("")),
            (5, Slot::Int(-7)),
            (6, Slot::Number(0.5)),
            (8, Slot::Time(time)),
            (9, Slot::Text("Blok é")),
        ];
        let mut room = Gather::default();
        // what an earlier record left in the room is not seen
        room.stated([(FieldId(2), Slot::Text("lain"))], |fields| Arc::from(fields));
        let stated = room.stated(slots.map(|(field, slot)| (FieldId(field), slot)), |fields| Arc::from(fields));
        let all = |field: u16| slots.iter().find(|(known, _)| *known == field).map_or(Slot::Missing, |(_, slot)| *slot);
        for field in 0..12 {
            assert_eq!(stated.slot(FieldId(field)), all(field), "{field}");
        }
        let listed: Vec<(u16, Slot<'_>)> = stated.iter().map(|(field, slot)| (field.0, slot)).collect();
        let expected: Vec<(u16, Slot<'_>)> = slots.into_iter().filter(|(_, slot)| !slot.is_missing()).collect();
        assert_eq!(listed, expected);
    }
}
