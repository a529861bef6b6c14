//! Figures of one run: percentiles, rates, and the disk's own sync.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// Times of one kind, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    /// Of these.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Times(times)
    }

    /// The time that so many percent do not exceed, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1).min(last);
        self.0.get(rank).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}

/// So many a second.
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// How long this disk takes to sync one page that was written over an old one: nothing durable is faster.
pub fn disk_sync(folder: &Path) -> anyhow::Result<Times> {
    const PAGE: usize = 4096;
    const TIMES: usize = 200;
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&vec![1; PAGE * TIMES])?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        file.write_all(&[2; PAGE])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    Ok(Times::of(times))
}
