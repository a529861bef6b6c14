//! The subjects that a machine knows, each under a number: whose cases it holds, and whose deadlines wait.

use std::collections::BTreeSet;
use std::hash::BuildHasher;

use chrono::{DateTime, Utc};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::engine::Case;
use crate::engine::dossier::keyed::Keyed;
use crate::engine::prefetch::Depth;
use crate::entry::Timer;
use crate::record::Record;
use crate::record::slot::{Fields, Slot};
use crate::subject::{Subject, SubjectKind, subject_of};

/// Which of the subjects that a machine knows.
pub(super) type Number = u32;

/// So many of the subjects for which something is due are prefetched at a time.
const MOST_WAITING: usize = 64;

/// The subjects, by number.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    known: Vec<Known>,
    numbers: HashTable<Number>,
    /// Numbers that nobody has.
    free: Vec<Number>,
    /// When the first timer of a subject is due, or was before it was cleared: most timers give way to a later one, and
    /// nothing here moves for it.
    queue: BTreeSet<(DateTime<Utc>, Number)>,
    held: usize,
}

/// One subject. Of one whose case is not held, the case has the timers and nothing else.
#[derive(Debug)]
struct Known {
    case: Case,
    /// Under which instant it stands in the queue.
    queued: Option<DateTime<Utc>>,
    /// A timer that was due then is cleared; perhaps nothing else is.
    is_late: bool,
    is_held: bool,
    /// It was asked for since idle ones were last let go of.
    is_used: bool,
    /// An alert of it is open.
    has_alerts: bool,
}

/// A subject as it lies in a record, with its hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stated<'a> {
    record: &'a Record,
    pub(super) kind: SubjectKind,
    key: Keyed<'a>,
    pub(super) hash: u64,
}

impl<'a> Stated<'a> {
    /// The subject of a kind that a record is about, if it states one.
    pub(super) fn of(record: &'a Record, kind: SubjectKind) -> Option<Self> {
        let key = Keyed::subject(record, kind);
        (!key.is_missing()).then(|| Stated { record, kind, key, hash: hash(kind, key) })
    }
}

/// The hash of the subject of a kind that a record is about, if it states one.
pub(super) fn hash_in<F: Fields>(record: &F, kind: SubjectKind) -> Option<u64> {
    let key = Keyed::subject(record, kind);
    (!key.is_missing()).then(|| hash(kind, key))
}

/// The hash of a subject.
pub(super) fn hash_of(subject: &Subject) -> u64 {
    hash(subject.kind, key(subject))
}

fn hash(kind: SubjectKind, key: Keyed<'_>) -> u64 {
    FixedState::default().hash_one((kind as u8, key))
}

fn key(subject: &Subject) -> Keyed<'_> {
    Keyed::Plain(Slot::Text(&subject.key))
}

impl Subjects {
    /// How many cases are held.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Whether the case of a subject is held.
    pub(super) fn holds(&self, subject: &Subject) -> bool {
        self.case_of(subject).is_some()
    }

    /// The case of a subject, where it is held.
    pub(super) fn case_of(&self, subject: &Subject) -> Option<&Case> {
        let known = self.known.get(self.find(hash_of(subject), subject.kind, key(subject))? as usize)?;
        known.is_held.then_some(&known.case)
    }

    /// The case of a number.
    pub(super) fn case(&self, number: Number) -> Option<&Case> {
        self.known.get(number as usize).map(|known| &known.case)
    }

    /// The case of a number, to change it; one that was not held counts as empty from now on.
    pub(super) fn case_mut(&mut self, number: Number) -> Option<&mut Case> {
        let known = self.known.get_mut(number as usize)?;
        known.is_used = true;
        if !known.is_held {
            known.is_held = true;
            self.held += 1;
        }
        Some(&mut known.case)
    }

    /// The number of a subject; one that nobody has heard of gets a new one.
    pub(super) fn number(&mut self, subject: &Subject) -> Number {
        let hash = hash_of(subject);
        match self.find(hash, subject.kind, key(subject)) {
            Some(number) => number,
            None => self.add(hash, subject.clone()),
        }
    }

    /// The same for a subject as it lies in a record, which is copied only where it is new.
    pub(super) fn number_of(&mut self, stated: &Stated<'_>) -> Option<Number> {
        match self.find(stated.hash, stated.kind, stated.key) {
            Some(number) => Some(number),
            None => Some(self.add(stated.hash, subject_of(stated.record, stated.kind)?)),
        }
    }

    /// Has what is known of some subjects, and of those that stand in the queue until an instant, brought from memory.
    pub(super) fn prefetch<'a>(&self, stated: impl Iterator<Item = Stated<'a>>, until: DateTime<Utc>) {
        // whose number it really is does not matter here
        let stated = stated.filter_map(|stated| self.numbers.iter_hash(stated.hash).next());
        let numbers: Vec<Number> = stated.copied().chain(self.queued_until(until).take(MOST_WAITING)).collect();
        for depth in Depth::ALL {
            numbers.iter().filter_map(|number| self.case(*number)).for_each(|case| case.prefetch(depth));
        }
    }

    fn find(&self, hash: u64, kind: SubjectKind, wanted: Keyed<'_>) -> Option<Number> {
        let is_it = |number: &Number| {
            let known = self.known.get(*number as usize);
            known.is_some_and(|known| known.case.subject.kind == kind && key(&known.case.subject) == wanted)
        };
        self.numbers.find(hash, is_it).copied()
    }

    fn add(&mut self, hash: u64, subject: Subject) -> Number {
        let new = Known {
            case: Case::new(subject),
            queued: None,
            is_late: false,
            is_held: false,
            is_used: false,
            has_alerts: false,
        };
        let free = self.free.pop();
        // far fewer subjects than there are numbers fit into memory
        let number = free.or_else(|| Number::try_from(self.known.len()).ok()).unwrap_or(Number::MAX);
        match free.and_then(|number| self.known.get_mut(number as usize)) {
            Some(known) => *known = new,
            None => self.known.push(new),
        }
        let known = &self.known;
        let rehash = |number: &Number| known.get(*number as usize).map_or(0, |known| hash_of(&known.case.subject));
        self.numbers.insert_unique(hash, number, rehash);
        number
    }

    /// Takes a case in, with what waits in it.
    pub(super) fn admit(&mut self, case: Case) {
        let number = self.number(&case.subject);
        let first = case.timers.first_due();
        if let Some(held) = self.case_mut(number) {
            *held = case;
        }
        if let Some(known) = self.known.get_mut(number as usize) {
            known.is_late = true;
        }
        self.queue_at(number, first);
    }

    /// A timer waits for a subject whose case is not held.
    pub(super) fn wait(&mut self, subject: &Subject, timer: Timer) {
        let number = self.number(subject);
        self.queue_at(number, Some(timer.due));
        if let Some(known) = self.known.get_mut(number as usize) {
            known.case.timers.insert(timer);
        }
    }

    /// An alert is open of a subject whose case is not held.
    pub(super) fn alerted(&mut self, subject: &Subject) {
        let number = self.number(subject);
        if let Some(known) = self.known.get_mut(number as usize) {
            known.has_alerts = true;
        }
    }

    /// Alerts of a case changed.
    pub(super) fn note_alerts(&mut self, number: Number) {
        if let Some(known) = self.known.get_mut(number as usize) {
            known.has_alerts = known.case.alerts.iter().any(|alert| alert.status.is_open());
        }
    }

    /// Timers of a case were cleared, and others set.
    pub(super) fn queue(&mut self, number: Number, cleared: &[Timer], set: &[Timer]) {
        if let Some(known) = self.known.get_mut(number as usize).filter(|_| !cleared.is_empty()) {
            known.is_late |= cleared.iter().any(|timer| Some(timer.due) == known.queued);
        }
        self.queue_at(number, set.iter().map(|timer| timer.due).min());
    }

    fn queue_at(&mut self, number: Number, due: Option<DateTime<Utc>>) {
        let (Some(due), Some(known)) = (due, self.known.get_mut(number as usize)) else { return };
        if known.queued.is_some_and(|queued| queued <= due) {
            return;
        }
        known.is_late = false;
        if let Some(queued) = known.queued.replace(due) {
            self.queue.remove(&(queued, number));
        }
        self.queue.insert((due, number));
    }

    /// Takes the first of the queue out.
    fn unqueue(&mut self) {
        let known = self.queue.pop_first().and_then(|(_, number)| self.known.get_mut(number as usize));
        if let Some(known) = known {
            known.queued = None;
        }
    }

    /// When the first timer is due.
    pub(super) fn next_due(&mut self) -> Option<DateTime<Utc>> {
        loop {
            let (queued, number) = self.queue.first().copied()?;
            let known = self.known.get(number as usize)?;
            if !known.is_late {
                return Some(queued);
            }
            let first = known.case.timers.first_due();
            self.unqueue();
            self.queue_at(number, first);
        }
    }

    /// The timers that are due at an instant and at none before, by rule and subject. They are in the queue no more.
    pub(super) fn due_at(&mut self, at: DateTime<Utc>) -> Vec<(Number, Timer)> {
        let mut timers: Vec<(Number, Timer)> = Vec::new();
        while let Some((_, number)) = self.queue.first().filter(|(due, _)| *due == at).copied() {
            self.unqueue();
            let Some(case) = self.case(number) else { continue };
            let is_due = |timer: &&Timer| timer.due == at;
            timers.extend(case.timers.iter().filter(is_due).map(|timer| (number, timer.clone())));
            let next = case.timers.iter().filter(|timer| timer.due > at).map(|timer| timer.due).min();
            self.queue_at(number, next);
        }
        let subject = |number: Number| self.case(number).map(|case| &case.subject);
        timers.sort_by(|(a, timer), (b, other)| {
            let by_rule = timer.key.rule.cmp(&other.key.rule);
            by_rule.then_with(|| subject(*a).cmp(&subject(*b))).then_with(|| timer.cmp(other))
        });
        timers
    }

    /// The subjects for which something is due up to an instant.
    pub(super) fn due_until(&self, at: DateTime<Utc>) -> impl Iterator<Item = &Subject> {
        let queued = self.queued_until(at).filter_map(|number| self.case(number));
        let is_due = move |case: &&Case| case.timers.first_due().is_some_and(|due| due <= at);
        queued.filter(is_due).map(|case| &case.subject)
    }

    /// The numbers that stand in the queue up to an instant.
    fn queued_until(&self, at: DateTime<Utc>) -> impl Iterator<Item = Number> {
        self.queue.range(..=(at, Number::MAX)).map(|(_, number)| *number)
    }

    /// The subjects for which something waits.
    pub(super) fn timed(&self) -> impl Iterator<Item = &Subject> {
        self.known.iter().filter(|known| !known.case.timers.is_empty()).map(|known| &known.case.subject)
    }

    /// The subjects with an open alert, and those for which a deadline of some rules waits; the rules in their order.
    pub(super) fn watched(&self, rules: &[&str]) -> impl Iterator<Item = &Subject> {
        let is_theirs = |timer: &Timer| rules.binary_search(&&*timer.key.rule).is_ok();
        let is_watched = move |known: &&Known| known.has_alerts || known.case.timers.iter().any(is_theirs);
        self.known.iter().filter(is_watched).map(|known| &known.case.subject)
    }

    /// Lets go of all cases. What waits stays, and whether alerts are open.
    pub(super) fn forget(&mut self) {
        self.forget_where(|_| true);
    }

    /// Lets go of the cases that were not used since this was last called. What waits stays, and whether alerts are open.
    pub(super) fn forget_idle(&mut self) {
        self.forget_where(|known| !std::mem::take(&mut known.is_used));
    }

    fn forget_where(&mut self, which: impl Fn(&mut Known) -> bool) {
        for (number, known) in (0..).zip(&mut self.known) {
            if !known.is_held || !which(known) {
                continue;
            }
            known.is_held = false;
            self.held -= 1;
            let subject = known.case.subject.clone();
            let timers = std::mem::take(&mut known.case.timers);
            if timers.is_empty()
                && !known.has_alerts
                && let Ok(place) = self.numbers.find_entry(hash_of(&subject), |other| *other == number)
            {
                place.remove();
                self.free.push(number);
                if let Some(queued) = known.queued.take() {
                    self.queue.remove(&(queued, number));
                }
            }
            known.case = Case { timers, ..Case::new(subject) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::FindingKey;
    use crate::record::RecordKey;

    #[test]
    fn the_queue_says_what_is_due_first() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let timer = |trigger: &str, due| {
            let trigger = RecordKey { source: "uji".into(), id: trigger.into() };
            Timer { due: at(due), key: FindingKey { rule: "senyap".into(), trigger, firing: 0 } }
        };
        let mut subjects = Subjects::default();
        let subject = |key: &str| Subject { kind: SubjectKind::Lodging, key: key.into() };
        let [moved, other] = ["hotel-contoh-1", "hotel-contoh-2"].map(|key| subjects.number(&subject(key)));
        let set = |subjects: &mut Subjects, number, timer: Timer| {
            let before: Vec<Timer> =
                subjects.case_mut(number).unwrap().timers.insert(timer.clone()).into_iter().collect();
            subjects.queue(number, &before, &[timer]);
        };
        set(&mut subjects, moved, timer("a", 10));
        set(&mut subjects, other, timer("b", 20));
        assert_eq!(subjects.next_due(), Some(at(10)));
        // a later one takes its place
        set(&mut subjects, moved, timer("a", 30));
        assert_eq!(subjects.due_until(at(15)).count(), 0);
        assert_eq!(subjects.next_due(), Some(at(20)));
        set(&mut subjects, other, timer("c", 25));
        assert_eq!(subjects.due_at(at(20)), [(other, timer("b", 20))]);
        subjects.case_mut(other).unwrap().timers.remove(&timer("b", 20));
        subjects.queue(other, &[timer("b", 20)], &[]);
        assert_eq!(subjects.next_due(), Some(at(25)));
        // an earlier one comes before it
        set(&mut subjects, moved, timer("d", 22));
        assert_eq!(subjects.next_due(), Some(at(22)));
        for (number, cleared) in [(moved, timer("a", 30)), (moved, timer("d", 22)), (other, timer("c", 25))] {
            assert!(subjects.case_mut(number).unwrap().timers.remove(&cleared));
            subjects.queue(number, &[cleared], &[]);
        }
        assert_eq!(subjects.next_due(), None);
    }
}
