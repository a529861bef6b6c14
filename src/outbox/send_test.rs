//! A marked message to every channel of one agency, through the production path.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Outbox;
use super::address::{AddressBook, address};
use crate::alert::{AlertId, Severity};
use crate::notice::{Notice, Occasion};
use crate::record::shown::Shown;
use crate::store::outbox::{Channel, DeliveryFilter, DeliveryState};
use crate::store::{Scope, Store, StoreError};

/// What the names of tests begin with, in the place of an alert's: no alert is behind them.
pub const TEST_PREFIX: &str = "UJI-";

/// How a test went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestReport {
    /// The test's name, in the place of an alert's.
    pub alert: AlertId,
    /// One for each recipient and channel, by channel and recipient.
    pub lines: Vec<TestLine>,
}

impl TestReport {
    /// Whether everybody got it.
    pub fn is_delivered(&self) -> bool {
        self.lines.iter().all(|line| line.state == DeliveryState::Delivered)
    }
}

/// How a test went for one recipient on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestLine {
    /// The channel.
    pub channel: Channel,
    /// The mail address, or the endpoint's name.
    pub recipient: String,
    /// Where the delivery stands; one that waits is tried again by the daemon, like any other.
    pub state: DeliveryState,
    /// How the attempt ended.
    pub outcome: Option<String>,
}

/// Why no test was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendTestError {
    /// The book does not have it.
    #[error("the agency `{0}` has no address; help: give it `email` or `webhook` under `[agency.{0}]`")]
    Unaddressed(String),
    /// The store's own reason.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a test into the outbox for every channel of `agency`, makes one attempt at each and says how it ended.
///
/// A running daemon may be first to take one; then its line says where it stands.
pub async fn send_test(
    store: &Store,
    book: Arc<AddressBook>,
    agency: &str,
    now: DateTime<Utc>,
) -> Result<TestReport, SendTestError> {
    let notice = notice(&book, agency, now);
    let alert = notice.alert.clone();
    let deliveries = address(&book, vec![notice], now).deliveries;
    if deliveries.is_empty() {
        return Err(SendTestError::Unaddressed(agency.to_owned()));
    }
    let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id.clone()).collect();
    let most = ids.len();
    store.enqueue(deliveries).await?;
    Outbox::new(store.clone(), book).attempt(ids, now).await?;
    let mut filter = DeliveryFilter::everything(Scope::Agency(agency.to_owned()));
    filter.alert = Some(alert.to_string());
    let found = super::blocking(store, move |store| store.deliveries(&filter, None, most)).await?;
    let mut lines: Vec<_> = found
        .items
        .into_iter()
        .map(|delivery| TestLine {
            channel: delivery.channel,
            recipient: delivery.recipient,
            state: delivery.state,
            outcome: delivery.last_outcome,
        })
        .collect();
    lines.sort_by(|a, b| (a.channel, &a.recipient).cmp(&(b.channel, &b.recipient)));
    Ok(TestReport { alert, lines })
}

fn notice(book: &AddressBook, agency: &str, now: DateTime<Utc>) -> Notice {
    let name = book.agencies.get(agency).map_or(agency, |addresses| &addresses.name);
    Notice {
        alert: format!("{TEST_PREFIX}{}", now.format("%Y%m%d-%H%M%S%3f")).into(),
        revision: 1,
        agency: agency.into(),
        agency_name: name.to_owned(),
        occasion: Occasion::Test,
        rule: "uji-coba".into(),
        title: "Uji coba saluran".to_owned(),
        severity: Severity::Siaga3,
        phase: String::new(),
        kabupaten: "seluruh wilayah".to_owned(),
        occurred_at: now,
        opened_at: now,
        at: now,
        findings: 0,
        message: Shown::Static(""),
        action: String::new(),
        why: String::new(),
        false_positives: String::new(),
        evidence: Vec::new(),
        evidence_hidden: 0,
        basis: Vec::new(),
    }
}
