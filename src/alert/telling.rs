//! What all findings of one rule say alike, made once; what a finding adds to it are its trigger and few values.

use std::fmt;
use std::sync::Arc;

use chrono_tz::Tz;

use super::{Evidence, Message};
use crate::record::Record;
use crate::record::groups::Groups;
use crate::record::schema::FieldId;
use crate::record::shown::{Bound, Naming, Shown};
use crate::record::slot::Slot;

/// What knows rules by their places, which rise as their ids do.
pub trait Teller: Send + Sync {
    /// What the findings of the rule at a place have in common.
    fn telling(&self, place: u32) -> &Telling;
}

impl fmt::Debug for dyn Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Teller")
    }
}

/// What the findings of one rule have in common.
#[derive(Debug)]
pub struct Telling {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The citations that the rule rests on, where all of them are in force.
    pub basis: Arc<[Arc<str>]>,
    /// Whom it is told, in the rule's order.
    pub messages: Box<[RoleText]>,
    /// Its conjuncts, in the rule's order.
    pub lines: Box<[Line]>,
    /// The zone in which instants are read.
    pub zone: Tz,
}

/// What one role is told.
#[derive(Debug)]
pub struct RoleText {
    /// The role.
    pub role: Arc<str>,
    /// The text.
    pub text: Piece,
    /// The groups of the fields that it shows.
    pub groups: Groups,
}

/// A conjunct that holds.
#[derive(Debug)]
pub struct Line {
    /// As its author wrote it.
    pub text: Arc<str>,
    /// What it saw.
    pub value: Piece,
    /// How that was held against what, where it was.
    pub bound: Option<(&'static str, Piece)>,
    /// The groups of the fields behind it.
    pub groups: Groups,
}

/// Where something that people read comes from.
#[derive(Clone, Debug)]
pub enum Piece {
    /// It is the same in all findings.
    Fixed(Shown),
    /// A field of the trigger, by its name where it has one.
    Field(FieldId, Option<Naming>),
    /// The finding's own value at this place.
    Own(usize),
    /// One after the other.
    Joined(Box<[Piece]>),
    /// One after the other with commas between.
    Listed(Box<[Piece]>),
}

/// What a finding adds to what its rule's findings say alike.
#[derive(Clone, Copy)]
pub struct Added<'a> {
    /// The record that triggered it.
    pub record: Option<&'a Record>,
    /// Values that are no field of it.
    pub own: &'a [Shown],
}

impl Telling {
    /// What each role is told.
    pub fn notify(&self, added: Added<'_>) -> impl Iterator<Item = (Arc<str>, Message)> {
        self.messages.iter().map(move |told| (told.role.clone(), self.message(told, added)))
    }

    /// What one role is told.
    pub fn message(&self, told: &RoleText, added: Added<'_>) -> Message {
        Message { text: told.text.shown(added, self.zone), groups: told.groups }
    }

    /// Each conjunct with what it saw.
    pub fn evidence(&self, added: Added<'_>) -> impl Iterator<Item = Evidence> {
        self.lines.iter().map(move |line| Evidence {
            text: line.text.clone(),
            value: line.value.shown(added, self.zone),
            bound: line.bound.as_ref().map(|(how, piece)| Bound { how, value: piece.shown(added, self.zone) }),
            holds: true,
            groups: line.groups,
        })
    }
}

impl Piece {
    fn shown(&self, added: Added<'_>, zone: Tz) -> Shown {
        let all = |pieces: &[Piece]| pieces.iter().map(|piece| piece.shown(added, zone)).collect();
        match self {
            Piece::Fixed(shown) => shown.clone(),
            Piece::Field(field, naming) => {
                let value = added.record.map_or(Slot::Missing, |record| record.value(*field));
                Shown::named(value, *naming, zone)
            }
            Piece::Own(place) => added.own.get(*place).cloned().unwrap_or_default(),
            Piece::Joined(pieces) => Shown::Joined(all(pieces)),
            Piece::Listed(pieces) => Shown::Listed(all(pieces)),
        }
    }
}
