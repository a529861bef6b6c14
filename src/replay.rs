//! What a pack would have found in records of the past: files in, findings with their dispositions out.

mod rows;

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::alert::{Disposition, Evidence, Finding, Severity};
use crate::engine::{STACK_BYTES, World};
use crate::entry::{Entry, EntryBody, Step, ThresholdChange};
use crate::intake::row::Row;
use crate::ledger::{Appended, Arrival, Ledger};
use crate::machine::{Machine, Share};
use crate::pack::Pack;
use crate::record::shown::{Bound, Shown};
use crate::route;

use rows::RowReader;

/// A replay under way. The subjects are shared out over threads; what comes out does not depend on how many there are.
pub struct Replay {
    ledger: Ledger,
    readers: Vec<RowReader>,
    shares: Vec<Machine>,
    /// What came in so far.
    pub counts: Counts,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows read.
    pub rows: usize,
    /// Rows that are now in the log.
    pub accepted: usize,
    /// Rows that say what the log says already.
    pub duplicates: usize,
    /// Rows that do not hold to the schema.
    pub quarantined: usize,
    /// Rule judgements that failed.
    pub failures: usize,
}

impl Replay {
    /// Before the first record, on one thread.
    pub fn new(pack: Arc<Pack>) -> Self {
        Replay::with_threads(pack, 1)
    }

    /// Before the first record, on so many threads.
    pub fn with_threads(pack: Arc<Pack>, threads: usize) -> Self {
        Replay::over(&Arc::new(World::new(pack)), threads)
    }

    /// The same over a world that is built already.
    pub fn over(world: &Arc<World>, threads: usize) -> Self {
        let threads = threads.max(1);
        Replay {
            ledger: Ledger::default(),
            readers: (0..threads).map(|_| RowReader::new(world.clone())).collect(),
            shares: (0..threads).map(|index| Machine::for_share(world.clone(), Share { index, of: threads })).collect(),
            counts: Counts::default(),
        }
    }

    /// Takes rows in, in their order; the steps that they cause, in no order.
    pub fn feed(&mut self, rows: &[Row]) -> Vec<Step> {
        self.counts.rows += rows.len();
        let entries: Vec<Entry> =
            self.read(rows).into_iter().zip(rows).filter_map(|(r, row)| self.append(r, row)).collect();
        self.process(&entries)
    }

    /// Lets the clock run on to an instant.
    pub fn run_on(&mut self, until: DateTime<Utc>) -> Vec<Step> {
        let entry = self.ledger.tick(until);
        self.process(&[entry])
    }

    /// Sets a threshold from here on.
    pub fn set_threshold(&mut self, change: ThresholdChange) -> Vec<Step> {
        let entry = self.ledger.entry(DateTime::<Utc>::MIN_UTC, EntryBody::Threshold(change));
        self.process(&[entry])
    }

    fn read(&mut self, rows: &[Row]) -> Vec<Option<Arrival>> {
        let share = rows.len().div_ceil(self.readers.len()).max(1);
        let work = self.readers.iter_mut().zip(rows.chunks(share));
        let read = |(reader, rows): (&mut RowReader, &[Row])| rows.iter().map(|row| reader.arrival(row)).collect();
        in_parallel(work.collect(), read)
    }

    fn append(&mut self, arrival: Option<Arrival>, row: &Row) -> Option<Entry> {
        let Some(mut arrival) = arrival else {
            self.counts.quarantined += 1;
            return None;
        };
        if arrival.record.is_none() && self.ledger.is_concerned(&arrival.key) {
            arrival.record = self.readers.first_mut()?.record(row);
        }
        match self.ledger.append(arrival) {
            Appended::Entry(entry) | Appended::Stale(entry) => {
                self.counts.accepted += 1;
                Some(entry)
            }
            Appended::Duplicate => {
                self.counts.duplicates += 1;
                None
            }
        }
    }

    fn process(&mut self, entries: &[Entry]) -> Vec<Step> {
        let process = |machine: &mut Machine| entries.iter().flat_map(|entry| machine.process(entry)).collect();
        let steps: Vec<Step> = in_parallel(self.shares.iter_mut().collect(), process);
        self.counts.failures += steps.iter().map(|step| step.effects.failures.len()).sum::<usize>();
        steps
    }
}

/// Does each piece of work on a thread of its own; the results in the order of the pieces.
fn in_parallel<W: Send, T: Send>(mut work: Vec<W>, run: impl Fn(W) -> Vec<T> + Sync) -> Vec<T> {
    if work.len() <= 1 {
        return work.pop().map_or_else(Vec::new, run);
    }
    let run = &run;
    std::thread::scope(|scope| {
        let spawned: Vec<_> = work
            .into_iter()
            .map(|piece| {
                let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
                thread.spawn_scoped(scope, move || run(piece))
            })
            .collect();
        spawned
            .into_iter()
            .flatten()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

/// One finding with its disposition, as the contract has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The rule's id.
    pub rule: Arc<str>,
    subject: SubjectLine,
    at: String,
    phase: Arc<str>,
    /// The severity that the alert has with it.
    pub severity: Severity,
    kabupaten: Option<Arc<str>>,
    record: RecordLine,
    notify: Vec<Arc<str>>,
    disposition: DispositionLine,
    message: Shown,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    messages: BTreeMap<Arc<str>, Shown>,
    evidence: Vec<EvidenceLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct SubjectLine {
    kind: &'static str,
    key: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct RecordLine {
    source: Arc<str>,
    id: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct DispositionLine {
    kind: &'static str,
    reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct EvidenceLine {
    text: Arc<str>,
    value: Shown,
    bound: Option<Bound>,
    holds: bool,
}

/// The lines of some steps, in log order: by position, instant, cause, rule and subject.
pub fn lines(pack: &Pack, mut steps: Vec<Step>) -> Vec<Line> {
    steps.sort_by_key(|step| (step.position, step.at, step.cause));
    let mut sorted: Vec<_> = steps
        .iter()
        .flat_map(|step| {
            let place = (step.position, step.at, step.cause);
            step.effects.dispositions.iter().map(move |disposed| {
                ((place, disposed.finding.rule().clone(), disposed.finding.about.subject.clone()), disposed)
            })
        })
        .collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    sorted.into_iter().map(|(_, disposed)| line(pack, &disposed.finding, &disposed.disposition)).collect()
}

fn line(pack: &Pack, finding: &Finding, disposition: &Disposition) -> Line {
    let texts = finding.texts();
    let about = &finding.about;
    let by_role = || finding.notify().into_iter().map(|(role, message)| (role, message.text));
    Line {
        rule: finding.rule().clone(),
        subject: SubjectLine { kind: about.subject.kind.word(), key: about.subject.key.clone() },
        at: local(about.at, pack.timeline.zone),
        phase: about.phase.clone(),
        severity: finding.severity,
        kabupaten: about.kabupaten.clone(),
        record: RecordLine { source: about.trigger.source.clone(), id: about.trigger.id.clone() },
        notify: route::responsible(pack, finding).map(|agency| agency.id.clone()).collect(),
        disposition: DispositionLine {
            kind: disposition.word(),
            reason: Some(reason(disposition, pack.timeline.zone)).filter(|reason| !reason.is_empty()),
        },
        message: texts.first().cloned().unwrap_or(Shown::Static("")),
        messages: if texts.len() > 1 { by_role().collect() } else { BTreeMap::new() },
        evidence: finding.evidence().into_iter().map(evidence_line).collect(),
    }
}

impl Line {
    /// What became of the finding.
    pub fn kind(&self) -> &'static str {
        self.disposition.kind
    }

    /// The line for people.
    pub fn words(&self, pack: &Pack) -> String {
        let title = pack.rule(&self.rule).map_or(self.rule.as_ref(), |rule| rule.title.as_str());
        let reason = self.disposition.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!(
            "{}  {}  {}{reason}  {} ({title})\n    {}\n    -> {}",
            self.at,
            self.severity,
            self.disposition.kind,
            self.rule,
            self.message,
            self.notify.join(", "),
        )
    }
}

/// Why a finding was disposed so, with times in the pack's zone.
pub fn reason(disposition: &Disposition, zone: Tz) -> String {
    match disposition {
        Disposition::Repeat { since } => format!("since {}", local(*since, zone)),
        other => other.reason(),
    }
}

fn evidence_line(evidence: Evidence) -> EvidenceLine {
    let Evidence { text, value, bound, holds, .. } = evidence;
    EvidenceLine { text, value, bound, holds }
}

/// An instant in the pack's zone, RFC 3339.
pub fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}
