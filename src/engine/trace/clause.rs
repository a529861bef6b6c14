//! One condition of a trace: how it came out, what it saw, and the same of the conditions that it joins.

use std::sync::Arc;

use crate::engine::eval::{Fault, Scope, gather};
use crate::pack::expr::{Comparison, Node, Query, TextTest};
use crate::pack::rule::{Branch, Conjunct};
use crate::pack::sight::{Sight, naming};
use crate::record::groups::Groups;
use crate::record::shown::{Bound, Shown};
use crate::record::value::Value;

/// A condition with how it came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// As its author wrote it.
    pub text: Arc<str>,
    /// Its line in the rule's file.
    pub line: usize,
    /// Its column there.
    pub column: usize,
    /// How it came out.
    pub outcome: Outcome,
    /// The value that it saw; none where that failed.
    pub value: Option<Shown>,
    /// What the value was held against.
    pub bound: Option<Bound>,
    /// The groups of the fields behind it.
    pub groups: Groups,
    /// It is declared a guard.
    pub is_guard: bool,
    /// The conditions that it joins.
    pub branches: Vec<Clause>,
}

/// How a condition came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It does not hold.
    NotHeld,
    /// It does not hold because something that it reads is not stated.
    Missing,
    /// It could not be told.
    Failed(Fault),
}

impl Outcome {
    /// The word of this outcome, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Holds => "holds",
            Outcome::NotHeld => "not-held",
            Outcome::Missing => "missing",
            Outcome::Failed(_) => "failed",
        }
    }
}

impl Scope<'_> {
    /// How a conjunct comes out.
    pub(super) fn clause(&self, conjunct: &Conjunct) -> Clause {
        let Conjunct { node, text, at, is_guard, branches, groups, sight } = conjunct;
        let mut clause = self.branch(node, &Branch { text: text.clone(), at: *at, branches: branches.clone() }, sight);
        clause.is_guard = *is_guard;
        clause.all_of(*groups);
        clause
    }

    fn branch(&self, node: &Node, branch: &Branch, sight: &Sight) -> Clause {
        let outcome = self.outcome(node);
        let seen = match outcome {
            Outcome::Holds => self.saw(sight, node),
            Outcome::Failed(_) => self.saw(sight, node).and_then(|seen| match sight {
                Sight::Value { .. } => Ok(seen),
                Sight::Words(_) => Err(Fault::WrongType),
            }),
            _ => self.saw_in_vain(sight, node),
        };
        let (value, bound) = seen.map_or((None, None), |(value, bound)| (Some(value), bound));
        let nodes = match node {
            Node::And(nodes) | Node::Or(nodes) if nodes.len() == branch.branches.len() => nodes.as_slice(),
            _ => &[],
        };
        let pack = &self.world.pack;
        let inner = |(node, branch): (&Node, &Branch)| {
            let sight = Sight::of(node, &pack.schema, pack.timeline.zone, &self.rule.values);
            self.branch(node, branch, &sight)
        };
        Clause {
            text: branch.text.clone(),
            line: branch.at.line().unwrap_or(0),
            column: branch.at.position().unwrap_or(0),
            outcome,
            value,
            bound,
            groups: Groups::default(),
            is_guard: false,
            branches: nodes.iter().zip(&branch.branches).map(inner).collect(),
        }
    }

    fn outcome(&self, node: &Node) -> Outcome {
        match self.holds(node) {
            Ok(true) => Outcome::Holds,
            Ok(false) if self.misses(node) => Outcome::Missing,
            Ok(false) => Outcome::NotHeld,
            Err(fault) => Outcome::Failed(fault),
        }
    }

    /// Whether a condition that does not hold reads something that is not stated, and for no other reason.
    fn misses(&self, node: &Node) -> bool {
        let is_missing = |node: &Node| self.read(node).is_ok_and(|value| value.slot().is_missing());
        let keys = |query: &Query| query.equal.iter().any(|(_, value)| is_missing(value));
        match node {
            Node::Compare(_, left, right) | Node::Text(_, left, right) => is_missing(left) || is_missing(right),
            Node::In(value, _) | Node::Listed(_, value) => is_missing(value),
            Node::And(nodes) => {
                nodes.iter().find(|node| self.holds(node) != Ok(true)).is_some_and(|node| self.misses(node))
            }
            Node::Or(nodes) => nodes.iter().all(|node| self.misses(node)),
            Node::Seen(query) | Node::InForce(query) => keys(query),
            Node::Has(_) | Node::Not(_) | Node::IsVotingDay => false,
            other => is_missing(other),
        }
    }

    /// What a condition saw that does not hold.
    fn saw_in_vain(&self, sight: &Sight, node: &Node) -> Result<(Shown, Option<Bound>), Fault> {
        if matches!(sight, Sight::Value { .. }) {
            return self.saw(sight, node);
        }
        Ok(match node {
            Node::Seen(_) | Node::InForce(_) | Node::Has(_) => (Shown::Static("tidak ada"), None),
            Node::Not(inner) => return self.saw_turned(inner),
            Node::Text(test, text, other) => {
                (self.named(text)?, Some(Bound { how: how(*test), value: self.named(other)? }))
            }
            Node::Listed(list, key) => {
                let list = self.world.pack.lists.get(list.0).map_or("", |list| list.name.as_str());
                (self.named(key)?, Some(Bound { how: "dalam daftar", value: list.into() }))
            }
            other => match self.value(other)? {
                Value::Missing => (Shown::Missing, None),
                _ => (Shown::Static("tidak"), None),
            },
        })
    }

    /// What a condition saw that holds and should not.
    fn saw_turned(&self, node: &Node) -> Result<(Shown, Option<Bound>), Fault> {
        Ok(match node {
            Node::Compare(comparison, left, right) => {
                let bound = Bound { how: opposite(*comparison).sign(), value: self.named(right)? };
                (self.named(left)?, Some(bound))
            }
            Node::In(value, choices) => {
                let choices = gather(choices, |choice| self.named(choice))?;
                let bound = Bound { how: "bukan salah satu dari", value: Shown::Listed(choices) };
                (self.named(value)?, Some(bound))
            }
            Node::Seen(_) | Node::InForce(_) | Node::Has(_) => (Shown::Static("ada"), None),
            _ => (Shown::Static("tidak"), None),
        })
    }

    fn named(&self, node: &Node) -> Result<Shown, Fault> {
        let naming = naming(node, &self.world.pack.schema, &self.rule.values);
        Ok(self.shown(self.read(node)?.slot(), naming))
    }
}

impl Clause {
    /// What a conjunct reads, its branches read no more than.
    fn all_of(&mut self, groups: Groups) {
        self.groups = groups;
        self.branches.iter_mut().for_each(|branch| branch.all_of(groups));
    }
}

fn how(test: TextTest) -> &'static str {
    match test {
        TextTest::StartsWith => "diawali",
        TextTest::EndsWith => "diakhiri",
        TextTest::Contains => "memuat",
    }
}

fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}
