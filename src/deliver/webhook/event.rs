//! The body of a webhook: a CloudEvents 1.0 event in structured JSON.

use chrono::{DateTime, FixedOffset};
use chrono_tz::Asia::Jakarta;
use serde::Serialize;

use crate::alert::{Severity, late_hours};
use crate::deliver::Delivery;
use crate::deliver::settings::Detail;
use crate::notice::{EvidenceLine, Notice, Occasion};
use crate::record::shown::Shown;

/// The media type of the body.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

#[derive(Serialize)]
struct Event<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    subject: &'a str,
    time: DateTime<FixedOffset>,
    datacontenttype: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    alert: &'a str,
    rule: &'a str,
    title: &'a str,
    severity: Severity,
    phase: &'a str,
    kabupaten: &'a str,
    findings: usize,
    revision: u32,
    /// How late it was heard of, in hours, where that is more than a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    late_hours: Option<i64>,
    link: &'a str,
    #[serde(flatten)]
    full: Option<Full<'a>>,
}

#[derive(Serialize)]
struct Full<'a> {
    message: &'a Shown,
    action: &'a str,
    evidence: &'a [EvidenceLine],
    basis: &'a [String],
}

/// The body of a delivery, the same on every attempt.
pub fn cloudevent(delivery: &Delivery<'_>, detail: Detail) -> Result<Vec<u8>, serde_json::Error> {
    let notice = delivery.notice;
    let full = match detail {
        Detail::Thin => None,
        Detail::Full => Some(Full {
            message: &notice.message,
            action: &notice.action,
            evidence: &notice.evidence,
            basis: &notice.basis,
        }),
    };
    serde_json::to_vec(&Event {
        specversion: "1.0",
        id: delivery.id,
        source: "/siaga",
        kind: kind(&notice.occasion),
        subject: &notice.alert,
        time: local(notice),
        datacontenttype: "application/json",
        data: Data {
            alert: &notice.alert,
            rule: &notice.rule,
            title: &notice.title,
            severity: notice.severity,
            phase: &notice.phase,
            kabupaten: &notice.kabupaten,
            findings: notice.findings,
            revision: notice.revision,
            late_hours: late_hours(notice.at, notice.opened_at).filter(|_| notice.occasion == Occasion::Opened),
            link: delivery.link,
            full,
        },
    })
}

fn kind(occasion: &Occasion) -> &'static str {
    match occasion {
        Occasion::Opened => "id.siaga.alert.opened",
        Occasion::Escalated { .. } => "id.siaga.alert.escalated",
        Occasion::Corrected => "id.siaga.alert.corrected",
        Occasion::Resolved { .. } => "id.siaga.alert.resolved",
        Occasion::Test => "id.siaga.alert.test",
        Occasion::Trouble => "id.siaga.channel.trouble",
    }
}

fn local(notice: &Notice) -> DateTime<FixedOffset> {
    notice.at.with_timezone(&Jakarta).fixed_offset()
}
