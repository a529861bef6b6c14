//! The records of the past that a plan needs, from files or from a store, in the order of the log.

mod reader;
pub mod stored;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::entry::{Entry, EntryBody, Position};
use crate::intake::row::Row;
use crate::ledger::{Appended, Ledger};
use crate::record::Record;
use crate::record::schema::KindId;
use crate::subject::{Subject, subject_of};

use super::Plan;
use reader::{Read, RecordReader};

/// Records of one kind: how many, and from when to when they happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many.
    pub records: usize,
    /// The earliest.
    pub first: DateTime<Utc>,
    /// The latest.
    pub last: DateTime<Utc>,
}

/// What a log holds, as far as a plan needs it.
#[derive(Debug, Default)]
pub struct History {
    /// What there is of each kind, of those too that no rule concerned reads; revisions count.
    pub kinds: BTreeMap<Arc<str>, Span>,
    /// Records that did not hold to the schema.
    pub unfit: usize,
    pub(super) entries: Vec<Entry>,
    pub(super) end: Option<(Position, DateTime<Utc>)>,
    pub(super) by_subject: HashMap<Subject, Vec<usize>>,
}

impl Span {
    fn add(&mut self, other: Span) {
        self.records += other.records;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl History {
    /// How many records there are, and from when to when they happened.
    pub fn span(&self) -> Option<Span> {
        self.kinds.values().copied().reduce(|mut sum, span| {
            sum.add(span);
            sum
        })
    }

    fn count(&mut self, kind: &str, at: DateTime<Utc>) {
        let one = Span { records: 1, first: at, last: at };
        match self.kinds.get_mut(kind) {
            Some(span) => span.add(one),
            None => {
                self.kinds.insert(Arc::from(kind), one);
            }
        }
    }

    /// Notes which entries are about which subject.
    fn index(&mut self, plan: &Plan) {
        let mut by_subject: HashMap<Subject, Vec<usize>> = HashMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let EntryBody::Record { record, before } = &entry.body else { continue };
            for kind in &plan.subjects {
                let now = subject_of(record, *kind).filter(|_| !record.withdrawn);
                let gone = before.iter().filter(|subject| subject.kind == *kind && now.as_ref() != Some(*subject));
                for subject in gone.cloned().chain(now.clone()) {
                    by_subject.entry(subject).or_default().push(index);
                }
            }
        }
        self.by_subject = by_subject;
    }
}

/// Takes rows of files in.
pub struct Collector<'a> {
    plan: &'a Plan,
    reader: RecordReader<'a>,
    ledger: Ledger,
    history: History,
}

impl<'a> Collector<'a> {
    /// Before the first row.
    pub fn new(plan: &'a Plan) -> Self {
        let reader = RecordReader::new(plan);
        Collector { plan, reader, ledger: Ledger::default(), history: History::default() }
    }

    /// Takes rows in, in their order, as a replay does.
    pub fn take(&mut self, rows: &[Row]) {
        for row in rows {
            match self.reader.row(row) {
                Some(read) => self.append(read, row),
                None => self.history.unfit += 1,
            }
        }
    }

    fn append(&mut self, read: Read, row: &Row) {
        let Read { kind, occurred_at, mut arrival } = read;
        if arrival.record.is_none() && self.ledger.is_concerned(&arrival.key) {
            arrival.record = self.reader.whole(row);
        }
        let entry = match self.ledger.append(arrival) {
            Appended::Entry(entry) | Appended::Stale(entry) => entry,
            Appended::Duplicate => return,
        };
        self.history.count(self.plan.pack.schema.kind_name(kind), occurred_at);
        self.history.end = Some((entry.position, entry.at));
        if is_needed(self.plan, &entry) {
            self.history.entries.push(entry);
        }
    }

    /// Lets the clock run on to an instant after the last record.
    pub fn run_on(&mut self, until: DateTime<Utc>) {
        let entry = self.ledger.tick(until);
        self.history.end = Some((entry.position, entry.at));
    }

    /// All that was taken in.
    pub fn finish(mut self) -> History {
        self.history.index(self.plan);
        self.history
    }
}

/// A revision is needed whatever its kind: the one that it replaces may have been of another.
fn is_needed(plan: &Plan, entry: &Entry) -> bool {
    match &entry.body {
        EntryBody::Record { record, before } => plan.kinds.contains(&record.kind) || !before.is_empty(),
        _ => false,
    }
}

fn needs_kind(plan: &Plan, name: &str) -> Option<KindId> {
    plan.kinds.iter().copied().find(|kind| plan.whole.schema.kind_name(*kind) == name)
}

fn entry(position: Position, at: DateTime<Utc>, record: Record, before: Vec<Subject>) -> Entry {
    Entry { position, at, body: EntryBody::Record { record: Arc::new(record), before } }
}
