//! The sole reader of the wall clock: below the daemon's edge, "now" comes from entries.

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};

/// The wall clock's time, to the millisecond that the log keeps.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

/// Measures how long something takes, where that decides nothing but giving up.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
