//! Which rules a threshold moves, what they read, and how its curve can be had.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::engine::operand::{reads, settles};
use crate::entry::ThresholdChange;
use crate::pack::Pack;
use crate::pack::diagnostic::meant_or_all;
use crate::pack::expr::{Node, ThresholdId};
use crate::pack::rule::{Rule, Status};
use crate::pack::thresholds::Threshold;
use crate::record::schema::KindId;
use crate::subject::SubjectKind;
use crate::timeline::PhaseId;
use crate::words::{Text, say};

use super::Question;
use super::setting::Settings;

/// How the curve is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One pass keeps what each comparison with the threshold saw.
    OnePass,
    /// The subjects concerned are replayed at each value.
    EachValue,
}

/// Why a threshold cannot be tuned.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanError {
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub help: Option<Text>,
}

/// In English: for logs and programs, where nobody chose a language.
impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "\nhelp: {help}"))
    }
}

/// A threshold to tune in a pack.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The whole pack.
    pub whole: Arc<Pack>,
    /// The pack with only the rules that decide about what is counted.
    pub pack: Arc<Pack>,
    /// The threshold.
    pub threshold: ThresholdId,
    /// The phase in which alone its value moves.
    pub phase: Option<PhaseId>,
    /// The kabupaten in which alone its value moves.
    pub kabupaten: Option<Arc<str>>,
    /// The rules that read it.
    pub readers: Vec<Arc<Rule>>,
    /// Those of them that run in the shadow: they are counted as if they were let out.
    pub shadows: Vec<Arc<str>>,
    /// The rules whose alerts it moves: its readers and what they suppress.
    pub moved: Vec<Arc<Rule>>,
    /// The kinds of subject that these rules are about.
    pub subjects: BTreeSet<SubjectKind>,
    /// The kinds of record that they read.
    pub kinds: BTreeSet<KindId>,
    /// How its curve can be had.
    pub method: Method,
    pub(super) settings: Settings,
    pub(super) asked: Vec<f64>,
}

impl Plan {
    /// What has to be done to answer a question.
    ///
    /// # Errors
    /// The question names what the pack does not have.
    pub fn new(pack: &Arc<Pack>, question: &Question) -> Result<Self, PlanError> {
        let threshold = threshold_of(pack, &question.threshold)?;
        let phase = question.phase.as_deref().map(|word| phase_of(pack, word)).transpose()?;
        let kabupaten = question.kabupaten.as_deref().map(|code| kabupaten_of(pack, code)).transpose()?;
        check_values(pack, threshold, &question.values)?;
        let shadows: Vec<Arc<str>> =
            pack.rules.iter().filter(|rule| is_shadow_reader(rule, threshold)).map(|rule| rule.id.clone()).collect();
        let pack = &let_out(pack, &shadows);
        let judging: Vec<&Arc<Rule>> = pack.rules.iter().filter(|rule| rule.judges()).collect();
        let readers: Vec<Arc<Rule>> =
            judging.iter().filter(|rule| is_reader(rule, threshold)).map(|rule| (*rule).clone()).collect();
        if readers.is_empty() {
            let message = say("tune-unread").with("threshold", question.threshold.as_str());
            return Err(PlanError { message, help: None });
        }
        let moved = closure(&judging, &readers, suppresses);
        let deciding = closure(&judging, &moved, |a, b| suppresses(a, b) || suppresses(b, a));
        let one_pass = readers.iter().all(|rule| is_settled(rule, threshold));
        let alone = Arc::new(pack.only(deciding.clone()));
        let read = |rule: &Arc<Rule>| {
            let all = rule.on.iter().chain(&rule.reads).chain(&rule.moves).chain(&rule.answers);
            all.copied().collect::<Vec<_>>()
        };
        Ok(Plan {
            whole: pack.clone(),
            settings: Settings::new(&alone, question, phase),
            pack: alone,
            threshold,
            phase,
            kabupaten,
            subjects: deciding.iter().map(|rule| rule.per).collect(),
            kinds: deciding.iter().flat_map(read).collect(),
            readers,
            shadows,
            moved,
            method: if one_pass { Method::OnePass } else { Method::EachValue },
            asked: question.values.clone(),
        })
    }

    /// The same, with every value replayed however the threshold is used.
    #[must_use]
    pub fn replaying(self) -> Self {
        Plan { method: Method::EachValue, ..self }
    }

    /// The threshold as the pack states it; its readers name it, so it is there.
    pub fn stated(&self) -> Option<&Threshold> {
        self.pack.thresholds.get(self.threshold)
    }

    /// The value that the threshold has now where it is not set otherwise, or in the part that moves.
    pub fn present(&self) -> Option<f64> {
        self.settings.present(&self.pack, self.threshold)
    }

    /// The values in force now in the part that moves, each with the phases in which it holds; without phases where it
    /// is the only one.
    pub fn in_force(&self) -> Vec<(f64, Vec<String>)> {
        let values = self.settings.in_force(&self.pack, self.threshold);
        let mut by_value: Vec<(f64, Vec<String>)> = Vec::new();
        for (phase, value) in values {
            let word = self.pack.timeline.phase_word(phase).to_owned();
            match by_value.iter_mut().find(|(known, _)| *known == value) {
                Some((_, phases)) if phases.contains(&word) => {}
                Some((_, phases)) => phases.push(word),
                None => by_value.push((value, vec![word])),
            }
        }
        by_value.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        if let [(_, phases)] = by_value.as_mut_slice() {
            phases.clear();
        }
        by_value
    }

    /// What was set at run time for a narrower part, where it holds whatever the threshold is set to here.
    pub fn held(&self) -> Vec<&ThresholdChange> {
        self.settings.held()
    }

    pub(super) fn is_reader(&self, rule: &Rule) -> bool {
        self.readers.iter().any(|reader| reader.id == rule.id)
    }

    /// Whether all that the threshold does is to stand alone on one side of comparisons.
    pub(super) fn is_plain(&self) -> bool {
        let bound = Node::Threshold(self.threshold);
        let is_plain = |rule: &Rule, node: &Node| match node {
            Node::Compare(_, left, right) => {
                (**left == bound && !reads(rule, right, self.threshold))
                    || (**right == bound && !reads(rule, left, self.threshold))
            }
            node => !reads(rule, node, self.threshold),
        };
        self.method == Method::OnePass
            && self.readers.iter().all(|rule| {
                let plain =
                    rule.when.iter().filter(|conjunct| reads(rule, &conjunct.node, self.threshold)).count() <= 1;
                plain && rule.when.iter().all(|conjunct| is_plain(rule, &conjunct.node))
            })
    }

    pub(super) fn is_moved(&self, rule: &str) -> bool {
        self.moved.iter().any(|moved| moved.id.as_ref() == rule)
    }
}

fn is_shadow_reader(rule: &Rule, threshold: ThresholdId) -> bool {
    rule.status == Status::Shadow && is_reader(rule, threshold)
}

/// The pack with some of its rules out of the shadow: how many alerts they will make is what is asked.
fn let_out(pack: &Arc<Pack>, shadows: &[Arc<str>]) -> Arc<Pack> {
    let mut pack = pack.clone();
    if !shadows.is_empty() {
        let rules = Arc::make_mut(&mut pack).rules.iter_mut();
        rules.filter(|rule| shadows.contains(&rule.id)).for_each(|rule| Arc::make_mut(rule).status = Status::Stable);
    }
    pack
}

fn threshold_of(pack: &Pack, name: &str) -> Result<ThresholdId, PlanError> {
    let known = pack.thresholds.all().iter().map(|threshold| threshold.name.as_str());
    pack.thresholds.id(name).ok_or_else(|| unknown("thing-threshold", name, known))
}

/// The phase that a word names.
///
/// # Errors
/// There is none.
pub fn phase_of(pack: &Pack, word: &str) -> Result<PhaseId, PlanError> {
    let known = pack.timeline.phases.iter().map(|phase| phase.id.as_ref());
    pack.timeline.phase_id(word).ok_or_else(|| unknown("thing-phase", word, known))
}

fn kabupaten_of(pack: &Pack, code: &str) -> Result<Arc<str>, PlanError> {
    let known = pack.area.iter().map(String::as_str);
    let own = known.clone().find(|own| *own == code).map(Arc::from);
    own.ok_or_else(|| unknown("thing-kabupaten", code, known))
}

fn unknown<'a>(thing: &'static str, word: &str, known: impl Iterator<Item = &'a str> + Clone) -> PlanError {
    let message = say("unknown").with("thing", say(thing)).with("word", word);
    PlanError { message, help: Some(meant_or_all(word, known)) }
}

fn check_values(pack: &Pack, threshold: ThresholdId, values: &[f64]) -> Result<(), PlanError> {
    let Some(stated) = pack.thresholds.get(threshold) else { return Ok(()) };
    let is_value = |value: f64| (stated.min..=stated.max).contains(&value) && !(stated.whole && value.fract() != 0.0);
    let Some(value) = values.iter().find(|value| !is_value(**value)) else { return Ok(()) };
    let help = if stated.whole { say("tune-value-whole") } else { say("tune-value-help") };
    let help = help.with("min", stated.min.to_string()).with("max", stated.max.to_string());
    Err(PlanError {
        message: say("tune-no-value").with("value", value.to_string()).with("threshold", stated.name.as_str()),
        help: Some(help.with("unit", stated.unit.as_str())),
    })
}

fn suppresses(a: &Rule, b: &Rule) -> bool {
    a.per == b.per && a.suppresses.contains(&b.id)
}

/// Some rules and all that they reach, in the pack's order.
fn closure(all: &[&Arc<Rule>], first: &[Arc<Rule>], leads: impl Fn(&Rule, &Rule) -> bool) -> Vec<Arc<Rule>> {
    let mut known: BTreeSet<&str> = first.iter().map(|rule| rule.id.as_ref()).collect();
    loop {
        let next = all
            .iter()
            .filter(|rule| !known.contains(rule.id.as_ref()))
            .find(|rule| all.iter().any(|from| known.contains(from.id.as_ref()) && leads(from, rule)));
        match next {
            Some(rule) => known.insert(rule.id.as_ref()),
            None => break,
        };
    }
    all.iter().filter(|rule| known.contains(rule.id.as_ref())).map(|rule| (*rule).clone()).collect()
}

/// Every expression of a rule that decides something, its texts left out.
fn deciding(rule: &Rule) -> impl Iterator<Item = &Node> {
    let deadline = rule
        .deadline
        .iter()
        .flat_map(|deadline| [&deadline.due].into_iter().chain(deadline.unless.as_ref().map(|unless| &unless.node)));
    rule.when.iter().map(|conjunct| &conjunct.node).chain(&rule.area).chain(deadline)
}

fn is_reader(rule: &Rule, threshold: ThresholdId) -> bool {
    let texts = rule.notify.iter().map(|message| &message.text);
    deciding(rule).chain(texts).any(|node| reads(rule, node, threshold))
}

/// Whether the threshold only decides conditions of `when`, in a form that can be settled but for it.
fn is_settled(rule: &Rule, threshold: ThresholdId) -> bool {
    rule.deadline.is_none()
        && !rule.area.iter().any(|area| reads(rule, area, threshold))
        && rule.when.iter().all(|conjunct| settles(rule, &conjunct.node, threshold))
        && rule.notify.iter().all(|message| only_shows(rule, &message.text, threshold))
}

/// Whether a text shows the threshold at most as it stands: anything worked out from it could fail at some values.
fn only_shows(rule: &Rule, text: &Node, threshold: ThresholdId) -> bool {
    match text {
        Node::Template(parts) => parts.iter().all(|part| only_shows(rule, part, threshold)),
        Node::Threshold(_) => true,
        other => !reads(rule, other, threshold),
    }
}
