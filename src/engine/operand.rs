//! How far a rule gets at a trigger while one threshold is left open, and what it would be compared with.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::entry::Position;
use crate::pack::expr::{Arithmetic, Comparison, Node, ThresholdId};
use crate::pack::rule::Rule;
use crate::record::value::Value;
use crate::timeline::PhaseId;

use super::eval::{Fault, Looking, Scope};
use super::judge::{Bench, Stand};

/// How far a rule gets at a trigger.
#[derive(Clone, Debug)]
pub enum Reach {
    /// It happened where the pack is not responsible.
    OutsideArea,
    /// The rule does not run in the phase.
    NotInPhase,
    /// A condition that does not read the threshold does not hold.
    NotHeld,
    /// All else holds: the threshold decides.
    Open(Meeting),
}

/// Where a threshold decides: its conditions with everything else settled, so that they need the dossier no more.
#[derive(Clone, Debug)]
pub struct Meeting {
    kabupaten: Option<Arc<str>>,
    phase: PhaseId,
    now: DateTime<Utc>,
    open: Vec<Node>,
}

/// Where among rising values of the threshold a comparison holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// Up to some value.
    HoldsBelow,
    /// From some value on.
    HoldsAbove,
}

/// Values and factors up to here multiply without overflow.
pub const MOST_TURNING: f64 = 1e9;

/// One comparison with a threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What the records say.
    pub operand: Value,
    /// How it is compared with the bound.
    pub comparison: Comparison,
    /// What the threshold comes to.
    pub bound: Value,
    /// Whether the bound is the threshold as it stands.
    pub is_plain: bool,
}

/// Whether an expression reads a threshold, also by way of the rule's `values`.
pub fn reads(rule: &Rule, node: &Node, threshold: ThresholdId) -> bool {
    let mut found = false;
    node.walk(&mut |node| {
        found |= match node {
            Node::Threshold(id) => *id == threshold,
            Node::Value(index) => rule.values.get(*index).is_some_and(|(_, value)| reads(rule, value, threshold)),
            _ => false,
        }
    });
    found
}

impl Bench<'_> {
    /// How far the rule gets at the trigger; `open` is the threshold that is not looked at, where there is one.
    ///
    /// # Errors
    /// None of the other conditions is false, and one cannot be judged: the rule fails whatever the threshold is.
    pub fn reach(&self, open: Option<ThresholdId>) -> Result<Reach, Fault> {
        let now = self.trigger.occurred_at;
        let (kabupaten, phase) = match self.stand(now, Position::MAX)? {
            Stand::Here(kabupaten, phase) => (kabupaten, phase),
            Stand::OutsideArea(_) => return Ok(Reach::OutsideArea),
            Stand::NotInPhase(_) => return Ok(Reach::NotInPhase),
        };
        let scope = self.scope(kabupaten.map(AsRef::as_ref), phase, now, Position::MAX, Looking::Back);
        let reads_open = |node: &Node| open.is_some_and(|open| reads(self.rule, node, open));
        let mut fault = None;
        for conjunct in self.rule.when.iter().filter(|conjunct| !reads_open(&conjunct.node)) {
            match scope.holds(&conjunct.node) {
                Ok(true) => {}
                Ok(false) => return Ok(Reach::NotHeld),
                Err(failed) => fault = fault.or(Some(failed)),
            }
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
        let mut left = Vec::new();
        for conjunct in self.rule.when.iter().filter(|conjunct| reads_open(&conjunct.node)) {
            match open.map(|open| plain(scope.settle(&conjunct.node, open))) {
                Some(Node::Constant(Value::Bool(true))) | None => {}
                Some(Node::Constant(_)) => return Ok(Reach::NotHeld),
                Some(decided_by_it) => left.push(decided_by_it),
            }
        }
        Ok(Reach::Open(Meeting { kabupaten: kabupaten.cloned(), phase, now, open: left }))
    }

    /// Whether the rule holds where the threshold decides, with this bench's thresholds. One that fails does not.
    pub fn holds_at(&self, meeting: &Meeting) -> bool {
        let scope = self.scope_of(meeting);
        meeting.open.iter().all(|node| scope.holds(node) == Ok(true))
    }

    /// What is compared with what, with this bench's thresholds; `None` where it is not one comparison of two values.
    pub fn compared(&self, meeting: &Meeting, threshold: ThresholdId) -> Option<Compared> {
        let [Node::Compare(comparison, left, right)] = meeting.open.as_slice() else { return None };
        let scope = self.scope_of(meeting);
        let (operand, bound, comparison) = match (left.as_ref(), right.as_ref()) {
            (Node::Constant(operand), bound) => (operand, bound, *comparison),
            (bound, Node::Constant(operand)) => (operand, bound, mirrored(*comparison)),
            _ => return None,
        };
        let is_plain = *bound == Node::Threshold(threshold);
        Some(Compared { operand: operand.clone(), comparison, bound: scope.value(bound).ok()?, is_plain })
    }

    fn scope_of<'s>(&'s self, meeting: &'s Meeting) -> Scope<'s> {
        self.scope(meeting.kabupaten.as_deref(), meeting.phase, meeting.now, Position::MAX, Looking::Back)
    }
}

impl Meeting {
    /// The phase whose thresholds hold.
    pub fn phase(&self) -> PhaseId {
        self.phase
    }

    /// Among which values it holds, where it can only turn once as the threshold rises: below some value, or above it.
    /// The threshold's values must lie within [`MOST_TURNING`] of zero.
    pub fn turns(&self) -> Option<Turns> {
        let [Node::Compare(comparison, left, right)] = self.open.as_slice() else { return None };
        let (bound, comparison) = match (left.as_ref(), right.as_ref()) {
            (Node::Constant(_), bound) => (bound, *comparison),
            (bound, Node::Constant(_)) => (bound, mirrored(*comparison)),
            _ => return None,
        };
        match comparison {
            _ if !rises(bound) => None,
            Comparison::Greater | Comparison::GreaterOrEqual => Some(Turns::HoldsBelow),
            Comparison::Less | Comparison::LessOrEqual => Some(Turns::HoldsAbove),
            Comparison::Equal | Comparison::NotEqual => None,
        }
    }

    /// The kabupaten of the finding that it would be.
    pub fn kabupaten(&self) -> Option<&Arc<str>> {
        self.kabupaten.as_ref()
    }
}

/// Whether what a settled expression yields never falls while the threshold rises.
fn rises(node: &Node) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "compared with a limit far below 2^52")]
    let is_factor = |node: &Node| match node {
        Node::Constant(Value::Int(n)) => (0.0..=MOST_TURNING).contains(&(*n as f64)),
        Node::Constant(Value::Number(n)) => (0.0..=MOST_TURNING).contains(n),
        _ => false,
    };
    let is_number = |node: &Node| matches!(node, Node::Constant(Value::Int(_) | Value::Number(_) | Value::Missing));
    match node {
        Node::Threshold(_) => true,
        Node::Min(nodes) | Node::Max(nodes) => nodes.iter().all(|node| is_number(node) || rises(node)),
        Node::Arithmetic(Arithmetic::Multiply | Arithmetic::Add, left, right) => {
            matches!((left.as_ref(), right.as_ref()), (Node::Threshold(_), other) | (other, Node::Threshold(_)) if is_factor(other))
        }
        _ => false,
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual => comparison,
    }
}

impl Scope<'_> {
    /// Conditions up to the first that settles them all: what stands after it is not asked.
    fn settle_until(&self, nodes: &[Node], decides: bool, open: ThresholdId) -> Vec<Node> {
        let mut settled = Vec::with_capacity(nodes.len());
        for node in nodes {
            settled.push(self.settle(node, open));
            if settled.last().is_some_and(|node| is_settled(node, decides)) {
                break;
            }
        }
        settled
    }

    /// The expression with every part that does not read the threshold replaced by what it yields. A part that fails
    /// is replaced by one that fails, so that it matters only where it would have been asked.
    fn settle(&self, node: &Node, open: ThresholdId) -> Node {
        if !reads(self.rule, node, open) {
            return self.value(node).map_or_else(|_| failing(), Node::Constant);
        }
        let one = |node: &Node| Box::new(self.settle(node, open));
        let all = |nodes: &[Node]| nodes.iter().map(|node| self.settle(node, open)).collect();
        match node {
            Node::Value(index) => match self.rule.values.get(*index) {
                Some((_, value)) => self.settle(value, open),
                None => node.clone(),
            },
            Node::Has(inner) => Node::Has(one(inner)),
            Node::Not(inner) => Node::Not(one(inner)),
            Node::Negate(inner) => Node::Negate(one(inner)),
            Node::Span(unit, inner) => Node::Span(*unit, one(inner)),
            Node::And(nodes) => Node::And(self.settle_until(nodes, false, open)),
            Node::Or(nodes) => Node::Or(self.settle_until(nodes, true, open)),
            Node::Min(nodes) => Node::Min(all(nodes)),
            Node::Max(nodes) => Node::Max(all(nodes)),
            Node::Script(name, nodes) => Node::Script(name.clone(), all(nodes)),
            Node::Compare(comparison, left, right) => Node::Compare(*comparison, one(left), one(right)),
            Node::Arithmetic(operator, left, right) => Node::Arithmetic(*operator, one(left), one(right)),
            Node::In(value, choices) => Node::In(one(value), all(choices)),
            _ => node.clone(),
        }
    }
}

/// Whether a condition is settled, and holds or not.
fn is_settled(node: &Node, holds: bool) -> bool {
    match node {
        Node::Constant(Value::Bool(value)) => *value == holds,
        Node::Constant(Value::Missing) => !holds,
        _ => false,
    }
}

/// Whether [`Meeting`]s settle all that an expression reads of the dossier: the threshold is in no window or key.
pub fn settles(rule: &Rule, node: &Node, threshold: ThresholdId) -> bool {
    if !reads(rule, node, threshold) {
        return true;
    }
    let all = |nodes: &[Node]| nodes.iter().all(|node| settles(rule, node, threshold));
    match node {
        Node::Threshold(_) => true,
        Node::Value(index) => rule.values.get(*index).is_some_and(|(_, value)| settles(rule, value, threshold)),
        Node::Has(inner) | Node::Not(inner) | Node::Negate(inner) | Node::Span(_, inner) => {
            settles(rule, inner, threshold)
        }
        Node::And(nodes) | Node::Or(nodes) | Node::Min(nodes) | Node::Max(nodes) | Node::Script(_, nodes) => all(nodes),
        Node::Compare(_, left, right) | Node::Arithmetic(_, left, right) => {
            settles(rule, left, threshold) && settles(rule, right, threshold)
        }
        Node::In(value, choices) => settles(rule, value, threshold) && all(choices),
        _ => false,
    }
}

/// A condition without the parts that are settled, as far as whether it holds does not depend on them.
fn plain(node: Node) -> Node {
    let (nodes, all) = match node {
        Node::And(nodes) => (nodes, true),
        Node::Or(nodes) => (nodes, false),
        other => return other,
    };
    let mut left: Vec<Node> = nodes.into_iter().map(plain).filter(|node| !is_settled(node, all)).collect();
    match left.first() {
        None => Node::Constant(Value::Bool(all)),
        // what comes first is asked first
        Some(first) if is_settled(first, !all) => Node::Constant(Value::Bool(!all)),
        Some(_) if left.len() == 1 => left.swap_remove(0),
        Some(_) if all => Node::And(left),
        Some(_) => Node::Or(left),
    }
}

fn failing() -> Node {
    let whole = |n| Box::new(Node::Constant(Value::Int(n)));
    Node::Arithmetic(Arithmetic::Divide, whole(1), whole(0))
}
