//! Which check-out ends which stay, and how many stays overlap another.

use std::cell::Ref;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::Dossier;
use super::keyed::{Distinct, Keyed};
use super::large::Large;
use super::run::{Order, Run, Stretch};
use super::stays::{Stay, Stays, start_of};
use crate::pack::expr::MatchKey;
use crate::record::Record;
use crate::record::schema::{FieldId, KindId, core};
use crate::subject::SubjectKind;

const PERSON: MatchKey = MatchKey::Subject(SubjectKind::Person);
const NIK: MatchKey = MatchKey::Subject(SubjectKind::Nik);

impl Dossier {
    /// When the stay that a record tells of begins and ends, as far as is known at a place of the order.
    pub fn stay(&self, record: &Record, known: Order<'_>) -> (DateTime<Utc>, DateTime<Utc>) {
        Stay::of(record, |start| self.first_out(record, start, Some(known))).span_at(known)
    }

    /// How many values a field has over the stay of a trigger and those before it that overlap it by more than a
    /// span; `None` where only looking at each can tell.
    pub fn overlaps(
        &self,
        field: FieldId,
        kind: KindId,
        stretch: Stretch<'_>,
        span: TimeDelta,
        trigger: &Record,
    ) -> Option<usize> {
        let stays = self.stays(kind)?;
        let mut values = Distinct::default();
        let mut add = |record| values.add(Keyed::of(record, MatchKey::Field(field)));
        let is_meant = trigger.kind == kind && stretch.has(trigger);
        if is_meant && self.of_kind(kind).place_of(trigger.order()).is_some() {
            add(trigger);
        }
        let known = trigger.order();
        stays.overlapping(stretch, self.stay(trigger, known), span, known, add);
        Some(values.count())
    }

    /// The first check-out that ends a guest's stay, among those in a stretch of the order.
    fn first_out(&self, guest: &Record, from: DateTime<Utc>, until: Option<Order<'_>>) -> Option<Arc<Record>> {
        let stretch = Stretch { from: Some(from), until };
        let first = |outs: Run<'_>| {
            let mut outs = outs.within(stretch).iter();
            outs.find(|out| ends(&out.record, guest)).map(|out| out.record.clone())
        };
        let mut found: Option<Arc<Record>> = None;
        for key in [PERSON, NIK] {
            let who = Keyed::of(guest, key);
            if who.is_missing() {
                continue;
            }
            let Some(outs) = self.equal_to(core::LODGING_CHECK_OUT, key, who) else {
                return first(self.of_kind(core::LODGING_CHECK_OUT));
            };
            found = found.into_iter().chain(first(outs.run())).min_by(|a, b| a.order().cmp(&b.order()));
        }
        found
    }

    fn stays(&self, kind: KindId) -> Option<Ref<'_, Stays>> {
        let large = self.large(kind)?;
        if large.stays.borrow().is_none() {
            let mut stays = Stays::default();
            for logged in large.run() {
                stays.insert(logged.record.clone(), self.stay_of(&logged.record));
            }
            *large.stays.try_borrow_mut().ok()? = Some(stays);
        }
        Ref::filter_map(large.stays.borrow(), Option::as_ref).ok()
    }

    fn stay_of(&self, guest: &Record) -> Stay {
        Stay::of(guest, |start| self.first_out(guest, start, None))
    }

    /// Keeps the stays right after a record joined.
    pub(super) fn note_joined(&mut self, record: &Arc<Record>) {
        if self.many.is_none() {
            return;
        }
        if self.large(record.kind).is_some_and(Large::has_stays) {
            let stay = self.stay_of(record);
            self.change_stays(record.kind, |stays| stays.insert(record.clone(), stay));
        }
        self.note_out(record);
    }

    /// Keeps the stays right after a record left.
    pub(super) fn note_left(&mut self, record: &Record) {
        self.change_stays(record.kind, |stays| stays.remove(record));
        self.note_out(record);
    }

    /// A check-out came or went: the stays that it can end are looked at again.
    fn note_out(&mut self, out: &Record) {
        if out.kind != core::LODGING_CHECK_OUT {
            return;
        }
        for place in 0..self.all_large().len() {
            let Some(large) = self.all_large().get(place).filter(|large| large.has_stays()) else { continue };
            let kind = large.kind;
            for guest in guests_of(large, out) {
                let stay = self.stay_of(&guest);
                self.change_stays(kind, |stays| stays.replace(&guest, stay));
            }
        }
    }

    fn change_stays(&mut self, kind: KindId, change: impl FnOnce(&mut Stays)) {
        if let Some(stays) = self.large_mut(kind).and_then(|large| large.stays.get_mut().as_mut()) {
            change(stays);
        }
    }
}

/// The records whose stay a check-out can end.
fn guests_of(large: &Large, out: &Record) -> Vec<Arc<Record>> {
    let stays = large.stays.borrow();
    let is_guest = |record: &Arc<Record>| {
        ends(out, record)
            && start_of(record) <= out.occurred_at
            && record.value(core::CHECK_OUT).is_missing()
            && stays.as_ref().is_some_and(|stays| stays.can_end_with(record, out))
    };
    let mut guests = Vec::new();
    for key in [PERSON, NIK] {
        let who = Keyed::of(out, key);
        if who.is_missing() {
            continue;
        }
        let of = |run: Run<'_>| run.iter().map(|logged| logged.record.clone()).filter(&is_guest).collect::<Vec<_>>();
        match large.equal_to(key, who) {
            Some(equal) => guests.extend(of(equal.run())),
            None => return of(large.run()),
        }
    }
    guests
}

/// Whether a check-out is of the lodging and the guest of a record.
fn ends(out: &Record, guest: &Record) -> bool {
    out.value(core::LODGING_ID) == guest.value(core::LODGING_ID) && same_person(out, guest)
}

/// By passport where both state one, else by NIK.
fn same_person(a: &Record, b: &Record) -> bool {
    let both = |key| {
        let (a, b) = (Keyed::of(a, key), Keyed::of(b, key));
        (!a.is_missing() && !b.is_missing()).then(|| a == b)
    };
    both(PERSON).or_else(|| both(NIK)).unwrap_or(false)
}
