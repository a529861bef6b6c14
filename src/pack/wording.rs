//! What a rule's findings say, parted: what the rule alone says, what stands in the trigger, and what has to be asked.

use std::sync::OnceLock;

use chrono_tz::Tz;

use crate::alert::telling::{Line, Piece, RoleText, Teller, Telling};
use crate::record::schema::Schema;
use crate::record::shown::{Naming, Shown};

use super::Pack;
use super::expr::{Node, Part};
use super::rule::{Conjunct, Rule};
use super::sight::{ONE_OF, Sight, naming};

/// What a rule's findings say.
#[derive(Debug)]
pub struct Wording {
    /// What they say alike.
    pub telling: Telling,
    /// What is asked for each finding, in the order of its own values.
    pub asks: Box<[Ask]>,
}

/// A value that is no field of the trigger.
#[derive(Debug)]
pub struct Ask {
    /// The value.
    pub node: Node,
    /// What names it.
    pub naming: Option<Naming>,
}

/// The wording of a rule, made when it first finds something: most rules of many find nothing.
#[derive(Debug, Default)]
pub struct Worded(OnceLock<Wording>);

/// A copy of a rule may change, so it begins without one.
impl Clone for Worded {
    fn clone(&self) -> Self {
        Worded::default()
    }
}

impl Teller for Pack {
    #[expect(clippy::indexing_slicing, reason = "its findings have the places of its rules")]
    fn telling(&self, place: u32) -> &Telling {
        &self.rules[place as usize].wording(&self.schema, self.timeline.zone).telling
    }
}

impl Rule {
    /// What its findings say.
    #[inline]
    pub fn wording(&self, schema: &Schema, zone: Tz) -> &Wording {
        self.worded.0.get_or_init(|| Wording::of(self, schema, zone))
    }
}

impl Wording {
    fn of(rule: &Rule, schema: &Schema, zone: Tz) -> Self {
        let mut writer = Writer { rule, schema, zone, asks: Vec::new() };
        // in the order in which a fault is told
        let messages = writer.messages();
        let lines = rule.when.iter().map(|conjunct| writer.line(conjunct)).collect();
        let telling = Telling { rule: rule.id.clone(), basis: rule.basis.clone(), messages, lines, zone };
        Wording { telling, asks: writer.asks.into() }
    }
}

struct Writer<'a> {
    rule: &'a Rule,
    schema: &'a Schema,
    zone: Tz,
    asks: Vec<Ask>,
}

impl Writer<'_> {
    fn messages(&mut self) -> Box<[RoleText]> {
        let mut messages: Vec<RoleText> = Vec::with_capacity(self.rule.notify.len());
        for message in &self.rule.notify {
            let text = match messages.last().filter(|_| message.repeats) {
                Some(before) => before.text.clone(),
                None => self.message(&message.text),
            };
            messages.push(RoleText { role: message.role.clone(), text, groups: message.groups });
        }
        messages.into()
    }

    fn message(&mut self, node: &Node) -> Piece {
        match node {
            Node::Template(parts) => Piece::Joined(parts.iter().map(|part| self.part(part)).collect()),
            other => self.piece(other, None),
        }
    }

    fn part(&mut self, node: &Node) -> Piece {
        match node {
            Node::Template(_) => self.message(node),
            other => self.piece(other, naming(other, self.schema, &self.rule.values)),
        }
    }

    fn line(&mut self, conjunct: &Conjunct) -> Line {
        let Conjunct { node, text, groups, sight, .. } = conjunct;
        let (value, bound) = match (sight, node) {
            (Sight::Value { naming, bound }, Node::Compare(comparison, left, right)) => {
                let value = self.piece(left, *naming);
                let other = match bound {
                    Some(bound) => (bound.how, Piece::Fixed(bound.value.clone())),
                    None => (comparison.sign(), self.piece(right, *naming)),
                };
                (value, Some(other))
            }
            (Sight::Value { naming, bound }, Node::In(value, choices)) => {
                let value = self.piece(value, *naming);
                let others = match bound {
                    Some(bound) => (bound.how, Piece::Fixed(bound.value.clone())),
                    None => {
                        let choices = choices.iter().map(|choice| self.piece(choice, *naming));
                        (ONE_OF, Piece::Listed(choices.collect()))
                    }
                };
                (value, Some(others))
            }
            (Sight::Words(words), _) => (Piece::Fixed(Shown::Static(words)), None),
            // no other condition is shown with a value
            (Sight::Value { .. }, _) => (Piece::Fixed(Shown::Bool(true)), None),
        };
        Line { text: text.clone(), value, bound, groups: *groups }
    }

    fn piece(&mut self, node: &Node, naming: Option<Naming>) -> Piece {
        match node {
            Node::Constant(value) => Piece::Fixed(Shown::named(value.slot(), naming, self.zone)),
            Node::Trigger(Part::Field(field)) => Piece::Field(*field, naming),
            other => {
                self.asks.push(Ask { node: other.clone(), naming });
                Piece::Own(self.asks.len() - 1)
            }
        }
    }
}
