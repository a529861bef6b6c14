//! Why a record is refused: a code for programs, a pointer to the place, a sentence for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of fault a record has. The words are part of the HTTP contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectCode {
    /// The row is not JSON.
    NotJson,
    /// The record is not a JSON object.
    NotAnObject,
    /// One object states a member twice.
    DuplicateKey,
    /// Objects or arrays are nested too deeply.
    TooDeep,
    /// Too many members.
    TooMany,
    /// A text is too long.
    TooLong,
    /// A text holds characters that cannot be shown safely.
    Control,
    /// Sixteen digits: an unhashed NIK.
    Nik,
    /// A photograph or another embedded file.
    Photo,
    /// Something required is not stated.
    Missing,
    /// A value has the wrong type.
    Type,
    /// A value is not one of the closed list.
    Choice,
    /// A number lies outside its range.
    Range,
    /// Not a date or time in a form that is understood.
    Date,
    /// The kind of record is not known.
    Kind,
    /// An id, passport number or country code has the wrong form.
    Identity,
    /// Not a hash of a NIK.
    NikHash,
    /// The machine readable zone does not hold together or contradicts the record.
    Mrz,
    /// Not a kabupaten or kecamatan, or not one in the other.
    Region,
    /// A code of another numbering in place of the Kemendagri code.
    BpsCode,
    /// It is said to happen too far ahead of when it was received.
    Future,
    /// The sender's token does not cover this source or kind.
    NotYours,
}

impl RejectCode {
    /// All codes, with the word on the wire.
    pub const ALL: [(RejectCode, &'static str); 22] = [
        (RejectCode::NotJson, "not-json"),
        (RejectCode::NotAnObject, "not-an-object"),
        (RejectCode::DuplicateKey, "duplicate-key"),
        (RejectCode::TooDeep, "too-deep"),
        (RejectCode::TooMany, "too-many"),
        (RejectCode::TooLong, "too-long"),
        (RejectCode::Control, "control"),
        (RejectCode::Nik, "nik"),
        (RejectCode::Photo, "photo"),
        (RejectCode::Missing, "missing"),
        (RejectCode::Type, "type"),
        (RejectCode::Choice, "choice"),
        (RejectCode::Range, "range"),
        (RejectCode::Date, "date"),
        (RejectCode::Kind, "kind"),
        (RejectCode::Identity, "identity"),
        (RejectCode::NikHash, "nik-hash"),
        (RejectCode::Mrz, "mrz"),
        (RejectCode::Region, "region"),
        (RejectCode::BpsCode, "bps-code"),
        (RejectCode::Future, "future"),
        (RejectCode::NotYours, "not-yours"),
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(code, _)| *code == self).map_or("", |(_, word)| word)
    }
}

impl fmt::Display for RejectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One fault of a record. It repeats no value of the record except region codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("`{pointer}`: {detail}")]
pub struct Rejection {
    /// What kind of fault.
    pub code: RejectCode,
    /// Where, as an RFC 6901 JSON pointer from the record's root.
    pub pointer: String,
    /// What is wrong, then `help:` with what to do.
    pub detail: String,
}

impl Rejection {
    /// A fault at a JSON pointer.
    pub fn new(code: RejectCode, pointer: &str, what: &str, help: &str) -> Self {
        Rejection { code, pointer: pointer.to_owned(), detail: format!("{what}; help: {help}") }
    }

    /// A fault at a dotted path of the schema.
    pub fn at(code: RejectCode, path: &str, what: &str, help: &str) -> Self {
        Self::new(code, &pointer(path), what, help)
    }
}

/// The JSON pointer of a dotted path of the schema, whose names need no escaping.
pub fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

/// The JSON pointer of a member below another pointer.
pub fn below(pointer: &str, member: &str) -> String {
    format!("{pointer}/{}", member.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_wire() {
        for (code, word) in RejectCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), word);
        }
    }
}
