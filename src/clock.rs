//! The sole reader of the wall clock: below the daemon's edge, "now" comes from entries.

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use rustix::time::{ClockId, clock_gettime};

use crate::record::parse::Received;
use crate::store::log::EdgeTime;

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

/// Measures how much of a processor this thread takes: whatever else the machine does meanwhile does not count.
#[derive(Clone, Copy, Debug)]
pub struct Effort(Duration);

impl Effort {
    /// Starts measuring.
    pub fn start() -> Self {
        Effort(thread_time())
    }

    /// The processor time of this thread since the start.
    pub fn spent(&self) -> Duration {
        thread_time().saturating_sub(self.0)
    }
}

fn thread_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Where the daemon's edge takes its time from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's clock.
    Wall,
    /// The records' own times.
    Records,
    /// A clock that starts at a time, runs `speed` times as fast as the machine's, and stops at another time.
    Demo {
        /// What it showed first.
        starts: DateTime<Utc>,
        /// What it shows from then on.
        ends: DateTime<Utc>,
        /// How many of its seconds pass in one of the machine's.
        speed: f64,
        /// Runs since then.
        since: Stopwatch,
    },
}

impl Clock {
    /// What it shows. Where records carry the time, it is the machine's: only what is no entry asks for it.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::Wall | Clock::Records => now(),
            Clock::Demo { starts, ends, speed, since } => {
                let passed = since.elapsed().mul_f64(speed.max(0.0));
                let passed = chrono::TimeDelta::from_std(passed).unwrap_or(chrono::TimeDelta::MAX);
                starts.checked_add_signed(passed).unwrap_or(*ends).min(*ends).trunc_subsecs(3)
            }
        }
    }

    /// The time of an entry that is appended now.
    pub fn edge_time(&self) -> EdgeTime {
        match self {
            Clock::Wall | Clock::Demo { .. } => EdgeTime::Wall(self.now()),
            Clock::Records => EdgeTime::Records,
        }
    }

    /// When a record that comes in now was received.
    pub fn received(&self) -> Received {
        match self {
            Clock::Wall | Clock::Demo { .. } => Received::Edge(self.now()),
            Clock::Records => Received::Stated,
        }
    }

    /// How long to wait until it shows an instant; `None` where only records move it.
    pub fn wait(&self, until: DateTime<Utc>) -> Option<Duration> {
        let left = (until - self.now()).to_std().unwrap_or(Duration::ZERO);
        match self {
            Clock::Wall => Some(left),
            Clock::Records => None,
            Clock::Demo { ends, .. } if until > *ends => None,
            Clock::Demo { speed, .. } => {
                let seconds = (left.as_secs_f64() / speed).min(LONGEST_WAIT.as_secs_f64());
                Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WAIT))
            }
        }
    }
}

/// The longest that anything waits without looking again.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
