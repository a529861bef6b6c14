//! What becomes of a delivery after an attempt, or after none.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::address::AddressBook;
use super::trouble;
use crate::deliver::Outcome;
use crate::deliver::circuit::Admission;
use crate::deliver::schedule::{self, Next};
use crate::store::outbox::{Channel, Claimed, Settled, Settlement};

/// What comes of an attempt.
pub(super) fn sent(book: &AddressBook, claimed: &Claimed, outcome: &Outcome, now: DateTime<Utc>) -> Settled {
    log(claimed, outcome);
    let jitter = jitter(&claimed.id, claimed.attempt);
    let next = schedule::next(outcome, claimed.attempt, claimed.first_attempt_at, now, jitter);
    let tell = trouble::tell(book, claimed, outcome, now);
    Settled { id: claimed.id.clone(), endpoint: endpoint(claimed), settlement: settlement(next), at: now, tell }
}

/// For a delivery that its circuit does not let out: one for a disabled endpoint is given up, any other waits on.
pub(super) fn unsent(claimed: Claimed, admission: Admission, now: DateTime<Utc>) -> Settled {
    match admission {
        Admission::Disabled { reason } => {
            let settlement = Settlement::Dead { outcome: format!("not sent: {reason}") };
            Settled { endpoint: endpoint(&claimed), id: claimed.id, settlement, at: now, tell: Vec::new() }
        }
        Admission::Go | Admission::Busy | Admission::Open { .. } => put_back(claimed, now),
    }
}

/// For a delivery of which no attempt is made.
pub(super) fn put_back(claimed: Claimed, now: DateTime<Utc>) -> Settled {
    Settled { endpoint: endpoint(&claimed), id: claimed.id, settlement: Settlement::PutBack, at: now, tell: Vec::new() }
}

fn endpoint(claimed: &Claimed) -> Option<Arc<str>> {
    (claimed.channel == Channel::Webhook).then(|| claimed.recipient.clone())
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
        None => tracing::debug!(delivery.id = id, agency, channel, attempt, "a delivery arrived"),
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
