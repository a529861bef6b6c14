//! Telling the coordinator that a channel needs a person.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Jakarta;
use sha2::{Digest as _, Sha256};

use super::address::{AddressBook, delivery};
use crate::alert::Severity;
use crate::deliver::Outcome;
use crate::notice::{Notice, Occasion};
use crate::store::outbox::{Channel, Claimed, NewDelivery};

/// What the coordinator is told about an outcome, on every channel but the one that it is about; nothing, when
/// it needs nobody. The ids are those of channel, kind of trouble and local day: once a day is enough.
pub(super) fn tell(book: &AddressBook, claimed: &Claimed, outcome: &Outcome, now: DateTime<Utc>) -> Vec<NewDelivery> {
    let Some((agency, addresses)) = book.coordinator.as_ref().and_then(|id| book.agencies.get_key_value(id)) else {
        return Vec::new();
    };
    if !outcome.needs_coordinator() {
        return Vec::new();
    }
    let notice =
        Notice { agency: agency.clone(), agency_name: addresses.name.clone(), ..notice(claimed, outcome, now) };
    let works = |(channel, recipient): &(Channel, String)| match claimed.channel {
        Channel::Email => *channel != Channel::Email,
        Channel::Webhook => *channel != Channel::Webhook || **recipient != *claimed.recipient,
    };
    addresses.channels().filter(works).map(|(channel, to)| delivery(&notice, channel, to.into(), now)).collect()
}

fn notice(claimed: &Claimed, outcome: &Outcome, now: DateTime<Utc>) -> Notice {
    let name = match claimed.channel {
        Channel::Email => "surel",
        Channel::Webhook => &claimed.recipient,
    };
    Notice {
        alert: name_of(name, outcome, now).into(),
        revision: 1,
        agency: claimed.agency.clone(),
        agency_name: String::new(),
        occasion: Occasion::Trouble,
        rule: "saluran".into(),
        title: title(name),
        severity: Severity::Siaga2,
        phase: String::new(),
        kabupaten: "seluruh wilayah".to_owned(),
        occurred_at: now,
        opened_at: now,
        at: now,
        findings: 0,
        message: message(outcome).as_str().into(),
        action: format!(
            "Periksa alamat, kunci, dan akun saluran ini bersama pengelolanya. \
             Sesudah diperbaiki, uji dengan `siaga send-test {}`.",
            claimed.agency
        ),
        why: String::new(),
        false_positives: String::new(),
        evidence: Vec::new(),
        evidence_hidden: 0,
        basis: Vec::new(),
    }
}

/// It has to stand in a mail's headers, which an endpoint's name need not.
fn title(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    format!("Saluran {name} bermasalah")
}

fn message(outcome: &Outcome) -> String {
    let what = match outcome {
        Outcome::Gone { .. } => {
            "Penerima menyatakan saluran ini sudah tidak ada. Tidak ada lagi yang dikirim ke sana; \
             kirimannya tersimpan dan dapat dikirim ulang."
        }
        Outcome::Circuit { .. } => "Server surel menolak siaga. Semua surel menunggu, dan dicoba lagi tiap 10 menit.",
        _ => "Penerima menolak siaga. Kiriman tetap dicoba lagi, lebih jarang, sampai 72 jam.",
    };
    let detail = outcome.reason().unwrap_or_default();
    format!("{what}\nKeterangan teknis: {detail}.")
}

/// Like an alert's name: it threads the mails about one trouble.
fn name_of(name: &str, outcome: &Outcome, now: DateTime<Utc>) -> String {
    let channel = hex::encode(Sha256::digest(name.as_bytes()));
    let short = channel.get(..8).unwrap_or_default();
    format!("SALURAN-{short}-{}-{}", outcome.word(), now.with_timezone(&Jakarta).format("%Y%m%d"))
}
