//! Exchanging what says who people are: one to one, so that two people stay two and one stays one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value as Json;

use crate::intake::row::Row;
use crate::pack::Pack;
use crate::record::parse::passport::{country, squeezed};

/// What says who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// `person.nationality`, and the nationality in the machine readable zone.
    Nationality,
    /// `person.passport.issuer`, and the issuer in the machine readable zone.
    Issuer,
    /// `person.sex`, and the sex in the machine readable zone.
    Sex,
    /// `person.name`, and the name in the machine readable zone.
    Name,
}

impl Trait {
    /// All of them, with the word that people read and the place in a record.
    pub const ALL: [(Trait, &'static str, &'static str); 4] = [
        (Trait::Nationality, "nationality", "/person/nationality"),
        (Trait::Issuer, "passport issuer", "/person/passport/issuer"),
        (Trait::Sex, "sex", "/person/sex"),
        (Trait::Name, "name", "/person/name"),
    ];

    /// The form in which values are compared; countries are the same in a zone and beside it.
    fn form(self, value: &str) -> String {
        match self {
            Trait::Nationality | Trait::Issuer => country(value).unwrap_or_else(|| value.to_owned()),
            Trait::Sex | Trait::Name => value.trim_end_matches('<').to_owned(),
        }
    }

    /// Whether a zone writes it in words of its own: names without accents, sexes with a sign for none.
    fn has_own_words_in_zones(self) -> bool {
        matches!(self, Trait::Sex | Trait::Name)
    }

    /// A value that stands in where all records state the same.
    fn stand_in(self, stated: &str) -> &'static str {
        let (one, other) = match self {
            Trait::Nationality | Trait::Issuer => ("UTO", "XXA"),
            Trait::Sex => ("F", "M"),
            Trait::Name => ("CONTOH SATU", "CONTOH DUA"),
        };
        if stated == one { other } else { one }
    }

    /// Where a machine readable zone of so many characters has it: nothing of it is under a check digit.
    fn in_zone(self, length: usize) -> Option<Range<usize>> {
        // ICAO 9303, parts 5 to 7: three lines of 30, two of 44, two of 36
        Some(match (self, length) {
            (Trait::Issuer, 72 | 88 | 90) => 2..5,
            (Trait::Name, 90) => 60..90,
            (Trait::Name, 88) => 5..44,
            (Trait::Name, 72) => 5..36,
            (Trait::Nationality, 90) => 45..48,
            (Trait::Nationality, 88) => 54..57,
            (Trait::Nationality, 72) => 46..49,
            (Trait::Sex, 90) => 37..38,
            (Trait::Sex, 88) => 64..65,
            (Trait::Sex, 72) => 56..57,
            _ => return None,
        })
    }
}

const ZONE: &str = "/person/passport/mrz";

/// Values to be exchanged with each other: of one trait, or of one as zones write it.
type Words = (Trait, bool);

/// The values that some records state.
#[derive(Debug, Default)]
pub struct Survey(BTreeMap<Words, BTreeSet<String>>);

/// One way to exchange them.
#[derive(Debug, Default)]
pub struct Swap(BTreeMap<Words, BTreeMap<String, String>>);

impl Survey {
    /// Takes note of a row.
    pub fn see(&mut self, row: &Row) {
        let Ok(record) = row.json() else { return };
        let zone = zone_of(record);
        for (kind, _, pointer) in Trait::ALL {
            if let Some(value) = record.pointer(pointer).and_then(Json::as_str) {
                self.0.entry((kind, false)).or_default().insert(kind.form(value));
            }
            if let Some(value) = zone.as_ref().and_then(|zone| zone.get(kind.in_zone(zone.len())?)) {
                self.0.entry((kind, kind.has_own_words_in_zones())).or_default().insert(kind.form(value));
            }
        }
    }

    /// The swaps to try, with what each exchanges: every trait alone, then all together the other way around.
    pub fn swaps(&self) -> Vec<(&'static str, Swap)> {
        let alone = Trait::ALL.map(|(kind, word, _)| (word, self.swap(&[kind], |_| 1)));
        let all = Trait::ALL.map(|(kind, _, _)| kind);
        // what stands side by side in a list comes apart over half of it
        alone.into_iter().chain([("all together", self.swap(&all, |values| values.div_ceil(2)))]).collect()
    }

    fn swap(&self, traits: &[Trait], step: impl Fn(usize) -> usize) -> Swap {
        let concerned = self.0.iter().filter(|((kind, _), _)| traits.contains(kind));
        let turned = concerned.map(|(words, values)| {
            let others = values.iter().cycle().skip(step(values.len()));
            let mut pairs: BTreeMap<String, String> = values.iter().cloned().zip(others.cloned()).collect();
            for (one, other) in pairs.iter_mut().filter(|(one, other)| one == other) {
                *other = words.0.stand_in(one).to_owned();
            }
            (*words, pairs)
        });
        Swap(turned.collect())
    }
}

impl Swap {
    fn other(&self, kind: Trait, in_zone: bool, value: &str) -> Option<&String> {
        self.0.get(&(kind, in_zone && kind.has_own_words_in_zones()))?.get(&kind.form(value))
    }

    /// The row about somebody else.
    pub fn row(&self, row: &Row) -> Row {
        let Ok(record) = row.json() else { return row.clone() };
        let mut record = record.clone();
        for (kind, _, pointer) in Trait::ALL {
            if let Some(Json::String(value)) = record.pointer_mut(pointer)
                && let Some(other) = self.other(kind, false, value)
            {
                value.clone_from(other);
            }
        }
        if let Some(zone) = zone_of(&record)
            && let Some(stated) = record.pointer_mut(ZONE)
        {
            *stated = Json::from(self.zone(zone));
        }
        Row::of(row.index, record)
    }

    fn zone(&self, mut zone: String) -> String {
        for (kind, _, _) in Trait::ALL {
            let Some(place) = kind.in_zone(zone.len()) else { continue };
            if let Some(other) = zone.get(place.clone()).and_then(|value| self.other(kind, true, value)) {
                let fitted = format!("{other:<<width$.width$}", width = place.len()).replace(' ', "<");
                zone.replace_range(place, &fitted);
            }
        }
        zone
    }

    /// The pack with its exempt people known by their other issuers.
    pub fn pack(&self, pack: &Pack) -> Pack {
        let renamed = |key: &str| {
            let (issuer, number) = key.split_once(':')?;
            Some(format!("{}:{number}", self.other(Trait::Issuer, false, issuer)?))
        };
        Pack {
            exemptions: pack.exemptions.renamed(|key| renamed(key).unwrap_or_else(|| key.to_owned())),
            ..pack.clone()
        }
    }
}

/// The machine readable zone that a record states, without its line ends.
fn zone_of(record: &Json) -> Option<String> {
    let zone = squeezed(record.pointer(ZONE)?.as_str()?);
    zone.is_ascii().then_some(zone)
}
