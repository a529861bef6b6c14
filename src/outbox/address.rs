//! Who is reached where: from notices to deliveries.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::deliver::email::Relay;
use crate::deliver::settings::{Address, Secret};
use crate::deliver::webhook::Endpoint;
use crate::notice::Notice;
use crate::store::outbox::{Channel, NewDelivery, delivery_id};

/// What the configuration says about channels and recipients.
pub struct AddressBook {
    /// The mail relay, where there is one.
    pub relay: Option<Relay>,
    /// The webhook endpoints by name.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Where each agency is reached, by the agency's id.
    pub agencies: BTreeMap<Arc<str>, Addresses>,
    /// The agency that is told when a channel needs a person.
    pub coordinator: Option<Arc<str>>,
    /// Where people reach this deployment from their browsers, such as `https://siaga.contoh.example`.
    pub public_url: String,
    /// The key that the links in mails are made with: at least 32 random bytes in any writing. With another key,
    /// deliveries that wait get other links.
    pub link_secret: Secret,
}

/// Where one agency is reached.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// The agency's name for people; its id where nothing better is known.
    pub name: String,
    /// Mail addresses.
    pub email: Vec<Address>,
    /// Names of endpoints.
    pub webhook: Vec<String>,
}

impl Addresses {
    /// Every channel with its recipient, mail first, in the configuration's order.
    pub fn channels(&self) -> impl Iterator<Item = (Channel, String)> {
        let email = self.email.iter().map(|address| (Channel::Email, address.reveal()));
        email.chain(self.webhook.iter().map(|name| (Channel::Webhook, name.clone())))
    }
}

/// Notices with their recipients.
#[derive(Clone, Debug, Default)]
pub struct Addressed {
    /// One for each notice, recipient and channel, in the order of the notices and of the book.
    pub deliveries: Vec<NewDelivery>,
    /// The notices that nobody can get, because the book has no address of their agency.
    pub unaddressed: Vec<Notice>,
}

/// Makes out notices to the addresses of their agencies. `at` is the wall clock's time, by which the outbox sends.
pub fn address(book: &AddressBook, notices: Vec<Notice>, at: DateTime<Utc>) -> Addressed {
    let mut addressed = Addressed::default();
    for notice in notices {
        let channels: Vec<_> = book.agencies.get(&notice.agency).into_iter().flat_map(Addresses::channels).collect();
        if channels.is_empty() {
            addressed.unaddressed.push(notice);
            continue;
        }
        let made_out =
            channels.into_iter().map(|(channel, recipient)| delivery(&notice, channel, recipient.into(), at));
        addressed.deliveries.extend(made_out);
    }
    addressed
}

/// The agency is part of whom the id names: two agencies behind one address are told two different things.
pub(super) fn delivery(notice: &Notice, channel: Channel, recipient: Arc<str>, at: DateTime<Utc>) -> NewDelivery {
    let whom = format!("{}/{recipient}", notice.agency);
    NewDelivery {
        id: delivery_id(&notice.alert, notice.revision, &whom, channel),
        alert: notice.alert.clone(),
        revision: notice.revision,
        agency: notice.agency.clone(),
        channel,
        recipient,
        notice: notice.clone(),
        created_at: at,
        not_before: at,
        lease_until: None,
    }
}
