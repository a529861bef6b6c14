//! While records pour in, whoever takes them in has the processors for a moment: their judgement takes many times as long.

use std::time::Duration;

use crate::clock::Stopwatch;
use crate::entry::Position;

/// Fewer that wait to be judged are no flood.
const FEWEST: Position = 128;
/// The longest that judging gives way, from when the flood began.
const LONGEST: Duration = Duration::from_millis(500);

/// Whether judging gives way to a flood.
#[derive(Debug)]
pub(super) struct Flood {
    longest: Duration,
    /// Since it began; none where all was judged since.
    began: Option<Stopwatch>,
    /// The newest entry when it was last looked at.
    head: Position,
}

impl Default for Flood {
    fn default() -> Self {
        Flood { longest: LONGEST, began: None, head: 0 }
    }
}

impl Flood {
    /// Whether to let others go first, and look again in a moment: much waits between what is evaluated and the newest
    /// entry, and more has come since the last look or is being appended.
    pub(super) fn goes_first(&mut self, evaluated: Position, head: Position, is_appending: bool) -> bool {
        let comes_in = head > std::mem::replace(&mut self.head, head) || is_appending;
        let waiting = head - evaluated;
        if waiting <= 0 {
            self.began = None;
        }
        comes_in && waiting >= FEWEST && self.began.get_or_insert_with(Stopwatch::start).elapsed() < self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_first_while_it_comes_in_and_for_as_long_as_it_may() {
        let mut flood = Flood { longest: Duration::MAX, ..Flood::default() };
        for (head, is_appending, goes_first) in [
            (1, true, false),
            (FEWEST - 1, true, false),
            (FEWEST, false, true),
            (FEWEST, true, true),
            (FEWEST, false, false),
            (FEWEST * 99, false, true),
        ] {
            assert_eq!(flood.goes_first(0, head, is_appending), goes_first, "{head} {is_appending}");
        }
        flood.longest = Duration::ZERO;
        assert!(!flood.goes_first(9, FEWEST * 100, true));
        assert!(flood.began.is_some(), "it is the same flood until all is judged");
        assert!(!flood.goes_first(FEWEST * 100, FEWEST * 100, true) && flood.began.is_none());
    }
}
