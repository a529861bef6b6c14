//! Where something may be due.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::store::outbox::{Channel, NewDelivery};

/// Where something may be due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Mail.
    pub(super) mail: bool,
    /// At any endpoint, perhaps.
    pub(super) everywhere: bool,
    /// At these.
    pub(super) endpoints: BTreeSet<Arc<str>>,
}

impl Due {
    /// Where nobody knows.
    pub(super) fn anywhere() -> Self {
        Due { mail: true, everywhere: true, endpoints: BTreeSet::new() }
    }

    /// Also where a delivery goes.
    pub(super) fn note(&mut self, delivery: &NewDelivery) {
        match delivery.channel {
            Channel::Email => self.mail = true,
            Channel::Webhook => {
                self.endpoints.insert(delivery.recipient.clone());
            }
        }
    }

    /// Also there.
    pub(super) fn add(&mut self, other: Due) {
        self.mail |= other.mail;
        self.everywhere |= other.everywhere;
        self.endpoints.extend(other.endpoints);
    }

    /// Whether something may be due at an endpoint.
    pub(super) fn has(&self, endpoint: &str) -> bool {
        self.everywhere || self.endpoints.contains(endpoint)
    }
}
