//! Conditions that never hold, always hold, or are implied by others: sets and intervals of what each lets through.

use std::collections::BTreeSet;

use rhai::Expr;

use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::expr::{Comparison, Node, Part};
use crate::pack::lower::Vocabulary;
use crate::pack::rule::Rule;
use crate::pack::script::Script;
use crate::record::schema::Type;
use crate::record::value::Value;
use crate::words::{Text, say};

/// The values that something can have.
#[derive(Clone, Debug, PartialEq)]
enum Set {
    /// Numbers, spans and instants; an open end is not among them.
    Range { low: f64, low_open: bool, high: f64, high_open: bool },
    /// These words.
    Only(BTreeSet<String>),
    /// All words but these.
    Not(BTreeSet<String>),
}

impl Set {
    /// Whether something can be in both.
    fn meets(&self, other: &Set) -> bool {
        match (self, other) {
            (
                Set::Range { low: a, low_open: ao, high: b, high_open: bo },
                Set::Range { low: c, low_open: co, high: d, high_open: d_o },
            ) => {
                let (low, low_open) = if a > c || (a == c && *ao) { (a, ao) } else { (c, co) };
                let (high, high_open) = if b < d || (b == d && *bo) { (b, bo) } else { (d, d_o) };
                low < high || (low == high && !low_open && !high_open)
            }
            (Set::Only(a), Set::Only(b)) => !a.is_disjoint(b),
            (Set::Only(a), Set::Not(b)) | (Set::Not(b), Set::Only(a)) => !a.is_subset(b),
            _ => true,
        }
    }

    /// Whether all of it is in the other.
    fn within(&self, other: &Set) -> bool {
        match (self, other) {
            (
                Set::Range { low: a, low_open: ao, high: b, high_open: bo },
                Set::Range { low: c, low_open: co, high: d, high_open: d_o },
            ) => (a > c || (a == c && (*ao || !co))) && (b < d || (b == d && (*bo || !d_o))),
            (Set::Only(a), Set::Only(b)) => a.is_subset(b),
            (Set::Only(a), Set::Not(b)) => a.is_disjoint(b),
            (Set::Not(a), Set::Not(b)) => b.is_subset(a),
            _ => false,
        }
    }
}

/// What a comparison says of something.
struct Claim<'a> {
    /// Of what.
    about: &'a Node,
    /// The values that it lets through.
    set: Set,
    /// Whether it lets all of them through; a threshold may let fewer.
    is_exact: bool,
    /// The conjunct that it is, or is a part of.
    at: &'a Expr,
    /// Whether it is all of the conjunct.
    is_whole: bool,
}

/// Conjuncts that decide nothing, or that let nothing through.
pub fn find(script: &Script<'_>, rule: &Rule, words: Vocabulary<'_>) -> Vec<Diagnostic> {
    let logic = Logic { script, rule, words };
    let mut claims: Vec<Claim<'_>> = Vec::new();
    let mut found = Vec::new();
    for (at, node) in super::asked(script, rule) {
        match constant(node) {
            Some(true) => found.push(logic.always(at, say("lint-always-constant"))),
            Some(false) => found.push(logic.never(at, say("lint-never-constant"))),
            None => {}
        }
        let (before, mut own) = (claims.len(), Vec::new());
        logic.claims(node, at, true, &mut own);
        for claim in own {
            found.extend(logic.alone(&claim).or_else(|| logic.beside(&claim, claims.get(..before).unwrap_or(&[]))));
            claims.push(claim);
        }
    }
    found
}

struct Logic<'a> {
    script: &'a Script<'a>,
    rule: &'a Rule,
    words: Vocabulary<'a>,
}

impl<'a> Logic<'a> {
    fn never(&self, at: &Expr, message: Text) -> Diagnostic {
        let message = message.with("expression", self.script.written(at));
        self.script.error(Code::Never, at, message).help(say("lint-never-help")).warning()
    }

    fn always(&self, at: &Expr, message: Text) -> Diagnostic {
        let message = message.with("expression", self.script.written(at));
        self.script.error(Code::Always, at, message).help(say("lint-always-help")).warning()
    }

    /// The claims that a conjunct makes; all of them hold where it does.
    fn claims(&self, node: &'a Node, at: &'a Expr, is_whole: bool, found: &mut Vec<Claim<'a>>) {
        match node {
            Node::And(nodes) => nodes.iter().for_each(|node| self.claims(node, at, false, found)),
            Node::Compare(comparison, left, right) => {
                let (about, comparison, bound) = match (rank(left), rank(right)) {
                    (left_rank, right_rank) if left_rank < right_rank => (left, *comparison, right),
                    (left_rank, right_rank) if left_rank > right_rank => (right, comparison.turned(), left),
                    _ => return,
                };
                if let Some((set, is_exact)) = self.let_through(comparison, bound) {
                    found.push(Claim { about, set, is_exact, at, is_whole });
                }
            }
            Node::In(about, choices) => {
                let words: Option<BTreeSet<String>> = choices.iter().map(word).collect();
                if let Some(set) = words.map(Set::Only) {
                    found.push(Claim { about, set, is_exact: true, at, is_whole });
                }
            }
            _ => {}
        }
    }

    /// What a comparison with a bound lets through.
    fn let_through(&self, comparison: Comparison, bound: &Node) -> Option<(Set, bool)> {
        if let Some(word) = word(bound) {
            return match comparison {
                Comparison::Equal => Some((Set::Only([word].into()), true)),
                Comparison::NotEqual => Some((Set::Not([word].into()), true)),
                _ => None,
            };
        }
        let (least, most, is_exact) = match bound {
            Node::Constant(value) => number(value).map(|value| (value, value, true))?,
            Node::Threshold(id) => self.words.thresholds.get(*id).map(|known| (known.min, known.max, false))?,
            _ => return None,
        };
        let (low, low_open, high, high_open) = match comparison {
            Comparison::Equal => (least, false, most, false),
            Comparison::NotEqual => return None,
            Comparison::Less => (f64::NEG_INFINITY, true, most, true),
            Comparison::LessOrEqual => (f64::NEG_INFINITY, true, most, false),
            Comparison::Greater => (least, true, f64::INFINITY, true),
            Comparison::GreaterOrEqual => (least, false, f64::INFINITY, true),
        };
        Some((Set::Range { low, low_open, high, high_open }, is_exact))
    }

    /// What a claim is by itself, by the values that its subject can have.
    fn alone(&self, claim: &Claim<'_>) -> Option<Diagnostic> {
        let (possible, is_never_missing) = self.possible(claim.about)?;
        if !possible.meets(&claim.set) {
            return Some(self.never(claim.at, say("lint-never")));
        }
        let always = is_never_missing && claim.is_exact && claim.is_whole && possible.within(&claim.set);
        always.then(|| self.always(claim.at, say("lint-always")))
    }

    /// What a claim is beside those before it.
    fn beside(&self, claim: &Claim<'_>, before: &[Claim<'_>]) -> Option<Diagnostic> {
        before.iter().filter(|other| other.about == claim.about).find_map(|other| {
            let written = |claim: &Claim<'_>| self.script.written(claim.at).to_owned();
            if !other.set.meets(&claim.set) {
                return Some(self.never(claim.at, say("lint-never-together").with("other", written(other))));
            }
            let implies = |one: &Claim<'_>, two: &Claim<'_>| {
                one.is_exact && two.is_exact && two.is_whole && one.set.within(&two.set)
            };
            if implies(other, claim) {
                Some(self.always(claim.at, say("lint-implied").with("other", written(other))))
            } else if implies(claim, other) {
                Some(self.always(other.at, say("lint-implied").with("other", written(claim))))
            } else {
                None
            }
        })
    }

    /// The values that something can have, where they are known, and whether it always has one.
    fn possible(&self, node: &Node) -> Option<(Set, bool)> {
        match node {
            Node::Value(index) => self.possible(&self.rule.values.get(*index)?.1),
            Node::Threshold(id) => {
                let known = self.words.thresholds.get(*id)?;
                Some((Set::Range { low: known.min, low_open: false, high: known.max, high_open: false }, true))
            }
            Node::Count(_) | Node::Distinct(..) | Node::Overlaps(..) | Node::MedianCount(..) => {
                Some((Set::Range { low: 0.0, low_open: false, high: f64::INFINITY, high_open: true }, true))
            }
            Node::Trigger(Part::Kind) => {
                let kinds = self.rule.on.iter().map(|kind| self.words.schema.kind_name(*kind).to_owned());
                Some((Set::Only(kinds.collect()), true))
            }
            Node::Trigger(Part::Field(field)) | Node::Picked(_, _, Part::Field(field)) => {
                match self.words.schema.field(*field)?.ty {
                    Type::Choice(words) => {
                        Some((Set::Only(words.iter().map(|word| (*word).to_owned()).collect()), false))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// How much something is what others are held against.
fn rank(node: &Node) -> u8 {
    match node {
        Node::Constant(_) => 2,
        Node::Threshold(_) => 1,
        _ => 0,
    }
}

fn word(node: &Node) -> Option<String> {
    match node {
        Node::Constant(Value::Text(word)) => Some(word.to_string()),
        Node::Constant(Value::Bool(value)) => Some(value.to_string()),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds are small numbers, spans and instants of this century")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Number(n) => Some(*n),
        Value::Span(span) => Some(span.num_milliseconds() as f64),
        Value::Time(time) => Some(time.timestamp_millis() as f64),
        _ => None,
    }
}

/// What a condition over constants alone is.
fn constant(node: &Node) -> Option<bool> {
    match node {
        Node::Constant(Value::Bool(value)) => Some(*value),
        Node::Not(inner) => constant(inner).map(|value| !value),
        Node::Compare(comparison, left, right) => {
            let (Node::Constant(left), Node::Constant(right)) = (left.as_ref(), right.as_ref()) else { return None };
            let order = number(left)?.partial_cmp(&number(right)?)?;
            Some(match comparison {
                Comparison::Equal => order.is_eq(),
                Comparison::NotEqual => order.is_ne(),
                Comparison::Less => order.is_lt(),
                Comparison::LessOrEqual => order.is_le(),
                Comparison::Greater => order.is_gt(),
                Comparison::GreaterOrEqual => order.is_ge(),
            })
        }
        _ => None,
    }
}
