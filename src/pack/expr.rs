//! The typed expressions that rules are lowered to.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::record::schema::{FieldId, Group, KindId, Schema};
use crate::record::value::Value;
use crate::subject::SubjectKind;

/// A threshold's place in the pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThresholdId(pub usize);

/// A list's place in the pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListId(pub usize);

/// What can be read of a record: a field of the schema or a part of the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A field.
    Field(FieldId),
    /// The kind's name.
    Kind,
    /// The source.
    Source,
    /// The sender's id.
    Id,
    /// When it happened.
    OccurredAt,
}

/// What records are matched or told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchKey {
    /// The value of a field.
    Field(FieldId),
    /// A subject of the record.
    Subject(SubjectKind),
}

/// Which records of the dossier are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Their kind.
    pub kind: KindId,
    /// How far back from the trigger; all the way where there is none.
    pub window: Option<Box<Node>>,
    /// What must be equal.
    pub equal: Vec<(MatchKey, Node)>,
}

/// Which one of the matching records is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The earliest.
    First,
    /// The latest.
    Last,
    /// The permit valid at the trigger, the latest issued where several are.
    Permit,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator that a token names.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        })
    }

    /// The same comparison with its sides exchanged.
    pub fn turned(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    /// The sign that people read.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "≠",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "≤",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => "≥",
        }
    }
}

/// Arithmetic operators; all are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

impl Arithmetic {
    /// The operator that a token names.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "+" => Arithmetic::Add,
            "-" => Arithmetic::Subtract,
            "*" => Arithmetic::Multiply,
            "/" => Arithmetic::Divide,
            "%" => Arithmetic::Remainder,
            _ => return None,
        })
    }
}

/// Tests of one text against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// The text begins with the other.
    StartsWith,
    /// The text ends with the other.
    EndsWith,
    /// The text has the other somewhere.
    Contains,
}

/// Units of a whole number that make a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanUnit {
    /// 24 hours.
    Days,
    /// 60 minutes.
    Hours,
    /// 60 seconds.
    Minutes,
    /// Days on which offices work.
    WorkingDays,
}

/// A typed expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A constant.
    Constant(Value),
    /// A part of the trigger.
    Trigger(Part),
    /// A subject's key of the trigger; only for matching.
    TriggerSubject(SubjectKind),
    /// A part of one record of the dossier.
    Picked(Pick, Arc<Query>, Part),
    /// The n-th of the rule's `values`.
    Value(usize),
    /// A tunable number.
    Threshold(ThresholdId),
    /// The phase in which the trigger happened.
    Phase,
    /// The phase as of now.
    PhaseNow,
    /// Days from the trigger to the next voting day where it happened.
    DaysToVoting,
    /// Whether people voted when and where the trigger happened.
    IsVotingDay,
    /// Whether some record matches.
    Seen(Arc<Query>),
    /// How many records match.
    Count(Arc<Query>),
    /// How many distinct keys the matching records have.
    Distinct(MatchKey, Arc<Query>),
    /// How many distinct values a field has over the trigger's stay and those that overlap it by more than a span.
    Overlaps(FieldId, Box<Node>, Arc<Query>),
    /// The median of the counts in consecutive windows over a longer past.
    MedianCount(Box<Node>, Arc<Query>),
    /// The median gap between the subject's earlier records of the trigger's kinds.
    UsualGap,
    /// Whether a matching record is valid.
    InForce(Arc<Query>),
    /// Whether a list holds a key.
    Listed(ListId, Box<Node>),
    /// Whether something is stated.
    Has(Box<Node>),
    /// Plain negation.
    Not(Box<Node>),
    /// All hold.
    And(Vec<Node>),
    /// At least one holds.
    Or(Vec<Node>),
    /// Two values compared.
    Compare(Comparison, Box<Node>, Box<Node>),
    /// A value is one of several.
    In(Box<Node>, Vec<Node>),
    /// Checked arithmetic.
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    /// Negative of a number.
    Negate(Box<Node>),
    /// The smallest.
    Min(Vec<Node>),
    /// The greatest.
    Max(Vec<Node>),
    /// A test of two texts.
    Text(TextTest, Box<Node>, Box<Node>),
    /// A span of time from a number.
    Span(SpanUnit, Box<Node>),
    /// A helper with statements, run by the interpreter on plain values: its place in the rule's scripts.
    Script(Arc<str>, Vec<Node>),
    /// Text with values in it, for people.
    Template(Vec<Node>),
}

impl Node {
    /// Calls `see` with this node and every node below it.
    pub fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Node)) {
        see(self);
        match self {
            Node::Constant(_)
            | Node::Trigger(_)
            | Node::TriggerSubject(_)
            | Node::Value(_)
            | Node::Threshold(_)
            | Node::Phase
            | Node::PhaseNow
            | Node::DaysToVoting
            | Node::IsVotingDay
            | Node::UsualGap => {}
            Node::Picked(_, query, _)
            | Node::Seen(query)
            | Node::Count(query)
            | Node::Distinct(_, query)
            | Node::InForce(query) => query.walk(see),
            Node::Overlaps(_, span, query) | Node::MedianCount(span, query) => {
                span.walk(see);
                query.walk(see);
            }
            Node::Listed(_, inner)
            | Node::Has(inner)
            | Node::Not(inner)
            | Node::Negate(inner)
            | Node::Span(_, inner) => inner.walk(see),
            Node::And(nodes)
            | Node::Or(nodes)
            | Node::Min(nodes)
            | Node::Max(nodes)
            | Node::Script(_, nodes)
            | Node::Template(nodes) => nodes.iter().for_each(|node| node.walk(see)),
            Node::Compare(_, left, right) | Node::Arithmetic(_, left, right) | Node::Text(_, left, right) => {
                left.walk(see);
                right.walk(see);
            }
            Node::In(value, choices) => {
                value.walk(see);
                choices.iter().for_each(|node| node.walk(see));
            }
        }
    }

    /// The dossier queries of this expression.
    pub fn queries(&self) -> Vec<&Query> {
        let mut found = Vec::new();
        self.walk(&mut |node| found.extend(node.own_query()));
        found
    }

    /// The dossier query that this node itself makes.
    pub fn own_query(&self) -> Option<&Query> {
        match self {
            Node::Picked(_, query, _)
            | Node::Seen(query)
            | Node::Count(query)
            | Node::Distinct(_, query)
            | Node::Overlaps(_, _, query)
            | Node::MedianCount(_, query)
            | Node::InForce(query) => Some(query),
            _ => None,
        }
    }

    /// The groups of the fields that this expression reads; `values` are those of the rule, by place.
    pub fn groups(&self, schema: &Schema, values: &[BTreeSet<Group>]) -> BTreeSet<Group> {
        let mut groups = BTreeSet::new();
        let field = |id: FieldId| schema.field(id).map(|field| field.group);
        let part = |part: &Part| match part {
            Part::Field(id) => field(*id),
            _ => None,
        };
        let key = |key: &MatchKey| match key {
            MatchKey::Field(id) => field(*id),
            MatchKey::Subject(_) => None,
        };
        // which records are meant tells what they hold
        for query in self.queries() {
            groups.extend(query.equal.iter().filter_map(|(by, _)| key(by)));
        }
        self.walk(&mut |node| match node {
            Node::Trigger(read) | Node::Picked(_, _, read) => groups.extend(part(read)),
            Node::Value(index) => groups.extend(values.get(*index).into_iter().flatten()),
            Node::Distinct(by, query) => groups.extend(key(by).into_iter().chain(kind_group(schema, query.kind))),
            Node::Overlaps(id, _, query) => groups.extend(field(*id).into_iter().chain(kind_group(schema, query.kind))),
            Node::Seen(query) | Node::Count(query) | Node::MedianCount(_, query) | Node::InForce(query) => {
                groups.extend(kind_group(schema, query.kind));
            }
            _ => {}
        });
        groups.remove(&Group::Envelope);
        groups
    }

    /// Whether what it yields can change with the phase or a threshold.
    pub fn is_tunable(&self) -> bool {
        let mut tunable = false;
        self.walk(&mut |node| tunable |= matches!(node, Node::Threshold(_) | Node::PhaseNow | Node::Value(_)));
        tunable
    }
}

impl Query {
    fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Node)) {
        if let Some(window) = &self.window {
            window.walk(see);
        }
        self.equal.iter().for_each(|(_, node)| node.walk(see));
    }

    /// The window, where it is a constant.
    pub fn constant_window(&self) -> Option<TimeDelta> {
        match self.window.as_deref() {
            Some(Node::Constant(Value::Span(span))) => Some(*span),
            _ => None,
        }
    }
}

/// The group of what a kind's own section tells: knowing that such a record exists is knowing of it.
fn kind_group(schema: &Schema, kind: KindId) -> Option<Group> {
    let name = schema.kind_name(kind);
    let section = name.split('.').next().unwrap_or(name);
    match section {
        "stay" => Some(Group::Lodging),
        "voter_list" => Some(Group::Voter),
        "source" => None,
        _ => Group::ALL.iter().find(|(_, word)| *word == section).map(|(group, _)| *group),
    }
}
