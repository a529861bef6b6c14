//! Sending one notice on one channel to one recipient: composing, one attempt, and what its outcome means.

mod cause;
pub mod circuit;
pub mod email;
pub mod guard;
pub mod message;
pub mod schedule;
pub mod settings;
pub mod webhook;

use std::fmt;
use std::time::Duration;

use crate::notice::Notice;

/// A notice on its way to one recipient on one channel.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// The same on every attempt; it becomes the `webhook-id` or the `Message-ID`.
    pub id: &'a str,
    /// What is told.
    pub notice: &'a Notice,
    /// The page that acknowledges, bound to alert and recipient.
    pub link: &'a str,
}

impl fmt::Debug for Delivery<'_> {
    /// Only the id: a notice can hold personal data, and the link opens it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What one attempt came to. Reasons are words for people, without addresses, URLs or personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has taken it.
    Delivered,
    /// It may work later.
    Retry {
        /// Why not now.
        reason: String,
        /// How long the other side asked to be left alone.
        wait: Option<Duration>,
    },
    /// It will not work until somebody corrects an address or a permission.
    Misconfigured {
        /// What the other side refused.
        reason: String,
    },
    /// It will never work for this recipient.
    Dead {
        /// Why.
        reason: String,
    },
    /// The endpoint says that it is no more.
    Gone {
        /// In which words.
        reason: String,
    },
    /// The other side takes nothing at all from this program: everything for it waits.
    Circuit {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// The state that counts and pages show.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::Retry { .. } => "retry",
            Outcome::Misconfigured { .. } => "misconfigured",
            Outcome::Dead { .. } => "dead",
            Outcome::Gone { .. } => "gone",
            Outcome::Circuit { .. } => "circuit",
        }
    }

    /// Why it is not delivered.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Outcome::Delivered => None,
            Outcome::Retry { reason, .. }
            | Outcome::Misconfigured { reason }
            | Outcome::Dead { reason }
            | Outcome::Gone { reason }
            | Outcome::Circuit { reason } => Some(reason),
        }
    }

    /// Whether only a person can mend it, so that the coordinator is told at once.
    pub fn needs_coordinator(&self) -> bool {
        matches!(self, Outcome::Misconfigured { .. } | Outcome::Gone { .. } | Outcome::Circuit { .. })
    }
}
