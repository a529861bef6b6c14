//! Why a cell is not taken as it stands, and what was probably meant.

use crate::record::reject::RejectCode;
use crate::words::Text;

/// A cell that nobody is sure of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What kind of fault.
    pub code: RejectCode,
    /// What is wrong, for people.
    pub reason: Text,
    /// What was probably meant, as a person would write it.
    pub guess: Option<String>,
    /// The same as the record would have it.
    pub value: Option<String>,
}

impl Doubt {
    /// Without a guess.
    pub fn new(code: RejectCode, reason: Text) -> Self {
        Doubt { code, reason, guess: None, value: None }
    }

    /// With what was probably meant: as a person writes it, and as the record has it.
    pub fn guess(mut self, guess: impl Into<String>, value: impl Into<String>) -> Self {
        (self.guess, self.value) = (Some(guess.into()), Some(value.into()));
        self
    }
}
