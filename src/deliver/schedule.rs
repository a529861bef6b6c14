//! When a delivery is tried again, and when it is given up.

use chrono::{DateTime, TimeDelta, Utc};

use super::Outcome;
use super::circuit::CIRCUIT_PAUSE_LONGEST;

/// The wait before each attempt, in seconds; the first goes out at once.
pub const WAITS_S: [u32; 9] = [0, 5, 15, 30, 60, 120, 300, 600, 1200];

/// The wait before every later attempt: often enough to arrive soon after a repair.
pub const SLOW_WAIT: TimeDelta = TimeDelta::minutes(30);

/// After this long an alert has been answered on another channel, or is history.
pub const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(72);

/// An endpoint may not silence itself for longer than this with `Retry-After`.
pub const RETRY_AFTER_CAP: TimeDelta = TimeDelta::hours(1);

/// How far a wait is stretched or shortened, so that endpoints that failed together do not return together.
pub const JITTER: f64 = 0.2;

/// What becomes of a delivery after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Delivered.
    Done,
    /// It is tried again.
    At {
        /// When.
        at: DateTime<Utc>,
        /// Why it was not delivered.
        reason: String,
    },
    /// It is given up and shown as a dead letter.
    Dead {
        /// Why.
        reason: String,
    },
    /// Everything for this endpoint waits; this delivery is tried again then.
    Pause {
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// It is given up, and so is the endpoint until somebody enables it again.
    Disable {
        /// Why.
        reason: String,
    },
}

/// What follows on `outcome`, the outcome of attempt number `attempts_made` (from 1).
///
/// `jitter` is a random number from 0 up to 1; 0.5 gives the waits as they stand in the table.
pub fn next(
    outcome: &Outcome,
    attempts_made: u32,
    first_attempt_at: DateTime<Utc>,
    now: DateTime<Utc>,
    jitter: f64,
) -> Next {
    let by = |wait: TimeDelta, reason: &str| -> Result<DateTime<Utc>, Next> {
        let at = now + wait;
        if at - first_attempt_at > GIVE_UP_AFTER {
            let hours = GIVE_UP_AFTER.num_hours();
            let reason = format!("not delivered within {hours} hours, at last: {reason}");
            return Err(Next::Dead { reason });
        }
        Ok(at)
    };
    let again = |wait, reason: &str| match by(wait, reason) {
        Ok(at) => Next::At { at, reason: reason.to_owned() },
        Err(dead) => dead,
    };
    match outcome {
        Outcome::Delivered => Next::Done,
        Outcome::Retry { reason, wait } => {
            let scheduled = jittered(wait_after(attempts_made), jitter);
            let asked = wait.map_or(TimeDelta::zero(), |wait| {
                TimeDelta::from_std(wait).map_or(RETRY_AFTER_CAP, |wait| wait.min(RETRY_AFTER_CAP))
            });
            again(scheduled.max(asked), reason)
        }
        Outcome::Misconfigured { reason } => again(jittered(SLOW_WAIT, jitter), reason),
        Outcome::Dead { reason } => Next::Dead { reason: reason.clone() },
        Outcome::Gone { reason } => Next::Disable { reason: reason.clone() },
        Outcome::Circuit { reason } => match by(CIRCUIT_PAUSE_LONGEST, reason) {
            Ok(until) => Next::Pause { until, reason: reason.clone() },
            Err(dead) => dead,
        },
    }
}

fn wait_after(attempts_made: u32) -> TimeDelta {
    usize::try_from(attempts_made)
        .ok()
        .and_then(|made| WAITS_S.get(made))
        .map_or(SLOW_WAIT, |seconds| TimeDelta::seconds((*seconds).into()))
}

fn jittered(wait: TimeDelta, jitter: f64) -> TimeDelta {
    let factor = 1.0 + JITTER * (2.0 * jitter.clamp(0.0, 1.0) - 1.0);
    let wait_ms = wait.to_std().unwrap_or_default().mul_f64(factor);
    TimeDelta::from_std(wait_ms).unwrap_or(wait)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn start() -> DateTime<Utc> {
        "2024-11-24T00:00:00+07:00".parse().unwrap()
    }

    fn retry(wait_s: Option<u64>) -> Outcome {
        Outcome::Retry { reason: "busy".into(), wait: wait_s.map(Duration::from_secs) }
    }

    fn wait_s(next: Next) -> i64 {
        match next {
            Next::At { at, .. } => (at - start()).num_seconds(),
            Next::Pause { until, .. } => (until - start()).num_seconds(),
            other => panic!("not tried again: {other:?}"),
        }
    }

    #[test]
    fn each_attempt_waits_as_the_table_says() {
        let rows = [
            (1, 5),
            (2, 15),
            (3, 30),
            (4, 60),
            (5, 120),
            (6, 300),
            (7, 600),
            (8, 1200),
            (9, 1800),
            (10, 1800),
            (100, 1800),
            (u32::MAX, 1800),
        ];
        for (made, expected) in rows {
            let at = |jitter| wait_s(next(&retry(None), made, start(), start(), jitter));
            assert_eq!(at(0.5), expected, "after attempt {made}");
            assert_eq!(at(0.0), expected * 4 / 5, "earliest after attempt {made}");
            assert_eq!(at(1.0), expected * 6 / 5, "latest after attempt {made}");
        }
    }

    #[test]
    fn each_outcome_has_its_consequence() {
        let reason = || "why".to_owned();
        let at = |s| start() + TimeDelta::seconds(s);
        let rows = [
            (Outcome::Delivered, Next::Done),
            (Outcome::Retry { reason: reason(), wait: None }, Next::At { at: at(5), reason: reason() }),
            (Outcome::Misconfigured { reason: reason() }, Next::At { at: at(1800), reason: reason() }),
            (Outcome::Dead { reason: reason() }, Next::Dead { reason: reason() }),
            (Outcome::Gone { reason: reason() }, Next::Disable { reason: reason() }),
            (Outcome::Circuit { reason: reason() }, Next::Pause { until: at(600), reason: reason() }),
        ];
        for (outcome, expected) in rows {
            assert_eq!(next(&outcome, 1, start(), start(), 0.5), expected, "{outcome:?}");
        }
    }

    #[test]
    fn retry_after_is_honoured_up_to_an_hour_and_never_shortens_a_wait() {
        for (asked, made, expected) in [
            (Some(120), 1, 120),
            (Some(2), 1, 5),
            (Some(7200), 1, 3600),
            (Some(u64::MAX), 1, 3600),
            (Some(60), 9, 1800),
        ] {
            let got = wait_s(next(&retry(asked), made, start(), start(), 0.5));
            assert_eq!(got, expected, "asked {asked:?} after attempt {made}");
        }
    }

    #[test]
    fn after_72_hours_nothing_is_tried_again() {
        for outcome in
            [retry(None), Outcome::Misconfigured { reason: "busy".into() }, Outcome::Circuit { reason: "busy".into() }]
        {
            let at = |now| next(&outcome, 150, start(), now, 0.5);
            let last = start() + GIVE_UP_AFTER - SLOW_WAIT;
            assert!(!matches!(at(last), Next::Dead { .. }), "{outcome:?}");
            let late = start() + GIVE_UP_AFTER - TimeDelta::seconds(1);
            let expected = "not delivered within 72 hours, at last: busy";
            let reason = expected.to_owned();
            assert_eq!(at(late), Next::Dead { reason }, "{outcome:?}");
        }
    }

    #[test]
    fn an_endpoint_that_is_away_for_a_day_is_reached_within_half_an_hour_of_its_return() {
        let back = start() + TimeDelta::hours(24);
        let mut now = start();
        let mut made = 1;
        while now < back {
            let Next::At { at, .. } = next(&retry(None), made, start(), now, 1.0) else {
                panic!("given up after {made} attempts")
            };
            now = at;
            made += 1;
        }
        assert!(now - back <= TimeDelta::minutes(36), "{now}");
        assert!(made < 60, "{made} attempts");
    }
}
