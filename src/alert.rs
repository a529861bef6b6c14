//! Findings, the alerts that they become, and the life of an alert.

pub mod finding;
mod said;
pub mod telling;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::record::groups::Groups;
use crate::record::shown::{Bound, Shown};
use crate::record::{Record, RecordKey};
use crate::subject::Subject;

use finding::{Words, Written};

/// How soon somebody has to act; a higher one compares greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Held as a note in this phase, until a phase with a severity begins.
    Silent,
    /// Digest.
    #[serde(rename = "siaga-3")]
    Siaga3,
    /// Same or next working day.
    #[serde(rename = "siaga-2")]
    Siaga2,
    /// Act now.
    #[serde(rename = "siaga-1")]
    Siaga1,
}

impl Severity {
    /// All severities with the word that scripts and messages use.
    pub const ALL: [(Severity, &'static str); 4] = [
        (Severity::Silent, "silent"),
        (Severity::Siaga3, "siaga-3"),
        (Severity::Siaga2, "siaga-2"),
        (Severity::Siaga1, "siaga-1"),
    ];

    /// The word of this severity.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, word)| word)
    }

    /// The severity that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(severity, _)| *severity)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One conjunct of a rule with what it saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The conjunct as the author wrote it.
    pub text: Arc<str>,
    /// The value that it saw.
    pub value: Shown,
    /// The bound that the value was held against, where there is one.
    pub bound: Option<Bound>,
    /// Whether the conjunct held.
    pub holds: bool,
    /// The groups of the fields behind it: who may not see all of them does not see this line.
    pub groups: Groups,
}

/// What one role is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The text, in the pack's language.
    pub text: Shown,
    /// The groups of the fields that it shows.
    pub groups: Groups,
}

/// What makes a finding the same finding when it is judged again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FindingKey {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The record that triggered or armed it.
    pub trigger: RecordKey,
    /// 0 for the first firing, then one for each later step of a deadline.
    pub firing: u8,
}

/// What is heard of later than this is told as late, in hours: no source takes longer.
const LATE_HOURS: i64 = 24;

/// How late something was heard of, in hours, where that is longer than any source takes: `judged_at` is the instant as of
/// which the rule was judged.
pub fn late_hours(judged_at: DateTime<Utc>, heard_at: DateTime<Utc>) -> Option<i64> {
    let hours = (heard_at - judged_at).num_hours();
    (hours >= LATE_HOURS).then_some(hours)
}

/// The same where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyOf<'a> {
    /// The rule's id.
    pub rule: &'a Arc<str>,
    /// The record that triggered or armed it.
    pub trigger: &'a RecordKey,
    /// Which firing.
    pub firing: u8,
}

impl FindingKey {
    /// The same where it stands.
    #[inline]
    pub fn of(&self) -> KeyOf<'_> {
        KeyOf { rule: &self.rule, trigger: &self.trigger, firing: self.firing }
    }
}

impl KeyOf<'_> {
    /// The same for itself.
    pub fn owned(self) -> FindingKey {
        FindingKey { rule: self.rule.clone(), trigger: self.trigger.clone(), firing: self.firing }
    }
}

/// A rule held for a subject at a record, or at a deadline. Many come of one record and of one rule: what they have in
/// common is shared, and what they say is put into words when somebody reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Finding {
    /// Whom it is about, when and where.
    pub about: Arc<About>,
    /// What it says, and the rule that says it.
    pub words: Words,
    /// Its severity in the phase.
    pub severity: Severity,
    /// 0 for the first firing, then one for each later step of a deadline.
    pub firing: u8,
}

/// Whom findings are about, and as of when and where they were judged.
#[derive(Clone, Debug)]
pub struct About {
    /// Whom or what.
    pub subject: Subject,
    /// The record that triggered or armed them.
    pub trigger: RecordKey,
    /// The same with what it says; none where a store kept what the findings say.
    pub record: Option<Arc<Record>>,
    /// When the trigger happened.
    pub occurred_at: DateTime<Utc>,
    /// The instant as of which the rule was judged: the trigger's own, or the deadline's.
    pub at: DateTime<Utc>,
    /// The phase, as of `at`, in the finding's kabupaten.
    pub phase: Arc<str>,
    /// The kabupaten they belong to; none means the whole area.
    pub kabupaten: Option<Arc<str>>,
    /// The person concerned is exempt: held, counted, never sent.
    pub exempt: bool,
}

/// Why a finding is no longer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// What the deadline waited for came after all.
    AnsweredLate,
    /// The records that it rested on no longer say so.
    EvidenceWithdrawn,
}

/// What an entry did to one finding.
#[derive(Clone, Debug, PartialEq)]
pub enum FindingChange {
    /// New.
    Added(Finding),
    /// The same finding with other evidence, severity or messages.
    Changed(Finding),
    /// No longer one.
    Withdrawn(Finding, Withdrawal),
}

impl FindingChange {
    /// The finding concerned.
    pub fn finding(&self) -> &Finding {
        match self {
            FindingChange::Added(finding) | FindingChange::Changed(finding) | FindingChange::Withdrawn(finding, _) => {
                finding
            }
        }
    }
}

/// Where an alert stands in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Status {
    /// `baru`: nobody has answered.
    Baru,
    /// `diterima`: somebody has taken it.
    Diterima,
    /// `ditinjau`: somebody looked into it.
    Ditinjau,
    /// `ditutup`: over, for a reason.
    Ditutup {
        /// Why.
        reason: CloseReason,
        /// Since when.
        at: DateTime<Utc>,
    },
}

impl Status {
    /// The field's own word.
    pub fn word(&self) -> &'static str {
        match self {
            Status::Baru => "baru",
            Status::Diterima => "diterima",
            Status::Ditinjau => "ditinjau",
            Status::Ditutup { .. } => "ditutup",
        }
    }

    /// Whether the alert's life goes on.
    pub fn is_open(&self) -> bool {
        !matches!(self, Status::Ditutup { .. })
    }
}

/// Why an alert was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
    /// A person checked it: all in order.
    FalseAlarm,
    /// A person dealt with it.
    Handled,
    /// A person found it to be another alert's matter.
    Duplicate,
    /// What the deadline waited for came after all.
    AnsweredLate,
    /// No finding is left.
    EvidenceWithdrawn,
}

impl CloseReason {
    /// The reasons that a person may give, with their words.
    pub const BY_PEOPLE: [(CloseReason, &'static str); 3] = [
        (CloseReason::FalseAlarm, "false-alarm"),
        (CloseReason::Handled, "handled"),
        (CloseReason::Duplicate, "duplicate"),
    ];

    /// The word of this reason.
    pub fn word(self) -> &'static str {
        match self {
            CloseReason::FalseAlarm => "false-alarm",
            CloseReason::Handled => "handled",
            CloseReason::Duplicate => "duplicate",
            CloseReason::AnsweredLate => "answered-late",
            CloseReason::EvidenceWithdrawn => "evidence-withdrawn",
        }
    }
}

impl From<Withdrawal> for CloseReason {
    fn from(withdrawal: Withdrawal) -> Self {
        match withdrawal {
            Withdrawal::AnsweredLate => CloseReason::AnsweredLate,
            Withdrawal::EvidenceWithdrawn => CloseReason::EvidenceWithdrawn,
        }
    }
}

/// Why a finding is kept but not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "hold")]
pub enum HoldReason {
    /// The rule only takes notes in this phase.
    SilentPhase,
    /// An open alert of another rule explains it.
    Suppressed {
        /// That rule's id.
        by: Arc<str>,
    },
    /// The person is exempt.
    Exempt,
    /// People closed the same matter as a false alarm not long ago.
    FalseAlarm {
        /// Until when it stays quiet.
        until: DateTime<Utc>,
    },
    /// The rule runs in the shadow: counted, never sent.
    Shadow,
}

impl HoldReason {
    /// The word of this reason.
    pub fn word(&self) -> &'static str {
        match self {
            HoldReason::SilentPhase => "silent-phase",
            HoldReason::Suppressed { .. } => "suppressed",
            HoldReason::Exempt => "exempt",
            HoldReason::FalseAlarm { .. } => "false-alarm",
            HoldReason::Shadow => "shadow",
        }
    }
}

/// What became of a finding, with the reason. Log, mails, `explain` and tests use these words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Disposition {
    /// It opened an alert.
    Open,
    /// It joined an alert that was open since then.
    Repeat {
        /// When that alert opened.
        since: DateTime<Utc>,
    },
    /// It joined an open alert and raised it.
    Escalate {
        /// The severity before.
        from: Severity,
        /// The severity now.
        to: Severity,
    },
    /// It is kept and not sent.
    Hold(HoldReason),
    /// Its alert is over.
    Resolve {
        /// Why.
        reason: CloseReason,
    },
}

impl Disposition {
    /// The word of this kind of disposition.
    pub fn word(&self) -> &'static str {
        match self {
            Disposition::Open => "open",
            Disposition::Repeat { .. } => "repeat",
            Disposition::Escalate { .. } => "escalate",
            Disposition::Hold(_) => "hold",
            Disposition::Resolve { .. } => "resolve",
        }
    }

    /// The reason in a word or two, empty where the kind says it all.
    pub fn reason(&self) -> String {
        match self {
            Disposition::Open => String::new(),
            Disposition::Repeat { since } => format!("since {}", since.to_rfc3339()),
            Disposition::Escalate { from, to } => format!("{from} to {to}"),
            Disposition::Hold(HoldReason::Suppressed { by }) => format!("suppressed by {by}"),
            Disposition::Hold(reason) => reason.word().to_owned(),
            Disposition::Resolve { reason } => reason.word().to_owned(),
        }
    }
}

/// The public name of an alert; it says nothing of the person.
pub type AlertId = Arc<str>;

/// One matter for people: the findings of one rule about one subject on one occasion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its name.
    pub id: AlertId,
    /// The rule's id.
    pub rule: Arc<str>,
    /// Whom or what it is about.
    pub subject: Subject,
    /// Which occasion of (rule, subject) this is.
    pub occasion: String,
    /// Where it stands.
    pub status: Status,
    /// Its severity; it rises and never falls.
    pub severity: Severity,
    /// Set while it is kept from everybody.
    pub held: Option<HoldReason>,
    /// When its first finding opened it.
    pub opened_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Its findings in the order of their keys, each in its newest state. They are many, and kept beside it.
    #[serde(skip)]
    pub findings: Vec<Finding>,
    /// How many times it has been sent out: each sending is a revision.
    pub revision: u32,
    /// The agencies that have been told, in the order of telling.
    pub told: Vec<Arc<str>>,
}

impl Alert {
    /// The finding whose words stand for the alert: the newest by time, then by key.
    pub fn newest(&self) -> Option<&Finding> {
        self.findings.iter().max_by(|a, b| (a.about.at, a.key()).cmp(&(b.about.at, b.key())))
    }
}

/// What a person did to an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Act {
    /// Took it.
    Acknowledge,
    /// Looked into it.
    Review,
    /// Ended it.
    Close {
        /// Why.
        reason: CloseReason,
    },
    /// Wrote something beside it.
    Comment {
        /// The words.
        text: String,
    },
}

/// One line of an alert's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertEvent {
    /// The alert.
    pub alert: AlertId,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub what: AlertEventKind,
}

/// What happened to an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum AlertEventKind {
    /// The program disposed of a finding.
    Disposed {
        /// The finding, where one was the cause; a phase boundary has none.
        finding: Option<FindingKey>,
        /// What became of it.
        disposition: Disposition,
    },
    /// A person acted.
    Acted {
        /// The agency that the person acted for.
        by: Arc<str>,
        /// What the person did.
        act: Act,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_within_a_day_is_not_late() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let judged_at = at("2024-11-20T08:00:00+07:00");
        let cases = [
            ("2024-11-20T07:00:00+07:00", None),
            ("2024-11-21T07:59:59+07:00", None),
            ("2024-11-21T08:00:00+07:00", Some(24)),
            ("2024-11-30T08:00:00+07:00", Some(240)),
        ];
        for (heard_at, hours) in cases {
            assert_eq!(late_hours(judged_at, at(heard_at)), hours, "{heard_at}");
        }
    }
}
