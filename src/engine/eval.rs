//! What a typed expression yields for one trigger and its dossier.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::entry::Position;
use crate::pack::expr::{Arithmetic, Comparison, Node, Part, SpanUnit, TextTest};
use crate::pack::rule::Rule;
use crate::pack::sight;
use crate::record::Record;
use crate::record::shown::{Naming, Shown};
use crate::record::slot::Slot;
use crate::record::value::Value;
use crate::subject::subject_of;
use crate::timeline::{PhaseId, Place};

use super::World;
use super::dossier::Dossier;
use super::interpreter;
use super::judge::place_of;

/// Why an expression could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A result that its type cannot hold.
    #[error("arithmetic overflow")]
    Overflow,
    /// Division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A helper yielded a value of another type than its use needs.
    #[error("a helper yielded a value of the wrong type")]
    WrongType,
    /// A helper failed or met a limit: which, and how. Everything that is worked out may be a fault, so it is to be small.
    #[error("helper `{}`: {}", .0.0, .0.1)]
    Helper(Box<(String, String)>),
}

/// Where dossier functions look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looking {
    /// Back from the trigger.
    Back,
    /// From the trigger on, for an answer.
    Forward,
}

/// All that an expression can see.
pub struct Scope<'a> {
    /// Pack and thresholds.
    pub world: &'a World,
    /// The rule, for its values and helpers.
    pub rule: &'a Rule,
    /// The subject's records.
    pub dossier: &'a Dossier,
    /// The record that triggered or armed the rule.
    pub trigger: &'a Record,
    /// Up to where in the log thresholds count.
    pub as_of: Position,
    /// The instant as of which this is judged.
    pub now: DateTime<Utc>,
    /// The kabupaten of the finding.
    pub kabupaten: Option<&'a str>,
    /// The phase there as of now: its thresholds hold.
    pub phase: PhaseId,
    /// Where dossier functions look.
    pub looking: Looking,
    /// The rule's values as far as they were asked for.
    pub values: RefCell<Vec<Option<Result<Value, Fault>>>>,
}

/// What an expression yields.
#[derive(Debug)]
pub enum Read<'s> {
    /// A value as it lies in the rule or the trigger.
    Lying(Slot<'s>),
    /// One that was worked out.
    Worked(Value),
}

impl Read<'_> {
    /// The value without owning it.
    pub fn slot(&self) -> Slot<'_> {
        match self {
            Read::Lying(slot) => *slot,
            Read::Worked(value) => value.slot(),
        }
    }
}

impl<'a> Scope<'a> {
    /// Where the trigger happened.
    pub fn place(&self) -> Place<'a> {
        place_of(self.trigger, self.kabupaten)
    }

    /// The value of an expression.
    pub fn value(&self, node: &Node) -> Result<Value, Fault> {
        let timeline = &self.world.pack.timeline;
        Ok(match node {
            Node::Constant(value) => value.clone(),
            Node::Trigger(part) => self.part(self.trigger, *part),
            Node::TriggerSubject(kind) => {
                subject_of(self.trigger, *kind).map_or(Value::Missing, |subject| Value::Text(subject.key))
            }
            Node::Picked(pick, query, part) => self.picked(*pick, query, *part)?,
            Node::Value(index) => self.named_value(*index)?,
            Node::Threshold(id) => self.world.thresholds.value(*id, self.phase, self.kabupaten, self.as_of),
            Node::Phase => Value::Text(timeline.phase_text(self.phase_of_trigger())),
            Node::PhaseNow => Value::Text(timeline.phase_text(self.phase)),
            Node::DaysToVoting => Value::Int(timeline.days_to_voting(self.place(), self.trigger.occurred_at)),
            Node::Count(query) => Value::Int(self.count(query)?),
            Node::Distinct(key, query) => Value::Int(self.distinct(*key, query)?),
            Node::Overlaps(field, at_least, query) => Value::Int(self.overlaps(*field, at_least, query)?),
            Node::MedianCount(window, query) => self.median_count(window, query)?,
            Node::UsualGap => self.usual_gap(),
            Node::IsVotingDay
            | Node::Seen(_)
            | Node::InForce(_)
            | Node::Listed(..)
            | Node::Has(_)
            | Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Compare(..)
            | Node::In(..)
            | Node::Text(..) => Value::Bool(self.holds(node)?),
            Node::Arithmetic(operator, left, right) => {
                self.arithmetic(*operator, self.read(left)?.slot(), self.read(right)?.slot())?
            }
            Node::Negate(inner) => negate(self.value(inner)?)?,
            Node::Min(nodes) => self.extreme(nodes, Comparison::Less)?,
            Node::Max(nodes) => self.extreme(nodes, Comparison::Greater)?,
            Node::Span(unit, n) => span(*unit, self.read(n)?.slot())?,
            Node::Script(name, arguments) => self.script(name, arguments)?,
            Node::Template(parts) => self.template(parts)?,
        })
    }

    /// The value of an expression, as it lies where it stands somewhere.
    pub fn read<'s>(&'s self, node: &'s Node) -> Result<Read<'s>, Fault> {
        match self.at_hand(node) {
            Some(slot) => Ok(Read::Lying(slot)),
            None => self.value(node).map(Read::Worked),
        }
    }

    /// The value of a constant or of a field of the trigger.
    fn at_hand<'s>(&'s self, node: &'s Node) -> Option<Slot<'s>> {
        match node {
            Node::Constant(value) => Some(value.slot()),
            Node::Trigger(Part::Field(field)) => Some(self.trigger.value(*field)),
            _ => None,
        }
    }

    /// Whether a condition holds; what a helper leaves missing does not.
    pub fn holds(&self, node: &Node) -> Result<bool, Fault> {
        Ok(match node {
            Node::Compare(comparison, left, right) => {
                compare(*comparison, self.read(left)?.slot(), self.read(right)?.slot())
            }
            Node::In(value, choices) => self.is_in(value, choices)?,
            Node::And(nodes) => self.all(nodes)?,
            Node::Or(nodes) => self.one(nodes)?,
            Node::Not(inner) => !self.holds(inner)?,
            Node::Has(inner) => !self.read(inner)?.slot().is_missing(),
            Node::Text(test, text, other) => text_test(*test, self.read(text)?.slot(), self.read(other)?.slot()),
            Node::Listed(list, key) => self.listed(*list, self.read(key)?.slot()),
            Node::Seen(query) => self.any(query)?,
            Node::InForce(query) => self.in_force(query)?,
            Node::IsVotingDay => self.world.pack.timeline.is_voting_day(self.place(), self.trigger.occurred_at),
            other => match self.value(other)? {
                Value::Bool(holds) => holds,
                Value::Missing => false,
                _ => return Err(Fault::WrongType),
            },
        })
    }

    /// A part of a record.
    pub fn part(&self, record: &Record, part: Part) -> Value {
        match part {
            Part::Field(field) => record.value(field).into(),
            Part::Kind => {
                let kind = self.world.pack.schema.kind(record.kind);
                kind.map_or_else(|| Value::text(""), |kind| Value::Text(kind.name.clone()))
            }
            Part::Source => Value::Text(record.key.source.clone()),
            Part::Id => Value::Text(record.key.id.clone()),
            Part::OccurredAt => Value::Time(record.occurred_at),
        }
    }

    /// A span, or `None` where it is missing.
    pub fn span_of(&self, node: &Node) -> Result<Option<TimeDelta>, Fault> {
        match self.value(node)? {
            Value::Span(span) => Ok(Some(span)),
            Value::Missing => Ok(None),
            _ => Err(Fault::WrongType),
        }
    }

    fn named_value(&self, index: usize) -> Result<Value, Fault> {
        if let Some(Some(known)) = self.values.borrow().get(index) {
            return known.clone();
        }
        let Some((_, node)) = self.rule.values.get(index) else { return Ok(Value::Missing) };
        let value = self.value(node);
        let mut values = self.values.borrow_mut();
        values.resize(self.rule.values.len(), None);
        if let Some(slot) = values.get_mut(index) {
            *slot = Some(value.clone());
        }
        value
    }

    fn all(&self, nodes: &[Node]) -> Result<bool, Fault> {
        for node in nodes {
            if !self.holds(node)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn one(&self, nodes: &[Node]) -> Result<bool, Fault> {
        for node in nodes {
            if self.holds(node)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_in(&self, value: &Node, choices: &[Node]) -> Result<bool, Fault> {
        let value = self.read(value)?;
        let mut found = false;
        // all choices are evaluated, so that one that fails is a failure whatever the others are
        for choice in choices {
            let choice = self.read(choice)?;
            found = found || compare(Comparison::Equal, value.slot(), choice.slot());
        }
        Ok(found)
    }

    fn listed(&self, list: crate::pack::expr::ListId, key: Slot<'_>) -> bool {
        match (self.world.pack.lists.get(list.0), key) {
            (Some(list), Slot::Text(key)) => list.keys.contains(key),
            _ => false,
        }
    }

    fn extreme(&self, nodes: &[Node], wanted: Comparison) -> Result<Value, Fault> {
        let mut best = None;
        let mut is_missing = false;
        // all are evaluated, so that one that fails is a failure whatever the others are
        for node in nodes {
            let value = self.value(node)?;
            is_missing |= value.is_missing();
            best = Some(match best {
                Some(best) => more_extreme(wanted, best, value),
                None => value,
            });
        }
        Ok(best.filter(|_| !is_missing).unwrap_or(Value::Missing))
    }

    fn arithmetic(&self, operator: Arithmetic, left: Slot<'_>, right: Slot<'_>) -> Result<Value, Fault> {
        if let (Slot::Time(time), Slot::WorkingDays(n)) = (left, right) {
            let n = match operator {
                Arithmetic::Add => n,
                _ => n.checked_neg().ok_or(Fault::Overflow)?,
            };
            if n.unsigned_abs() > MAX_WORKING_DAYS {
                return Err(Fault::Overflow);
            }
            let moved = self.world.pack.timeline.add_working_days(time, n);
            return moved.map(Value::Time).ok_or(Fault::Overflow);
        }
        arithmetic(operator, left, right)
    }

    fn script(&self, name: &str, arguments: &[Node]) -> Result<Value, Fault> {
        let values: Vec<Value> = arguments.iter().map(|node| self.value(node)).collect::<Result<_, _>>()?;
        if values.iter().any(Value::is_missing) {
            return Ok(Value::Missing);
        }
        interpreter::call(&self.rule.functions, name, &values)
    }

    fn template(&self, parts: &[Node]) -> Result<Value, Fault> {
        let mut text = String::new();
        for part in parts {
            // writing to a text does not fail
            let _ = write!(text, "{}", self.part_of_template(part)?);
        }
        Ok(Value::text(&text))
    }

    fn part_of_template(&self, node: &Node) -> Result<Shown, Fault> {
        match node {
            Node::Template(parts) => gather(parts, |part| self.part_of_template(part)).map(Shown::Joined),
            other => {
                let naming = sight::naming(other, &self.world.pack.schema, &self.rule.values);
                Ok(self.shown(self.read(other)?.slot(), naming))
            }
        }
    }

    /// A value as people read it, by its name where it has one.
    pub fn shown(&self, value: Slot<'_>, naming: Option<Naming>) -> Shown {
        Shown::named(value, naming, self.world.pack.timeline.zone)
    }

    fn phase_of_trigger(&self) -> PhaseId {
        if self.now == self.trigger.occurred_at {
            return self.phase;
        }
        self.world.pack.timeline.phase_at(self.place(), self.trigger.occurred_at)
    }
}

/// What is made of each of some things, shared; the first fault where one fails.
pub fn gather<A, B: Default>(all: &[A], mut make: impl FnMut(&A) -> Result<B, Fault>) -> Result<Arc<[B]>, Fault> {
    let mut fault = None;
    // an iterator of known length fills the shared slice at once
    let made = all.iter().map(|one| {
        make(one).unwrap_or_else(|failed| {
            fault.get_or_insert(failed);
            B::default()
        })
    });
    let made = made.collect();
    fault.map_or(Ok(made), Err)
}

/// More working days than any rule means: twenty years.
const MAX_WORKING_DAYS: u64 = 5_200;

/// Compares two values; false where one is missing. Values of different types differ and have no order.
pub fn compare(comparison: Comparison, left: Slot<'_>, right: Slot<'_>) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match (left, right) {
        (Slot::Missing, _) | (_, Slot::Missing) => return false,
        // the commonest, and told without an order
        (Slot::Text(a), Slot::Text(b)) if comparison == Comparison::Equal => return a == b,
        _ => {}
    }
    if let (Some(a), Some(b)) = (number(left), number(right))
        && !matches!((left, right), (Slot::Int(_), Slot::Int(_)))
    {
        return compare_decimals(comparison, a, b);
    }
    let Some(order) = left.compare(right) else { return comparison == Comparison::NotEqual };
    match comparison {
        Comparison::Equal => order == Equal,
        Comparison::NotEqual => order != Equal,
        Comparison::Less => order == Less,
        Comparison::LessOrEqual => order != Greater,
        Comparison::Greater => order == Greater,
        Comparison::GreaterOrEqual => order != Less,
    }
}

/// As rhai compares decimals: `0.1 + 0.2 == 0.3` is true, and a comparison with what is not finite is false, but that
/// it takes what is no number for zero beside a zero.
fn compare_decimals(comparison: Comparison, a: f64, b: f64) -> bool {
    let scale = if a * b == 0.0 { 1.0 } else { a.abs().max(b.abs()) };
    if scale == 0.0 {
        return matches!(comparison, Comparison::Equal | Comparison::LessOrEqual | Comparison::GreaterOrEqual);
    }
    let (apart, above, below) = ((a - b).abs() / scale, (a - b) / scale, (b - a) / scale);
    match comparison {
        Comparison::Equal => apart <= f64::EPSILON,
        Comparison::NotEqual => apart > f64::EPSILON,
        Comparison::Less => below > f64::EPSILON,
        Comparison::LessOrEqual => below > -f64::EPSILON,
        Comparison::Greater => above > f64::EPSILON,
        Comparison::GreaterOrEqual => above > -f64::EPSILON,
    }
}

#[expect(clippy::cast_precision_loss, reason = "as the rule language compares whole and decimal numbers")]
fn number(value: Slot<'_>) -> Option<f64> {
    match value {
        Slot::Int(n) => Some(n as f64),
        Slot::Number(n) => Some(n),
        _ => None,
    }
}

/// Checked arithmetic; missing where one side is.
pub fn arithmetic(operator: Arithmetic, left: Slot<'_>, right: Slot<'_>) -> Result<Value, Fault> {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    let time = |time: Option<DateTime<Utc>>| time.map(Value::Time).ok_or(Fault::Overflow);
    match (left, operator, right) {
        (Slot::Missing, _, _) | (_, _, Slot::Missing) => Ok(Value::Missing),
        (Slot::Int(a), _, Slot::Int(b)) => whole(operator, a, b),
        (Slot::Time(a), Subtract, Slot::Time(b)) => Ok(Value::Span(a - b)),
        (Slot::Time(a), Add, Slot::Span(b)) | (Slot::Span(b), Add, Slot::Time(a)) => time(a.checked_add_signed(b)),
        (Slot::Time(a), Subtract, Slot::Span(b)) => time(a.checked_sub_signed(b)),
        (Slot::Span(a), Add, Slot::Span(b)) => a.checked_add(&b).map(Value::Span).ok_or(Fault::Overflow),
        (Slot::Span(a), Subtract, Slot::Span(b)) => a.checked_sub(&b).map(Value::Span).ok_or(Fault::Overflow),
        (Slot::Span(a), Multiply, Slot::Int(n)) | (Slot::Int(n), Multiply, Slot::Span(a)) => {
            let product = a.num_milliseconds().checked_mul(n).and_then(TimeDelta::try_milliseconds);
            product.map(Value::Span).ok_or(Fault::Overflow)
        }
        (Slot::Span(_), Divide, Slot::Int(0)) => Err(Fault::DivisionByZero),
        (Slot::Span(a), Divide, Slot::Int(n)) => {
            let quotient = a.num_milliseconds().checked_div(n).and_then(TimeDelta::try_milliseconds);
            quotient.map(Value::Span).ok_or(Fault::Overflow)
        }
        _ => match (number(left), number(right)) {
            (Some(a), Some(b)) => Ok(Value::Number(decimal(operator, a, b))),
            _ => Err(Fault::WrongType),
        },
    }
}

/// The smaller or the greater of two; of a whole and a decimal number it is a decimal one.
fn more_extreme(wanted: Comparison, best: Value, value: Value) -> Value {
    use std::cmp::Ordering::Greater;
    if let (Some(a), Some(b)) = (number(best.slot()), number(value.slot()))
        && !matches!((&best, &value), (Value::Int(_), Value::Int(_)))
    {
        let keeps = if wanted == Comparison::Less { a <= b } else { a >= b };
        return Value::Number(if keeps { a } else { b });
    }
    let (low, high) = if best.slot().compare(value.slot()) == Some(Greater) { (value, best) } else { (best, value) };
    if wanted == Comparison::Less { low } else { high }
}

fn whole(operator: Arithmetic, a: i64, b: i64) -> Result<Value, Fault> {
    if b == 0 && matches!(operator, Arithmetic::Divide | Arithmetic::Remainder) {
        return Err(Fault::DivisionByZero);
    }
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    };
    result.map(Value::Int).ok_or(Fault::Overflow)
}

fn decimal(operator: Arithmetic, a: f64, b: f64) -> f64 {
    match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}

/// The negative of a number or span.
pub fn negate(value: Value) -> Result<Value, Fault> {
    match value {
        Value::Missing => Ok(Value::Missing),
        Value::Int(n) => n.checked_neg().map(Value::Int).ok_or(Fault::Overflow),
        Value::Number(n) => Ok(Value::Number(-n)),
        Value::Span(span) => Ok(Value::Span(-span)),
        _ => Err(Fault::WrongType),
    }
}

/// A test of two texts; false where one is missing.
pub fn text_test(test: TextTest, text: Slot<'_>, other: Slot<'_>) -> bool {
    match (text, other) {
        (Slot::Text(text), Slot::Text(other)) => match test {
            TextTest::StartsWith => text.starts_with(other),
            TextTest::EndsWith => text.ends_with(other),
            TextTest::Contains => text.contains(other),
        },
        _ => false,
    }
}

/// A span from a number; missing where the number is.
pub fn span(unit: SpanUnit, n: Slot<'_>) -> Result<Value, Fault> {
    let n = match n {
        Slot::Int(n) => n,
        Slot::Missing => return Ok(Value::Missing),
        _ => return Err(Fault::WrongType),
    };
    let span = match unit {
        SpanUnit::Days => TimeDelta::try_days(n),
        SpanUnit::Hours => TimeDelta::try_hours(n),
        SpanUnit::Minutes => TimeDelta::try_minutes(n),
        SpanUnit::WorkingDays => return Ok(Value::WorkingDays(n)),
    };
    span.map(Value::Span).ok_or(Fault::Overflow)
}
