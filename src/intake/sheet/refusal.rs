//! Why a file is refused whole, and what its sender can do.

use std::io;

use crate::words::{Text, say};

/// Why a file is refused whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The operating system does not give it.
    Unreadable {
        /// What it says.
        reason: String,
    },
    /// A quote mark that opens a cell and is never closed.
    OpenQuote {
        /// The line of the quote mark, from 1.
        line: u64,
    },
}

impl Refusal {
    pub(super) fn unreadable(error: &io::Error) -> Self {
        Refusal::Unreadable { reason: error.to_string() }
    }

    /// A word that stays: for programs, logs and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unreadable { .. } => "file-unreadable",
            Refusal::OpenQuote { .. } => "open-quote",
        }
    }

    /// What is wrong with the file.
    pub fn text(&self) -> Text {
        match self {
            Refusal::Unreadable { reason } => say("sheet-unreadable").with("reason", reason.as_str()),
            Refusal::OpenQuote { line } => say("sheet-open-quote").with("line", number(*line)),
        }
    }

    /// What its sender can do.
    pub fn help(&self) -> Text {
        match self {
            Refusal::Unreadable { .. } => say("sheet-unreadable-help"),
            Refusal::OpenQuote { .. } => say("sheet-open-quote-help"),
        }
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
