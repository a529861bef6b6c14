//! The dossier functions: what a rule can ask of the records of its subject.

mod permit;
mod usual;

use std::cell::LazyCell;

use chrono::{DateTime, TimeDelta, Utc};

use crate::pack::expr::{MatchKey, Node, Part, Pick, Query};
use crate::record::schema::{FieldId, KindId};
use crate::record::value::Value;
use crate::record::{Record, RecordKey};

use super::dossier::Logged;
use super::dossier::keyed::{Distinct, Keyed};
use super::dossier::run::{Run, Stretch};
use super::eval::{Fault, Looking, Scope};

/// What a query means at a trigger, with its arguments worked out.
struct Sought<'q> {
    kind: KindId,
    /// How far back it looks; `None`: all the way.
    span: Option<TimeDelta>,
    stretch: Stretch<'q>,
    wanted: Vec<(MatchKey, Wanted<'q>)>,
    /// A record that is not meant.
    except: Option<&'q RecordKey>,
}

/// A value that records are to equal.
enum Wanted<'q> {
    /// As it lies in the trigger.
    Lying(Keyed<'q>),
    /// Worked out.
    Worked(Value),
}

/// The records that a query means.
struct Matching<'m> {
    run: Run<'m>,
    sought: &'m Sought<'m>,
    /// Which of the wanted values the run is known to have.
    served: Option<usize>,
}

impl Scope<'_> {
    /// `None` where no record can be meant.
    fn sought<'q>(&'q self, query: &'q Query) -> Result<Option<Sought<'q>>, Fault> {
        let window = match (query.constant_window(), query.window.as_deref()) {
            (None, Some(window)) => Some(self.span_of(window)?),
            (constant, _) => constant.map(Some),
        };
        // all arguments are evaluated, so that one that fails is a failure whatever the others are
        let wanted: Vec<(MatchKey, Wanted<'q>)> =
            query.equal.iter().map(|(key, node)| Ok((*key, self.wanted(node)?))).collect::<Result<_, Fault>>()?;
        let from = match window {
            None => None,
            Some(None) => return Ok(None),
            Some(Some(span)) => match self.trigger.occurred_at.checked_sub_signed(span) {
                Some(from) => Some(from),
                None if span > TimeDelta::zero() => Some(DateTime::<Utc>::MIN_UTC),
                None => return Ok(None),
            },
        };
        let (stretch, except) = match self.looking {
            Looking::Back => (Stretch { from, until: Some(self.trigger.order()) }, None),
            Looking::Forward => {
                let from = from.unwrap_or(self.trigger.occurred_at);
                (Stretch { from: Some(from), until: None }, Some(&self.trigger.key))
            }
        };
        Ok(Some(Sought { kind: query.kind, span: window.flatten(), stretch, wanted, except }))
    }

    fn wanted<'q>(&'q self, node: &'q Node) -> Result<Wanted<'q>, Fault> {
        Ok(match node {
            Node::TriggerSubject(kind) => Wanted::Lying(Keyed::of(self.trigger, MatchKey::Subject(*kind))),
            Node::Trigger(Part::Field(field)) => Wanted::Lying(Keyed::of(self.trigger, MatchKey::Field(*field))),
            other => Wanted::Worked(self.value(other)?),
        })
    }

    /// Looks among the records that are meant; of several wanted values the one that fewest records have leads.
    fn among<R>(&self, sought: &Sought<'_>, look: impl FnOnce(Matching<'_>) -> R) -> R {
        let equal_to =
            |(key, wanted): &(MatchKey, Wanted<'_>)| self.dossier.equal_to(sought.kind, *key, wanted.keyed());
        let place = match sought.wanted.as_slice() {
            [] => None,
            [_] => Some(0),
            several => {
                let lengths =
                    several.iter().enumerate().filter_map(|(place, one)| Some((equal_to(one)?.run().len(), place)));
                lengths.min().map(|(_, place)| place)
            }
        };
        let leading = place.and_then(|place| Some((place, equal_to(sought.wanted.get(place)?)?)));
        match leading {
            Some((place, equal)) => {
                let run = equal.run().within(sought.stretch);
                look(Matching { run, sought, served: Some(place) })
            }
            None => {
                let run = self.dossier.within(sought.kind, sought.stretch);
                look(Matching { run, sought, served: None })
            }
        }
    }

    /// Whether some record matches.
    pub fn any(&self, query: &Query) -> Result<bool, Fault> {
        let Some(sought) = self.sought(query)? else { return Ok(false) };
        // the newest are the likeliest
        Ok(self.among(&sought, |matching| matching.iter().next_back().is_some()))
    }

    /// How many records match.
    pub fn count(&self, query: &Query) -> Result<i64, Fault> {
        let Some(sought) = self.sought(query)? else { return Ok(0) };
        Ok(as_int(self.among(&sought, |matching| matching.len())))
    }

    /// How many distinct keys the matching records have.
    pub fn distinct(&self, key: MatchKey, query: &Query) -> Result<i64, Fault> {
        let Some(sought) = self.sought(query)? else { return Ok(0) };
        if sought.wanted.is_empty()
            && sought.except.is_none()
            && let Some(distinct) = self.dossier.distinct(key, sought.kind, sought.span, sought.stretch)
        {
            return Ok(as_int(distinct));
        }
        let of = |matching: Matching<'_>| Distinct::of(matching.iter().map(|logged| Keyed::of(&logged.record, key)));
        Ok(as_int(self.among(&sought, of)))
    }

    /// A part of one of the matching records.
    pub fn picked(&self, pick: Pick, query: &Query, part: Part) -> Result<Value, Fault> {
        if pick == Pick::Permit {
            return Ok(self.permit(part));
        }
        let Some(sought) = self.sought(query)? else { return Ok(Value::Missing) };
        Ok(self.among(&sought, |matching| {
            let mut records = matching.iter();
            let one = if pick == Pick::First { records.next() } else { records.next_back() };
            one.map_or(Value::Missing, |logged| self.part(&logged.record, part))
        }))
    }

    /// Whether a matching record is valid at the trigger, or, for an answer, now.
    pub fn in_force(&self, query: &Query) -> Result<bool, Fault> {
        let at = if self.looking == Looking::Back { self.trigger.occurred_at } else { self.now };
        let Some(sought) = self.sought(query)? else { return Ok(false) };
        Ok(self.among(&sought, |matching| matching.iter().rev().any(|logged| self.is_valid(&logged.record, at))))
    }

    /// Distinct values of a field over the trigger's stay and the earlier ones that overlap it by more than a span.
    pub fn overlaps(&self, field: FieldId, at_least: &Node, query: &Query) -> Result<i64, Fault> {
        let at_least = self.span_of(at_least)?;
        let sought = self.sought(query)?;
        let (Some(at_least), Some(sought)) = (at_least, sought) else { return Ok(0) };
        if sought.wanted.is_empty()
            && sought.except.is_none()
            && let Some(overlaps) = self.dossier.overlaps(field, sought.kind, sought.stretch, at_least, self.trigger)
        {
            return Ok(as_int(overlaps));
        }
        let known = self.trigger.order();
        let own = LazyCell::new(|| self.dossier.stay(self.trigger, known));
        let is_together = |other: &Record| {
            other.key == self.trigger.key || {
                let ((start, end), (other_start, other_end)) = (*own, self.dossier.stay(other, known));
                end.min(other_end) - start.max(other_start) > at_least
            }
        };
        Ok(as_int(self.among(&sought, |matching| {
            let mut values = Distinct::default();
            // the trigger comes last; where its own value is the only one, nobody's stay is asked for
            for logged in matching.iter().rev() {
                let value = Keyed::of(&logged.record, MatchKey::Field(field));
                if !value.is_missing() && !values.has(value) && is_together(&logged.record) {
                    values.add(value);
                }
            }
            values.count()
        })))
    }
}

impl Wanted<'_> {
    fn keyed(&self) -> Keyed<'_> {
        match self {
            Wanted::Lying(keyed) => *keyed,
            Wanted::Worked(value) => Keyed::Plain(value.slot()),
        }
    }
}

impl<'m> Matching<'m> {
    fn iter(&self) -> impl DoubleEndedIterator<Item = &'m Logged> {
        let (sought, served) = (self.sought, self.served);
        self.run.iter().filter(move |logged| {
            let record = logged.record.as_ref();
            let mut unserved = sought.wanted.iter().enumerate().filter(|(place, _)| served != Some(*place));
            sought.except != Some(&record.key)
                && unserved.all(|(_, (key, wanted))| Keyed::of(record, *key).equals(wanted.keyed()))
        })
    }

    fn len(&self) -> usize {
        let is_served = self.sought.wanted.len() <= usize::from(self.served.is_some());
        if is_served && self.sought.except.is_none() { self.run.len() } else { self.iter().count() }
    }
}

/// A count as rules have it.
pub(super) fn as_int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
