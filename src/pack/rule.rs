//! A rule, checked and lowered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rhai::{AST, Position};

use crate::alert::Severity;
use crate::record::groups::Groups;
use crate::record::schema::KindId;
use crate::subject::SubjectKind;
use crate::timeline::PhaseId;

use super::expr::{Node, ThresholdId};
use super::sight::Sight;
use super::tables::Citation;
pub use super::testing::TestText;
use super::wording::Worded;

/// How far a rule has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It judges and alerts.
    Stable,
    /// It judges and is counted; nothing is sent.
    Shadow,
    /// It is checked and does not judge.
    Draft,
    /// It failed again and again, and does not judge until the pack changes. No author writes this.
    Stopped,
}

impl Status {
    /// The word of this status.
    pub fn word(self) -> &'static str {
        match self {
            Status::Stable => "stable",
            Status::Shadow => "shadow",
            Status::Draft => "draft",
            Status::Stopped => "stopped",
        }
    }
}

/// How often a matter becomes an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OncePer {
    /// Until the alert is closed.
    Case,
    /// Once in each phase.
    Phase,
    /// For each trigger.
    Record,
    /// Once in a span from the opening.
    Span(TimeDelta),
}

/// One conjunct of `when`, or what `unless` asks.
#[derive(Clone, Debug)]
pub struct Conjunct {
    /// What it asks.
    pub node: Node,
    /// As its author wrote it.
    pub text: Arc<str>,
    /// Where it stands in the rule's file.
    pub at: Position,
    /// It is a guard: its author says that no record is expected to bring out one of its answers.
    pub is_guard: bool,
    /// The conditions that it joins by `||` or `&&`, in the order of its node's.
    pub branches: Box<[Branch]>,
    /// The groups of the fields that it reads.
    pub groups: Groups,
    /// What people are shown of it.
    pub sight: Sight,
}

/// A condition within a conjunct.
#[derive(Clone, Debug)]
pub struct Branch {
    /// As its author wrote it.
    pub text: Arc<str>,
    /// Where it stands in the rule's file.
    pub at: Position,
    /// The conditions that it joins itself.
    pub branches: Box<[Branch]>,
}

/// When a conjunct is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// What it costs.
    pub cost: Cost,
    /// Its place in `when`.
    pub place: usize,
}

/// What judging a conjunct costs; more compares greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// It looks at the trigger and the pack alone.
    Trigger,
    /// It asks the dossier.
    Dossier,
    /// It runs a helper with statements.
    Script,
}

/// What one role is told.
#[derive(Clone, Debug)]
pub struct RoleMessage {
    /// The role.
    pub role: Arc<str>,
    /// The text, as an expression.
    pub text: Node,
    /// The groups of the fields that it shows.
    pub groups: Groups,
    /// Whether it is the very text that the role before this one is told.
    pub repeats: bool,
}

/// "X, and no Y by then".
#[derive(Clone, Debug)]
pub struct Deadline {
    /// When it is due, as an expression over the trigger.
    pub due: Node,
    /// What would have answered it.
    pub unless: Option<Conjunct>,
    /// Whether each trigger has its own timer.
    pub each_record: bool,
    /// Later firings of the same alert.
    pub steps: Vec<DeadlineStep>,
}

/// A later firing of a deadline.
#[derive(Clone, Debug)]
pub struct DeadlineStep {
    /// How long after the deadline.
    pub after: TimeDelta,
    /// Its severity.
    pub severity: Severity,
    /// Its citations, in addition to the rule's.
    pub basis: Vec<Arc<str>>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id: the file's name.
    pub id: Arc<str>,
    /// Its place in its pack, whose rules are sorted by id.
    pub place: u32,
    /// Path of its file within the pack.
    pub file: String,
    /// Its title, for people.
    pub title: String,
    /// What it flags.
    pub flags: String,
    /// Why it exists.
    pub why: String,
    /// What to do.
    pub action: String,
    /// When it is known to be wrong.
    pub false_positives: String,
    /// How far it has come.
    pub status: Status,
    /// What it is about.
    pub per: SubjectKind,
    /// The kinds that trigger it.
    pub on: Vec<KindId>,
    /// The phases in which it judges, by place; `true` where it does.
    pub phases: Vec<bool>,
    /// Its severity by phase.
    pub severity: Vec<Severity>,
    /// Who is told what.
    pub notify: Vec<RoleMessage>,
    /// Its citations.
    pub basis: Arc<[Arc<str>]>,
    /// The first and the last day on which all of them are in force; none where there is no such day.
    pub basis_days: Option<(NaiveDate, NaiveDate)>,
    /// The kabupaten that a finding belongs to, where it is not the trigger's.
    pub area: Option<Node>,
    /// Named values, in order.
    pub values: Vec<(String, Node)>,
    /// All of these must hold.
    pub when: Vec<Conjunct>,
    /// The places of `when` in the order of judging: the cheapest first.
    pub judged: Vec<Turn>,
    /// Set for a rule that waits.
    pub deadline: Option<Deadline>,
    /// How often it becomes an alert.
    pub once_per: OncePer,
    /// Rules whose findings on the same subject are held while an alert of this one is open.
    pub suppresses: Vec<Arc<str>>,
    /// Where its tests stand; [`super::testing::tests_of`] reads them.
    pub test_text: TestText,
    /// The kinds that `when`, `values` and messages read from the dossier.
    pub reads: BTreeSet<KindId>,
    /// How far back they read; `None` is all the way.
    pub looks_back: Option<TimeDelta>,
    /// The kinds that `deadline` reads of the dossier: they can move it.
    pub moves: BTreeSet<KindId>,
    /// The kinds that `unless` reads.
    pub answers: BTreeSet<KindId>,
    /// Helpers with statements, for the interpreter.
    pub functions: Arc<AST>,
    /// What its findings say, once it has found something.
    pub worded: Worded,
}

impl Rule {
    /// Whether it judges at all.
    pub fn judges(&self) -> bool {
        matches!(self.status, Status::Stable | Status::Shadow)
    }

    /// Whether it judges in a phase.
    pub fn is_active_in(&self, phase: PhaseId) -> bool {
        self.phases.get(usize::from(phase.0)).copied().unwrap_or(false)
    }

    /// Its severity in a phase.
    pub fn severity_in(&self, phase: PhaseId) -> Severity {
        self.severity.get(usize::from(phase.0)).copied().unwrap_or(Severity::Siaga3)
    }

    /// Notes on which days all citations are in force; `citations` are the pack's, by id.
    pub(super) fn date_basis(&mut self, citations: &HashMap<&str, &Citation>) {
        let always = Some((NaiveDate::MIN, NaiveDate::MAX));
        self.basis_days = self.basis.iter().fold(always, |days, id| {
            let (first, last) = days?;
            let citation = citations.get(id.as_ref())?;
            Some((first.max(citation.valid_from), citation.valid_until.map_or(last, |until| last.min(until))))
        });
    }

    /// The severity of one firing in a phase: steps have their own.
    pub fn severity_of(&self, firing: u8, phase: PhaseId) -> Severity {
        let step = firing.checked_sub(1).and_then(|step| self.deadline.as_ref()?.steps.get(usize::from(step)));
        step.map_or_else(|| self.severity_in(phase), |step| step.severity)
    }
}

/// One of a rule's own tests.
#[derive(Clone, Debug)]
pub struct RuleTest {
    /// What it shows.
    pub name: String,
    /// Where it begins in the file.
    pub at: Position,
    /// Records of the contract as JSON, with the `id` and `source` that were left out.
    pub records: Vec<String>,
    /// Time runs on to here after the last record.
    pub advance_to: Option<DateTime<Utc>>,
    /// Thresholds set for this test.
    pub thresholds: Vec<(ThresholdId, f64)>,
    /// The rule's id once for each alert that opens.
    pub fires: Vec<String>,
    /// The severity of the last alert.
    pub severity: Option<Severity>,
    /// The agencies told, in any order.
    pub told: Option<BTreeSet<String>>,
    /// How many alerts resolve.
    pub resolved: Option<usize>,
}
