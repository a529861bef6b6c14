//! Texts that many rules share, kept once: conditions as they are written, and the words in them.

use std::collections::HashSet;
use std::sync::Arc;

/// How many texts are remembered: the table goes when the pack is loaded, and is no larger than a small pack.
const MAX_TEXTS: usize = 10_000;

/// Texts met so far.
#[derive(Debug, Default)]
pub struct Texts(HashSet<Arc<str>, foldhash::fast::RandomState>);

impl Texts {
    /// The text, shared with whoever has it already.
    pub fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let new: Arc<str> = Arc::from(text);
        if self.0.len() < MAX_TEXTS {
            self.0.insert(new.clone());
        }
        new
    }
}
