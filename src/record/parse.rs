//! Raw JSON to a checked record, or to the reason why not.

/// The longest text that a field may hold, in bytes: a long address fits, a document does not.
pub const MAX_TEXT_BYTES: usize = 4096;
