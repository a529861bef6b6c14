//! What the holder of a token may do.

use std::fmt;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sends records of its sources and kinds, and reads nothing.
    Source,
    /// Answers the alerts of an agency.
    Officer,
    /// Writes rules.
    Author,
    /// Tunes thresholds and keeps the whole running.
    Coordinator,
    /// Reads what happened.
    Auditor,
}

impl Role {
    /// All roles with their words.
    pub const ALL: [(Role, &'static str); 5] = [
        (Role::Source, "source"),
        (Role::Officer, "officer"),
        (Role::Author, "author"),
        (Role::Coordinator, "coordinator"),
        (Role::Auditor, "auditor"),
    ];

    /// The word of this role.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, word)| word)
    }

    /// The role that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(role, _)| *role)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
