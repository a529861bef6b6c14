//! Append, evaluate, commit. This is a placeholder until the thread that does it is brought in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::entry::Position;

/// The running pipeline, to be woken and asked.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    wakes: Arc<AtomicUsize>,
}

/// How the pipeline stands.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Every entry up to here has had its effects.
    pub progress: Position,
    /// Entries evaluated since the start.
    pub evaluated: u64,
    /// What is wrong, in words.
    pub failures: Vec<String>,
    /// Whether it goes on.
    pub running: bool,
}

impl Pipeline {
    /// Says that entries were appended.
    pub fn wake(&self) {
        self.wakes.fetch_add(1, Ordering::Relaxed);
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        Status { running: true, ..Status::default() }
    }
}
