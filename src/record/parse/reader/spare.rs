//! Readers that wait for the next rows: what they learnt of the senders' ways is worth keeping.

use std::sync::{Mutex, PoisonError};

use chrono_tz::Tz;

use super::Reader;
use super::owned::Interner;
use crate::record::schema::Schema;

/// More than threads that read at once; each keeps some ten thousand bytes.
const MAX_SPARE: usize = 8;

/// The readers of a schema that nobody uses now.
#[derive(Debug, Default)]
pub struct Spare(Mutex<Vec<(Reader, Interner)>>);

/// A copy of a schema may change, so it begins without readers.
impl Clone for Spare {
    fn clone(&self) -> Self {
        Spare::default()
    }
}

impl Spare {
    fn take(&self, zone: Tz) -> Option<(Reader, Interner)> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = spare.iter().position(|(reader, _)| reader.zone == zone)?;
        Some(spare.swap_remove(index))
    }

    fn give_back(&self, pair: (Reader, Interner)) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MAX_SPARE {
            spare.push(pair);
        }
    }
}

/// Does something with a reader that has read before, where there is one.
pub fn with_reader<T>(schema: &Schema, zone: Tz, work: impl FnOnce(&mut Reader, &mut Interner) -> T) -> T {
    let spare = schema.spare_readers();
    let (mut reader, mut interner) =
        spare.take(zone).unwrap_or_else(|| (Reader::new(schema, zone), Interner::default()));
    let done = work(&mut reader, &mut interner);
    spare.give_back((reader, interner));
    done
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::{Jakarta, Jayapura};

    use super::*;
    use crate::record::schema::{Group, Type};

    #[test]
    fn readers_come_back_to_their_schema_and_zone() {
        let mut schema = Schema::default();
        let count = |schema: &Schema| schema.spare_readers().0.lock().unwrap().len();
        for zone in [Jakarta, Jakarta, Jayapura] {
            with_reader(&schema, zone, |reader, _| assert_eq!(reader.zone, zone));
        }
        assert_eq!((count(&schema), count(&schema.clone())), (2, 0));
        schema.add_field("vehicle.plate", Type::Text, Group::Work, false);
        assert_eq!(count(&schema), 0);
    }
}
