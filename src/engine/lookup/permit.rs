//! Which permit is in force, and what it says.

use std::iter::from_fn;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::dossier::run::Stretch;
use crate::engine::eval::Scope;
use crate::pack::expr::Part;
use crate::record::Record;
use crate::record::schema::core;
use crate::record::value::Value;

impl Scope<'_> {
    /// A part of the permit in force at the trigger; what an extension leaves out, the permit before it says.
    pub(super) fn permit(&self, part: Part) -> Value {
        let at = self.trigger.occurred_at;
        let mut granted = self.granted();
        let Some(newest) = granted.find(|record| self.covers(record, at) && !self.is_revoked(record)) else {
            return self.arrival(at).map_or(Value::Missing, |entry| self.part(entry, part));
        };
        let number = newest.value(core::PERMIT_NUMBER);
        let earlier = granted.filter(|record| number.is_missing() || record.value(core::PERMIT_NUMBER) == number);
        std::iter::once(newest)
            .chain(earlier)
            .map(|record| self.part(record, part))
            .find(|value| !value.is_missing())
            .unwrap_or(Value::Missing)
    }

    /// The last entry, where it brought a permit that covers an instant: it holds until the departure, and only where no
    /// permit was issued.
    fn arrival(&self, at: DateTime<Utc>) -> Option<&Record> {
        let until = Some(self.trigger.order());
        let entries = self.dossier.within(core::CROSSING_ENTRY, Stretch { from: None, until });
        let entry = entries.into_iter().next_back()?.record.as_ref();
        let since = Stretch { from: Some(entry.occurred_at), until };
        let exits = self.dossier.within(core::CROSSING_EXIT, since);
        let has_left = exits.iter().any(|exit| exit.record.order() > entry.order());
        let brings_one = !entry.value(core::PERMIT_VALID_UNTIL).is_missing();
        (brings_one && !has_left && self.covers(entry, at) && !self.is_revoked(entry)).then_some(entry)
    }

    /// Permits and their extensions up to the trigger, the newest first.
    fn granted(&self) -> impl Iterator<Item = &Record> {
        let known = Stretch { from: None, until: Some(self.trigger.order()) };
        let mut issued = self.dossier.within(core::PERMIT_ISSUED, known).into_iter().rev().peekable();
        let mut extended = self.dossier.within(core::PERMIT_EXTENDED, known).into_iter().rev().peekable();
        from_fn(move || {
            let next = match (issued.peek(), extended.peek()) {
                (Some(one), Some(other)) if one.record.order() > other.record.order() => issued.next(),
                (_, Some(_)) => extended.next(),
                (_, None) => issued.next(),
            };
            next.map(|logged| logged.record.as_ref())
        })
    }

    /// Whether a permit was taken back between its grant and the trigger.
    fn is_revoked(&self, permit: &Record) -> bool {
        let since = Stretch { from: Some(permit.occurred_at), until: Some(self.trigger.order()) };
        self.dossier.within(core::PERMIT_REVOKED, since).iter().any(|logged| {
            let by = logged.record.value(core::PERMIT_NUMBER);
            logged.record.order() > permit.order() && (by.is_missing() || by == permit.value(core::PERMIT_NUMBER))
        })
    }

    fn covers(&self, permit: &Record, at: DateTime<Utc>) -> bool {
        let time = |field| permit.value(field).as_time();
        self.lies_between(time(core::PERMIT_VALID_FROM), time(core::PERMIT_VALID_UNTIL), at)
    }

    /// Whether a document is valid at an instant.
    pub(super) fn is_valid(&self, record: &Record, at: DateTime<Utc>) -> bool {
        let until = |field| (None, record.value(field).as_time());
        let (from, until) = match self.world.pack.schema.kind_name(record.kind).split('.').next() {
            Some("permit") => return self.covers(record, at),
            Some("residence") => until(core::RESIDENCE_VALID_UNTIL),
            Some("work") => until(core::WORK_VALID_UNTIL),
            Some("accreditation") => until(core::ACCREDITATION_VALID_UNTIL),
            _ => (None, None),
        };
        self.lies_between(from, until, at)
    }

    /// A document that states a day is valid to that day's end.
    fn lies_between(&self, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
        if from.is_some_and(|from| at < from) {
            return false;
        }
        let Some(until) = until else { return true };
        let timeline = &self.world.pack.timeline;
        let is_day = || timeline.midnight(timeline.date(until)) == until;
        at < until || (at - until < TimeDelta::days(1) && is_day())
    }
}
