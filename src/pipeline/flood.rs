//! While records pour in, whoever takes them in has the processors for a moment: their judgement takes many times as long.

use std::time::Duration;

use crate::clock::Stopwatch;

/// Fewer that wait to be judged are no flood.
const FEWEST: i64 = 128;
/// The longest that judging gives way, from when the flood began.
const LONGEST: Duration = Duration::from_millis(500);

/// Whether judging gives way to a flood.
#[derive(Debug)]
pub(super) struct Flood {
    longest: Duration,
    /// Since it began; none where all was judged since.
    began: Option<Stopwatch>,
}

impl Default for Flood {
    fn default() -> Self {
        Flood { longest: LONGEST, began: None }
    }
}

impl Flood {
    /// Whether to let others go first, where so many wait and others are being appended or not.
    pub(super) fn goes_first(&mut self, waiting: i64, is_appending: bool) -> bool {
        if waiting <= 0 {
            self.began = None;
        }
        waiting >= FEWEST && is_appending && self.began.get_or_insert_with(Stopwatch::start).elapsed() < self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_first_once_for_as_long_as_it_may() {
        let mut flood = Flood { longest: Duration::MAX, began: None };
        for (waiting, is_appending, goes_first) in
            [(FEWEST - 1, true, false), (FEWEST, false, false), (FEWEST, true, true), (FEWEST * 100, true, true)]
        {
            assert_eq!(flood.goes_first(waiting, is_appending), goes_first, "{waiting} {is_appending}");
        }
        flood.longest = Duration::ZERO;
        assert!(!flood.goes_first(FEWEST, true));
        assert!(flood.began.is_some(), "it is the same flood until all is judged");
        assert!(!flood.goes_first(0, true) && flood.began.is_none());
    }
}
