//! What becomes of a delivery after an attempt, or after none.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::address::AddressBook;
use super::circuits::LEASE;
use super::trouble;
use crate::deliver::Outcome;
use crate::deliver::circuit::Admission;
use crate::deliver::schedule::{self, Next};
use crate::store::outbox::{Claimed, NewDelivery, Settlement};

/// A claim that ended, until the store has it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) id: String,
    pub(super) settlement: Settlement,
    pub(super) at: DateTime<Utc>,
    /// What the coordinator is told of it.
    pub(super) tell: Vec<NewDelivery>,
}

impl Ended {
    pub(super) fn sent(book: &AddressBook, claimed: &Claimed, outcome: &Outcome, now: DateTime<Utc>) -> Self {
        log(claimed, outcome);
        let jitter = jitter(&claimed.id, claimed.attempt);
        let next = schedule::next(outcome, claimed.attempt, claimed.first_attempt_at, now, jitter);
        let tell = trouble::tell(book, claimed, outcome, now);
        Ended { id: claimed.id.clone(), settlement: settlement(next), at: now, tell }
    }

    /// For a delivery that its circuit does not let out; what is claimed leaves only disabled endpoints' here.
    pub(super) fn unsent(claimed: Claimed, admission: Admission, now: DateTime<Utc>) -> Option<Self> {
        let settlement = match admission {
            Admission::Go => return None,
            Admission::Busy => {
                Settlement::Retry { at: now + LEASE, outcome: "the endpoint was busy with others".to_owned() }
            }
            Admission::Open { until, reason } => Settlement::Retry { at: until, outcome: reason },
            Admission::Disabled { reason } => Settlement::Dead { outcome: format!("not sent: {reason}") },
        };
        Some(Ended { id: claimed.id, settlement, at: now, tell: Vec::new() })
    }
}

fn settlement(next: Next) -> Settlement {
    match next {
        Next::Done => Settlement::Delivered,
        Next::At { at, reason } | Next::Pause { until: at, reason } => Settlement::Retry { at, outcome: reason },
        Next::Dead { reason } | Next::Disable { reason } => Settlement::Dead { outcome: reason },
    }
}

/// Random enough to part deliveries that failed together, and the same on every run.
fn jitter(id: &str, attempt: u32) -> f64 {
    let digest = Sha256::digest(format!("{id}\0{attempt}").as_bytes());
    let [a, b, ..] = <[u8; 32]>::from(digest);
    f64::from(u16::from_be_bytes([a, b])) / (f64::from(u16::MAX) + 1.0)
}

fn log(claimed: &Claimed, outcome: &Outcome) {
    let (id, agency, channel, attempt) = (&*claimed.id, &*claimed.agency, claimed.channel.word(), claimed.attempt);
    match outcome.reason() {
        None => tracing::info!(delivery.id = id, agency, channel, attempt, "a delivery arrived"),
        Some(reason) => {
            let outcome = outcome.word();
            tracing::warn!(delivery.id = id, agency, channel, attempt, outcome, reason, "a delivery did not arrive");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jitter_spreads_over_its_whole_range() {
        let drawn: Vec<_> = (0..1000).map(|attempt| jitter("d-1", attempt)).collect();
        assert!(drawn.iter().all(|one| (0.0..1.0).contains(one)));
        assert!(drawn.iter().any(|one| *one < 0.05) && drawn.iter().any(|one| *one > 0.95));
        let mean = drawn.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert_eq!(jitter("d-1", 7), jitter("d-1", 7));
    }
}
