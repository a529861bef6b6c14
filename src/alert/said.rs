//! What became of a finding, and what people did, in a sentence.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Act, AlertEventKind, CloseReason, Disposition, HoldReason};
use crate::record::shown::Shown;
use crate::words::{Text, say};

impl Disposition {
    /// What became of a finding.
    pub fn said(&self, zone: Tz) -> Text {
        match self {
            Disposition::Open => say("disposed-open"),
            Disposition::Repeat { since } => say("disposed-repeat").with("since", time(*since, zone)),
            Disposition::Escalate { from, to } => {
                say("disposed-escalate").with("from", from.word()).with("to", to.word())
            }
            Disposition::Hold(reason) => say("disposed-hold").with("reason", reason.said(zone)),
            Disposition::Resolve { reason } => say("disposed-resolve").with("reason", reason.said()),
        }
    }
}

impl HoldReason {
    /// Why it is kept and not sent.
    pub fn said(&self, zone: Tz) -> Text {
        match self {
            HoldReason::SilentPhase => say("hold-silent-phase"),
            HoldReason::Suppressed { by } => say("hold-suppressed").with("by", by.as_ref()),
            HoldReason::Exempt => say("hold-exempt"),
            HoldReason::FalseAlarm { until } => say("hold-false-alarm").with("until", time(*until, zone)),
            HoldReason::Shadow => say("hold-shadow"),
        }
    }
}

impl CloseReason {
    /// Why it is over.
    pub fn said(self) -> Text {
        match self {
            CloseReason::FalseAlarm => say("close-false-alarm"),
            CloseReason::Handled => say("close-handled"),
            CloseReason::Duplicate => say("close-duplicate"),
            CloseReason::AnsweredLate => say("close-answered-late"),
            CloseReason::EvidenceWithdrawn => say("close-evidence-withdrawn"),
        }
    }
}

impl AlertEventKind {
    /// What happened.
    pub fn said(&self, zone: Tz) -> Text {
        let (by, act) = match self {
            AlertEventKind::Disposed { disposition, .. } => return disposition.said(zone),
            AlertEventKind::Acted { by, act } => (by.as_ref(), act),
        };
        let said = match act {
            Act::Acknowledge => say("act-acknowledge"),
            Act::Review => say("act-review"),
            Act::Close { reason } => say("act-close").with("reason", reason.said()),
            Act::Comment { text } => say("act-comment").with("text", text.as_str()),
        };
        said.with("by", by)
    }
}

fn time(at: DateTime<Utc>, zone: Tz) -> String {
    Shown::Time(at, zone).to_string()
}
