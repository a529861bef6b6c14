//! How many records of a kind each of the windows before an instant has, counted on from one question to the next: a
//! lodging is asked at every guest.

use super::run::Run;
use crate::engine::lookup::as_int;

/// The most questions that are kept; each asks about other windows.
const MAX_KEPT: usize = 4;

/// What was asked of one kind of record.
#[derive(Clone, Debug, Default)]
pub struct Past(Vec<Windows>);

/// Windows of one length, one before another.
#[derive(Clone, Debug)]
struct Windows {
    /// How long one is, in nanoseconds.
    step: i64,
    /// The instant that the last one asked about ends before, one such length earlier.
    now: i64,
    /// How many records come before each window's end, the latest first, and before the start of the earliest; or fewer.
    before: Vec<usize>,
}

impl Past {
    /// How many records each window before an instant's own has, of those that have any. All in nanoseconds; one window
    /// less than `windows`, since the own one is not counted.
    pub fn counts(&mut self, run: Run<'_>, step: i64, windows: usize, now: i64) -> Vec<i64> {
        let is_it = |kept: &Windows| kept.step == step && kept.before.len() == windows;
        let place = self.0.iter().position(is_it).unwrap_or_else(|| {
            self.0.truncate(MAX_KEPT - 1);
            self.0.insert(0, Windows::new(run, step, windows, now));
            0
        });
        match self.0.get_mut(place) {
            Some(kept) if kept.now <= now => {
                kept.move_on(run, now);
                kept.counts()
            }
            // about the past: seldom, and no reason to forget what is known of the present
            _ => Windows::new(run, step, windows, now).counts(),
        }
    }

    /// A record is gone, perhaps one that came late and is not counted yet: what is missing is counted at the next question.
    pub fn left(&mut self, nanos: i64) {
        for kept in &mut self.0 {
            let behind = ends(kept.now, kept.step).zip(&mut kept.before).take_while(|(end, _)| nanos < *end);
            behind.for_each(|(_, before)| *before = before.saturating_sub(1));
        }
    }
}

impl Windows {
    fn new(run: Run<'_>, step: i64, windows: usize, now: i64) -> Self {
        let mut rest = run;
        let before = ends(now, step).take(windows).map(|end| {
            rest = rest.slice(0, rest.count_before_nanos(end));
            rest.len()
        });
        Windows { step, now, before: before.collect() }
    }

    /// Counts on those that come before the ends now: of what came since, late records too.
    fn move_on(&mut self, run: Run<'_>, now: i64) {
        for (end, before) in ends(now, self.step).zip(&mut self.before) {
            while run.get(*before).is_some_and(|record| record.nanos() < end) {
                *before += 1;
            }
        }
        self.now = now;
    }

    fn counts(&self) -> Vec<i64> {
        let pairs = self.before.iter().zip(self.before.iter().skip(1));
        let mut counts = Vec::with_capacity(self.before.len());
        counts.extend(pairs.filter(|(end, start)| end > start).map(|(end, start)| as_int(end - start)));
        counts
    }
}

/// The same of few records, each looked at.
pub fn counts_of_few(run: Run<'_>, step: i64, windows: usize, now: i64) -> Vec<i64> {
    let (mut counts, mut last) = (Vec::new(), 0);
    for record in run.iter().rev() {
        // the windows are `[end - step, end)`; the own one is the first
        let window = now.saturating_sub(record.nanos()).saturating_sub(1).div_euclid(step);
        if window >= as_int(windows) {
            break;
        }
        match counts.last_mut().filter(|_| window == last) {
            Some(count) => *count += 1,
            None if window > 0 => counts.push(1),
            None => {}
        }
        last = window;
    }
    counts
}

/// Where the windows before an instant's own end, the latest first.
fn ends(now: i64, step: i64) -> impl Iterator<Item = i64> {
    (1..).map(move |nth| now.saturating_sub(step.saturating_mul(nth)))
}
