//! An alert as one agency may see it: what goes out, and why.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{AlertId, CloseReason, Evidence, Severity};
use crate::record::shown::{Bound, Shown};

/// Why a notice goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "occasion")]
pub enum Occasion {
    /// A new alert.
    Opened,
    /// An alert that is more urgent than it was.
    Escalated {
        /// The severity before.
        from: Severity,
    },
    /// An alert whose evidence changed after it was sent.
    Corrected,
    /// An alert that is over.
    Resolved {
        /// Why.
        reason: CloseReason,
    },
    /// A test of the channel: nothing happened.
    Test,
    /// A channel or the rules need a person: no alert is behind it.
    Trouble,
}

/// One line of evidence as an agency may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// The conjunct as its author wrote it.
    pub text: Arc<str>,
    /// The value that it saw.
    pub value: Shown,
    /// The bound that the value met.
    pub bound: Option<Bound>,
}

impl From<&Evidence> for EvidenceLine {
    fn from(evidence: &Evidence) -> Self {
        let Evidence { text, value, bound, .. } = evidence;
        EvidenceLine { text: text.clone(), value: value.clone(), bound: bound.clone() }
    }
}

/// An alert as one agency may see it: whatever stands here may be shown to that agency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The alert's name.
    pub alert: AlertId,
    /// Which sending of the alert this is, from 1.
    pub revision: u32,
    /// The agency's id.
    pub agency: Arc<str>,
    /// The agency's name.
    pub agency_name: String,
    /// Why it goes out.
    pub occasion: Occasion,
    /// The rule's id.
    pub rule: Arc<str>,
    /// The rule's title, without personal data.
    pub title: String,
    /// How soon to act.
    pub severity: Severity,
    /// The phase's name, for people.
    pub phase: String,
    /// The kabupaten's name, or that of the whole area.
    pub kabupaten: String,
    /// When what triggered it happened.
    pub occurred_at: DateTime<Utc>,
    /// When the alert opened: a late record opens one long after it happened.
    #[serde(default)]
    pub opened_at: DateTime<Utc>,
    /// As of when the rule was judged.
    pub at: DateTime<Utc>,
    /// How many findings the alert rests on.
    pub findings: usize,
    /// What this agency is told; it can hold personal data that the agency may see.
    pub message: Shown,
    /// What this agency is asked to do.
    pub action: String,
    /// Why the rule exists.
    pub why: String,
    /// When the rule is known to be wrong.
    pub false_positives: String,
    /// The evidence that the agency may see.
    pub evidence: Vec<EvidenceLine>,
    /// How many lines of evidence it may not see.
    pub evidence_hidden: usize,
    /// Legal basis: the citations in words, unverified ones marked.
    pub basis: Vec<String>,
}
