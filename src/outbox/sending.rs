//! The sends under way, each in a task of its own, so that one that panics ends alone.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::{Id, JoinError, JoinSet};

use super::address::AddressBook;
use super::link::link;
use crate::deliver::{Delivery, Outcome};
use crate::store::outbox::{Channel, Claimed};

/// The sends under way; dropping it breaks them off.
#[derive(Default)]
pub(super) struct Sending {
    tasks: JoinSet<Outcome>,
    under_way: HashMap<Id, UnderWay>,
}

/// One send under way.
pub(super) struct UnderWay {
    pub(super) claimed: Arc<Claimed>,
    /// How long it had waited for its place.
    pub(super) waited: TimeDelta,
}

impl Sending {
    pub(super) fn start(&mut self, book: Arc<AddressBook>, claimed: Claimed, waited: TimeDelta, now: DateTime<Utc>) {
        let claimed = Arc::new(claimed);
        let sent = Arc::clone(&claimed);
        let task = self.tasks.spawn(async move { send(&book, &sent, now).await });
        self.under_way.insert(task.id(), UnderWay { claimed, waited });
    }

    pub(super) fn len(&self) -> usize {
        self.under_way.len()
    }

    /// The next one to end; none when nothing is under way.
    pub(super) async fn next(&mut self) -> Option<(UnderWay, Outcome)> {
        loop {
            let ended = self.tasks.join_next_with_id().await?;
            if let Some(known) = self.take(ended) {
                return Some(known);
            }
        }
    }

    /// One that has ended already.
    pub(super) fn next_ended(&mut self) -> Option<(UnderWay, Outcome)> {
        loop {
            let ended = self.tasks.try_join_next_with_id()?;
            if let Some(known) = self.take(ended) {
                return Some(known);
            }
        }
    }

    fn take(&mut self, ended: Result<(Id, Outcome), JoinError>) -> Option<(UnderWay, Outcome)> {
        let (id, outcome) = ended.unwrap_or_else(|error| (error.id(), broken(&error)));
        self.under_way.remove(&id).map(|under_way| (under_way, outcome))
    }
}

/// A fault of this program may be gone with the next attempt, or the next version.
fn broken(error: &JoinError) -> Outcome {
    // the panic's own words can hold the message
    tracing::error!(panicked = error.is_panic(), "a send broke off inside siaga and is tried again");
    Outcome::Retry { reason: "the send broke off inside siaga".to_owned(), wait: None }
}

async fn send(book: &AddressBook, claimed: &Claimed, now: DateTime<Utc>) -> Outcome {
    let link = link(book, claimed);
    let delivery = Delivery { id: &claimed.id, notice: &claimed.notice, link: &link };
    match claimed.channel {
        Channel::Email => {
            let Some(relay) = &book.relay else { return misconfigured("no mail relay is configured") };
            let Ok(to) = claimed.recipient.parse() else { return misconfigured("the mail address cannot be used") };
            relay.deliver(&delivery, &to, now).await
        }
        Channel::Webhook => match book.endpoints.get(&*claimed.recipient) {
            Some(endpoint) => endpoint.deliver(&delivery, now).await,
            None => misconfigured("no endpoint of this name is configured"),
        },
    }
}

fn misconfigured(reason: &str) -> Outcome {
    Outcome::Misconfigured { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_outcome() {
        let mut tasks: JoinSet<Outcome> = JoinSet::new();
        tasks.spawn(async { panic!("of a test") });
        let error = tasks.join_next_with_id().await.unwrap().unwrap_err();
        assert_eq!(broken(&error).word(), "retry");
    }
}
