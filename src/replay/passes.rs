//! A replay of more than memory holds: the files are gone over several times, each time for a part of the subjects, and
//! what each time finds is merged.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::World;
use crate::entry::{Entry, EntryBody, Step};
use crate::intake::row::Row;
use crate::ledger::Ledger;
use crate::machine::{Machine, Share, Tells};
use crate::pack::Pack;
use crate::record::{Record, RecordKey};
use crate::subject::{Subject, SubjectKind, subject_of, subjects_of};

use super::line::{Line, placed};
use super::pipe::{Hand, Pipe};
use super::rows::{RowReader, Wants};
use super::sorting::{Sorting, Standing, Standings};
use super::spill::{Spill, merge};
use super::{Counts, failures_in, own};

/// How much of the files is judged at once, in bytes: of records of some hundred bytes, all that is known of their
/// subjects then takes less than a gigabyte.
const BYTES_AT_ONCE: u64 = 512 << 20;

/// Sorting out which rows are records keeps less of each.
const BYTES_SORTED_AT_ONCE: u64 = 2 * BYTES_AT_ONCE;

/// How many times the files are gone over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    /// To tell which rows are records.
    pub sorting: usize,
    /// To judge.
    pub judging: usize,
}

impl Passes {
    /// For files of so many bytes; `None` where all fits into memory at once.
    pub fn of(bytes: u64) -> Option<Self> {
        let times = |at_once: u64| usize::try_from(bytes.div_ceil(at_once)).unwrap_or(usize::MAX);
        (bytes > BYTES_AT_ONCE).then(|| Passes { sorting: times(BYTES_SORTED_AT_ONCE), judging: times(BYTES_AT_ONCE) })
    }

    /// All of them.
    pub fn count(self) -> usize {
        self.sorting + self.judging
    }
}

/// A replay in several passes.
pub struct InPasses {
    /// Whose rules judge.
    pub pack: Arc<Pack>,
    /// On so many threads.
    pub threads: usize,
    /// How many times over the files.
    pub passes: Passes,
    /// The clock runs on to here after the last record.
    pub until: Option<DateTime<Utc>>,
}

impl InPasses {
    /// Replays. `read` hands out all rows, in their order, each time that it is called, and `seen` is told of them;
    /// `written` writes a line out; `show` gets them all, in log order.
    ///
    /// # Errors
    /// What `read` and `show` say, and the operating system of threads and of files in which lines wait; the rows are
    /// not as many each time.
    pub fn run<E: From<io::Error> + Send>(
        &self,
        read: impl Fn(&mut Hand<'_>) -> Result<(), E> + Sync,
        mut seen: impl FnMut(&[Row]),
        mut written: impl FnMut(&Line) -> String,
        show: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<Counts, E> {
        let world = Arc::new(World::new(self.pack.clone()));
        let mut sorting = Sorting::new(&world, self.threads, self.passes.sorting);
        for _ in 0..self.passes.sorting {
            sorting.run(|hand| read(hand), &mut seen)?;
        }
        let standings = sorting.finish();
        let mut counts = standings.counts;
        let mut spills = Vec::new();
        for index in 0..self.passes.judging {
            let mut spill = Spill::new()?;
            let share = Share { index, of: self.passes.judging };
            let mut keep = |steps: Vec<Step>| {
                counts.failures += failures_in(&steps);
                placed(&self.pack, steps).into_iter().try_for_each(|(place, line)| spill.push(place, written(&line)))
            };
            let mut judging = Judging::new(&world, &standings, share, self.threads);
            let take = |rows: &[Row], steps: Vec<Step>| {
                seen(rows);
                Ok(keep(steps)?)
            };
            judging.run(|hand| read(hand), take)?;
            standings.check(judging.sequel.row)?;
            if let Some(until) = self.until {
                keep(judging.run_on(until))?;
            }
            spills.push(spill);
        }
        merge(spills, show)?;
        Ok(counts)
    }
}

/// Judges a part of the subjects.
struct Judging<'a> {
    readers: Vec<RowReader>,
    machines: Vec<Machine>,
    sequel: Sequel<'a>,
}

/// What the order of the rows makes of them.
struct Sequel<'a> {
    standings: &'a Standings,
    share: Share,
    /// Counts positions and keeps the time; it holds no records.
    ledger: Ledger,
    /// The subjects of this part that records are about which a later row revises.
    before: HashMap<RecordKey, Vec<Subject>>,
    row: usize,
}

/// When a row that stands was received, and its record where it concerns the part.
type Part = Option<(DateTime<Utc>, Option<Arc<Record>>)>;

impl<'a> Judging<'a> {
    fn new(world: &Arc<World>, standings: &'a Standings, share: Share, threads: usize) -> Self {
        let threads = threads.max(1);
        let machine = |index| Machine::for_share(own(world), share.part(index, threads)).telling(Tells::Dispositions);
        let (ledger, before) = (Ledger::default(), HashMap::new());
        Judging {
            readers: (0..threads).map(|_| RowReader::new(world.clone())).collect(),
            machines: (0..threads).map(machine).collect(),
            sequel: Sequel { standings, share, ledger, before, row: 0 },
        }
    }

    fn run<E: From<io::Error> + Send>(
        &mut self,
        read: impl FnOnce(&mut Hand<'_>) -> Result<(), E> + Send,
        take: impl FnMut(&[Row], Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (standings, share) = (self.sequel.standings, self.sequel.share);
        let parse = |reader: &mut RowReader, first: usize, rows: &[Row]| -> Vec<Part> {
            let parts = (first..).zip(rows).map(|(place, row)| {
                reader.part(
                    row,
                    match standings.get(place)? {
                        Standing::Quarantined | Standing::Duplicate => return None,
                        Standing::Tick => Wants::Nothing,
                        Standing::New { revised: false } => Wants::Concerned(share),
                        Standing::New { revised: true } | Standing::Revision { .. } => Wants::All,
                    },
                )
            });
            parts.collect()
        };
        let order = |_: &[Row], parts: Vec<Part>| self.sequel.entries(parts);
        Pipe { readers: &mut self.readers, machines: &mut self.machines, parse, order }.run(read, take)
    }

    fn run_on(&mut self, until: DateTime<Utc>) -> Vec<Step> {
        let entry = self.sequel.ledger.tick(until);
        self.machines.iter_mut().flat_map(|machine| machine.process(&entry)).collect()
    }
}

impl Sequel<'_> {
    fn entries(&mut self, parts: Vec<Part>) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(parts.len());
        for part in parts {
            if let Some((received_at, record)) = part {
                let standing = self.standings.get(self.row);
                let body = record.map_or(EntryBody::Tick, |record| self.body(record, standing));
                entries.push(self.ledger.entry(received_at, body));
            }
            self.row += 1;
        }
        entries
    }

    fn body(&mut self, record: Arc<Record>, standing: Option<Standing>) -> EntryBody {
        let mut before = Vec::new();
        if let Some(Standing::Revision { .. }) = standing {
            // itself is a subject of the older revision too, of whatever part, and says that there is one
            before.extend(subject_of(&record, SubjectKind::Record));
            before.extend(self.before.remove(&record.key).into_iter().flatten());
        }
        if let Some(Standing::New { revised: true } | Standing::Revision { revised: true }) = standing
            && !record.withdrawn
        {
            let is_other = |subject: &Subject| subject.kind != SubjectKind::Record && self.share.has_subject(subject);
            let subjects: Vec<Subject> = subjects_of(&record).into_iter().filter(is_other).collect();
            if !subjects.is_empty() {
                self.before.insert(record.key.clone(), subjects);
            }
        }
        EntryBody::Record { record, before }
    }
}
