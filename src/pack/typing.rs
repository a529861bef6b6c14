//! The types of expressions, and which of them may stand beside each other.

use crate::record::schema::Type;
use crate::words::{Text, say};

use super::expr::{Node, Pick, Query};
use std::sync::Arc;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// Any text.
    Text,
    /// One of a closed list of words.
    Choice(&'static [&'static str]),
    /// A phase's word.
    Phase,
    /// A kind's word.
    Kind,
    /// A subject's key, for matching only.
    Key,
    /// An instant.
    Time,
    /// A span of time.
    Span,
    /// A number of working days.
    WorkingDays,
    /// What a helper with statements yields: known when it runs.
    Any,
}

impl Ty {
    /// The type of a field's values.
    pub fn of_field(ty: Type) -> Self {
        match ty {
            Type::Bool => Ty::Bool,
            Type::Int => Ty::Int,
            Type::Number => Ty::Number,
            Type::Text => Ty::Text,
            Type::Time => Ty::Time,
            Type::Choice(words) => Ty::Choice(words),
        }
    }

    /// How messages call it.
    pub fn words(self) -> Text {
        match self {
            Ty::Bool => say("ty-bool"),
            Ty::Int => say("ty-int"),
            Ty::Number => say("ty-number"),
            Ty::Text => say("ty-text"),
            Ty::Choice(_) => say("ty-word"),
            Ty::Phase => say("ty-phase"),
            Ty::Kind => say("ty-kind"),
            Ty::Key => say("ty-key"),
            Ty::Time => say("ty-time"),
            Ty::Span => say("ty-span"),
            Ty::WorkingDays => say("ty-working-days"),
            Ty::Any => say("ty-any"),
        }
    }

    /// Whether it is text in some form.
    pub fn is_text(self) -> bool {
        matches!(self, Ty::Text | Ty::Choice(_) | Ty::Phase | Ty::Kind | Ty::Any)
    }

    /// Whether it is a number in some form.
    pub fn is_number(self) -> bool {
        matches!(self, Ty::Int | Ty::Number | Ty::Any)
    }

    /// Whether values of both types can be compared.
    pub fn compares_with(self, other: Ty) -> bool {
        self == other
            || self == Ty::Any
            || other == Ty::Any
            || (self.is_number() && other.is_number())
            || (self.is_text() && other.is_text())
    }
}

/// An expression with its type.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The expression.
    pub node: Node,
    /// Its type.
    pub ty: Ty,
    /// Whether it can be missing.
    pub optional: bool,
}

/// Where a record's fields are read from.
#[derive(Clone, Debug)]
pub enum Base {
    /// The trigger.
    Trigger,
    /// A record of the dossier.
    Picked(Pick, Arc<Query>),
}

/// What a name or a call stands for.
#[derive(Clone, Debug)]
pub enum Lowered {
    /// A value.
    Typed(Typed),
    /// A record, or a section of one: its path, empty for the whole record.
    Section(Base, String),
}
