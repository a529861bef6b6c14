//! Who or what a record is about: the subjects whose dossiers it joins.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::record::schema::{FieldId, core};
use crate::record::slot::{Fields, Slot};

/// The kinds of subject that a rule can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A traveller, by passport issuer and number.
    Person,
    /// A resident, by the keyed hash of the NIK.
    Nik,
    /// A lodging, by its id.
    Lodging,
    /// A sponsor or employer, by its id.
    Sponsor,
    /// A campaign or other event, by its id.
    Event,
    /// A sender of records.
    Source,
    /// The record itself.
    Record,
}

impl SubjectKind {
    /// All kinds, with the word that scripts and tables use.
    pub const ALL: [(SubjectKind, &'static str); 7] = [
        (SubjectKind::Person, "person"),
        (SubjectKind::Nik, "nik"),
        (SubjectKind::Lodging, "lodging"),
        (SubjectKind::Sponsor, "sponsor"),
        (SubjectKind::Event, "event"),
        (SubjectKind::Source, "source"),
        (SubjectKind::Record, "record"),
    ];

    /// The word of this kind.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// One subject. Its key can be a passport number, so neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What kind of subject.
    pub kind: SubjectKind,
    /// Its key, unique within the kind: `ISSUER:NUMBER` for a person.
    pub key: Arc<str>,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:•••", self.kind.word())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A subject's key as it lies in a record.
#[derive(Clone, Copy, Debug)]
pub enum KeyText<'a> {
    /// All of it.
    Whole(&'a str),
    /// Two texts with a sign between them.
    Joined(&'a str, char, &'a str),
}

/// The fields of which the first that is stated is the key of a kind of subject; of a person, see [`key_of`].
fn fields_of(kind: SubjectKind) -> &'static [FieldId] {
    match kind {
        SubjectKind::Nik => &[core::NIK_HASH, core::VOTER_NIK_HASH],
        SubjectKind::Lodging => &[core::LODGING_ID, core::PLAN_LODGING_ID],
        SubjectKind::Sponsor => &[core::SPONSOR_ID, core::EMPLOYER_ID, core::PLAN_SPONSOR_ID],
        SubjectKind::Event => &[core::EVENT_ID],
        SubjectKind::Person | SubjectKind::Source | SubjectKind::Record => &[],
    }
}

/// The key of one kind of subject that a record is about, if it states one.
pub fn key_of<F: Fields>(record: &F, kind: SubjectKind) -> Option<KeyText<'_>> {
    let text = |field: FieldId| match record.slot(field) {
        Slot::Text(text) => Some(text),
        _ => None,
    };
    Some(match kind {
        SubjectKind::Person => {
            let number = text(core::PASSPORT_NUMBER)?;
            KeyText::Joined(text(core::PASSPORT_ISSUER)?, ':', number)
        }
        SubjectKind::Source => KeyText::Whole(record.source()),
        // as a record's key is written
        SubjectKind::Record => KeyText::Joined(record.source(), '/', record.id()),
        _ => KeyText::Whole(fields_of(kind).iter().find_map(|field| text(*field))?),
    })
}

/// The subject of one kind that a record is about, if it states one.
pub fn subject_of(record: &Record, kind: SubjectKind) -> Option<Subject> {
    let key = match key_of(record, kind)? {
        KeyText::Joined(first, sign, second) => {
            let mut key = String::with_capacity(first.len() + sign.len_utf8() + second.len());
            key.push_str(first);
            key.push(sign);
            key.push_str(second);
            key.into()
        }
        KeyText::Whole(_) if kind == SubjectKind::Source => record.key.source.clone(),
        KeyText::Whole(text) => Arc::from(text),
    };
    Some(Subject { kind, key })
}

/// Whether a record states a subject of a kind.
pub fn states<F: Fields>(record: &F, kind: SubjectKind) -> bool {
    key_of(record, kind).is_some()
}

/// Every subject that a record is about, in the order of [`SubjectKind::ALL`].
pub fn subjects_of(record: &Record) -> Vec<Subject> {
    SubjectKind::ALL.iter().filter_map(|(kind, _)| subject_of(record, *kind)).collect()
}
