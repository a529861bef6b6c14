//! Telling people that the rules need somebody: a pack on the disk that is refused, a rule that was stopped.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Jakarta;
use sha2::{Digest as _, Sha256};

use super::address::{AddressBook, address};
use crate::alert::Severity;
use crate::notice::{Notice, Occasion};
use crate::pack::Pack;
use crate::pack::rule::Rule;
use crate::store::outbox::NewDelivery;
use crate::words::{Language, Text, say};

/// The coordinator is told that the pack on the disk is refused: once a day, however often it is saved.
pub fn refused(book: &AddressBook, errors: usize, reason: &str, now: DateTime<Utc>) -> Vec<NewDelivery> {
    let name = format!("PAKET-{}", now.with_timezone(&Jakarta).format("%Y%m%d"));
    let message = say("pack-refused").with("errors", errors).with("reason", reason);
    let to = book.coordinator.iter();
    tell(book, to, &name, [say("pack-refused-title"), message, say("pack-refused-action")], now)
}

/// The coordinator, or where there is none those whom the rule alerts, are told that a rule was stopped: once for a
/// version of the pack.
pub fn stopped(book: &AddressBook, pack: &Pack, rule: &Rule, now: DateTime<Utc>) -> Vec<NewDelivery> {
    let version = hex::encode(Sha256::digest(format!("{}\0{}", rule.id, pack.hash)));
    let name = format!("ATURAN-{}", version.get(..12).unwrap_or(&version));
    let is_alerted = |role: &Arc<str>| rule.notify.iter().any(|message| message.role == *role);
    let alerted = pack.agencies.iter().filter(|agency| agency.roles.iter().any(is_alerted)).map(|agency| &agency.id);
    let to: Vec<&Arc<str>> = match &book.coordinator {
        Some(coordinator) => vec![coordinator],
        None => alerted.collect(),
    };
    let title = say("rule-stopped-title").with("rule", &*rule.id);
    let message = say("rule-stopped").with("title", rule.title.as_str());
    tell(book, to, &name, [title, message, say("rule-stopped-action")], now)
}

fn tell<'a>(
    book: &AddressBook,
    to: impl IntoIterator<Item = &'a Arc<str>>,
    name: &str,
    words: [Text; 3],
    now: DateTime<Utc>,
) -> Vec<NewDelivery> {
    // mails are Indonesian first
    let [title, message, action] = words.map(|text| text.render(Language::Indonesian));
    let known = to.into_iter().filter_map(|id| book.agencies.get_key_value(id));
    let notices = known.map(|(agency, addresses)| Notice {
        alert: name.into(),
        revision: 1,
        agency: agency.clone(),
        agency_name: addresses.name.clone(),
        occasion: Occasion::Trouble,
        rule: "paket-aturan".into(),
        title: title.clone(),
        severity: Severity::Siaga2,
        phase: String::new(),
        kabupaten: "seluruh wilayah".to_owned(),
        occurred_at: now,
        opened_at: now,
        at: now,
        findings: 0,
        message: message.as_str().into(),
        action: action.clone(),
        why: String::new(),
        false_positives: String::new(),
        evidence: Vec::new(),
        evidence_hidden: 0,
        basis: Vec::new(),
    });
    address(book, notices.collect(), now).deliveries
}
