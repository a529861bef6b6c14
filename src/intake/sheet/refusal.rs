//! Why a file is refused whole, and what its sender can do.

use std::error::Error;
use std::fmt;

use crate::words::{Language, Text, say};

/// Why a file is refused whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The operating system does not give it.
    Unreadable {
        /// What it says.
        reason: String,
    },
    /// Nothing is in it.
    Empty,
    /// More bytes than are taken.
    TooLarge {
        /// The limit, in megabytes.
        most_mb: u64,
    },
    /// Something else in place of a table.
    NotATable(Foreign),
    /// A workbook of another kind, by the ending of such files.
    OtherWorkbook(&'static str),
    /// A workbook with macros.
    Macros,
    /// A workbook that opens with a password only.
    Password,
    /// A workbook of which a part is missing or broken.
    Damaged,
    /// A workbook that would unpack to more than is taken.
    UnpacksTooLarge {
        /// What it says that it unpacks to, in megabytes.
        mb: u64,
    },
    /// A workbook of too many parts.
    TooManyParts {
        /// The limit.
        most: u64,
    },
    /// A workbook whose XML declares entities, which no spreadsheet program writes.
    Entities,
    /// More cells than are taken.
    TooManyCells {
        /// The limit.
        most: u64,
    },
    /// More text than is kept in memory.
    TooMuchText,
    /// More formats and names than are kept in memory.
    TooManyFormats {
        /// The limit.
        most: u64,
    },
    /// More rows than are taken.
    TooManyRows {
        /// The limit.
        most: u64,
    },
    /// More columns than are taken.
    TooManyColumns {
        /// The row, from 1.
        row: u64,
        /// The limit.
        most: u64,
    },
    /// A cell longer than spreadsheet programs hold.
    LongCell {
        /// Its name, as `B12`.
        cell: String,
    },
    /// A row with more text than is taken.
    LongRow {
        /// Its number, from 1.
        row: u64,
    },
    /// A quote mark that opens a cell and is never closed where the cell ends.
    OpenQuote {
        /// The line of the quote mark, from 1.
        line: u64,
    },
    /// The workbook has no sheet of the name that was asked for.
    NoSuchSheet {
        /// That name.
        wanted: String,
        /// The names of its sheets.
        there: Vec<String>,
    },
    /// A formula failed with something that cannot be read.
    UnknownError {
        /// As it stands in the cell.
        error: String,
        /// The row, or the one before it.
        row: u64,
    },
}

/// What a file is that is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// A photograph or another picture.
    Image,
    /// A PDF.
    Pdf,
    /// A web page, which many programs save under the name `.xls`.
    WebPage,
    /// A letter, or a presentation.
    Document,
    /// Packed files.
    Archive,
    /// Bytes that are no text.
    Binary,
}

impl Refusal {
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(super) fn unreadable(error: std::io::Error) -> Self {
        Refusal::Unreadable { reason: error.to_string() }
    }

    /// A word that stays: for programs, logs and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unreadable { .. } => "unreadable",
            Refusal::Empty => "empty",
            Refusal::TooLarge { .. } => "too-large",
            Refusal::NotATable(Foreign::Image) => "image",
            Refusal::NotATable(Foreign::Pdf) => "pdf",
            Refusal::NotATable(Foreign::WebPage) => "web-page",
            Refusal::NotATable(Foreign::Document) => "document",
            Refusal::NotATable(Foreign::Archive) => "archive",
            Refusal::NotATable(Foreign::Binary) => "binary",
            Refusal::OtherWorkbook(_) => "other-workbook",
            Refusal::Macros => "macros",
            Refusal::Password => "password",
            Refusal::Damaged => "damaged",
            Refusal::UnpacksTooLarge { .. } => "unpacks-too-large",
            Refusal::TooManyParts { .. } => "too-many-parts",
            Refusal::Entities => "entities",
            Refusal::TooManyCells { .. } => "too-many-cells",
            Refusal::TooMuchText => "too-much-text",
            Refusal::TooManyFormats { .. } => "too-many-formats",
            Refusal::TooManyRows { .. } => "too-many-rows",
            Refusal::TooManyColumns { .. } => "too-many-columns",
            Refusal::LongCell { .. } => "long-cell",
            Refusal::LongRow { .. } => "long-row",
            Refusal::OpenQuote { .. } => "open-quote",
            Refusal::NoSuchSheet { .. } => "no-such-sheet",
            Refusal::UnknownError { .. } => "unknown-error",
        }
    }

    /// What is wrong with the file.
    pub fn text(&self) -> Text {
        match self {
            Refusal::Unreadable { reason } => say("sheet-unreadable").with("reason", reason.as_str()),
            Refusal::Empty => say("sheet-empty"),
            Refusal::TooLarge { most_mb } => say("sheet-too-large").with("most", number(*most_mb)),
            Refusal::NotATable(what) => what.text(),
            Refusal::OtherWorkbook(ending) => say("sheet-other-workbook").with("ending", *ending),
            Refusal::Macros => say("sheet-macros"),
            Refusal::Password => say("sheet-password"),
            Refusal::Damaged => say("sheet-damaged"),
            Refusal::UnpacksTooLarge { mb } => say("sheet-unpacks-too-large").with("mb", number(*mb)),
            Refusal::TooManyParts { most } => say("sheet-too-many-parts").with("most", number(*most)),
            Refusal::Entities => say("sheet-entities"),
            Refusal::TooManyCells { most } => say("sheet-too-many-cells").with("most", number(*most)),
            Refusal::TooMuchText => say("sheet-too-much-text"),
            Refusal::TooManyFormats { most } => say("sheet-too-many-formats").with("most", number(*most)),
            Refusal::TooManyRows { most } => say("sheet-too-many-rows").with("most", number(*most)),
            Refusal::TooManyColumns { row, most } => {
                say("sheet-too-many-columns").with("row", number(*row)).with("most", number(*most))
            }
            Refusal::LongCell { cell } => say("sheet-long-cell").with("cell", cell.as_str()),
            Refusal::LongRow { row } => say("sheet-long-row").with("row", number(*row)),
            Refusal::OpenQuote { line } => say("sheet-open-quote").with("line", number(*line)),
            Refusal::NoSuchSheet { wanted, there } => {
                say("sheet-no-such-sheet").with("wanted", wanted.as_str()).with("there", there.join("`, `"))
            }
            Refusal::UnknownError { error, row } => {
                say("sheet-unknown-error").with("error", error.as_str()).with("row", number(*row))
            }
        }
    }

    /// What its sender can do.
    pub fn help(&self) -> Text {
        match self {
            Refusal::Unreadable { .. } => say("sheet-unreadable-help"),
            Refusal::Empty => say("sheet-empty-help"),
            Refusal::TooLarge { .. }
            | Refusal::TooManyCells { .. }
            | Refusal::TooManyRows { .. }
            | Refusal::TooMuchText => say("sheet-split-help"),
            Refusal::NotATable(what) => what.help(),
            Refusal::OtherWorkbook(_) | Refusal::Macros => say("sheet-save-help"),
            Refusal::Password => say("sheet-password-help"),
            Refusal::Damaged => say("sheet-damaged-help"),
            Refusal::UnpacksTooLarge { .. }
            | Refusal::TooManyParts { .. }
            | Refusal::Entities
            | Refusal::TooManyFormats { .. } => say("sheet-copy-help"),
            Refusal::TooManyColumns { .. } => say("sheet-too-many-columns-help"),
            Refusal::LongCell { .. } | Refusal::LongRow { .. } => say("sheet-long-cell-help"),
            Refusal::OpenQuote { .. } => say("sheet-open-quote-help"),
            Refusal::NoSuchSheet { .. } => say("sheet-no-such-sheet-help"),
            Refusal::UnknownError { .. } => say("sheet-unknown-error-help"),
        }
    }
}

/// In English, as logs and programs have it; people get [`Refusal::text`] in their language.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; help: {}", self.text().render(Language::English), self.help().render(Language::English))
    }
}

impl Error for Refusal {}

impl Foreign {
    fn text(self) -> Text {
        match self {
            Foreign::Image => say("sheet-image"),
            Foreign::Pdf => say("sheet-pdf"),
            Foreign::WebPage => say("sheet-web-page"),
            Foreign::Document => say("sheet-document"),
            Foreign::Archive => say("sheet-archive"),
            Foreign::Binary => say("sheet-binary"),
        }
    }

    fn help(self) -> Text {
        match self {
            Foreign::Image | Foreign::Pdf | Foreign::Document => say("sheet-type-in-help"),
            Foreign::WebPage | Foreign::Binary => say("sheet-save-help"),
            Foreign::Archive => say("sheet-archive-help"),
        }
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
