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
use super::pipe::{Hand, Pipe, process};
use super::rows::{RowReader, Wants};
use super::sorting::{Sorting, Standing, Standings};
use super::spill::{Spill, merge};
use super::{Counts, failures_in};

/// Files of more bytes are gone over several times: of records of some hundred bytes, all that is known of so many takes
/// less than a gigabyte.
const BYTES_AT_ONCE: u64 = 512 << 20;

/// How much of the files is judged at a time then: what one part lets go of does not fit the next without gaps.
const BYTES_JUDGED: u64 = 320 << 20;

/// Sorting out which rows are records keeps less of each.
const BYTES_SORTED: u64 = 1 << 30;

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
        (bytes > BYTES_AT_ONCE).then(|| Passes { sorting: times(BYTES_SORTED), judging: times(BYTES_JUDGED) })
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
    /// `written` writes a line out where it is to be shown; `show` gets all of these, in log order.
    ///
    /// # Errors
    /// What `read` and `show` say, and the operating system of threads and of files in which lines wait; the rows are
    /// not as many each time.
    pub fn run<E: From<io::Error> + Send>(
        &self,
        read: impl Fn(&mut Hand<'_>) -> Result<(), E> + Sync,
        mut seen: impl FnMut(&[Row]),
        mut written: impl FnMut(&Line) -> Option<String>,
        show: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<Counts, E> {
        let world = Arc::new(World::new(self.pack.clone()));
        let mut sorting = Sorting::new(&world, self.threads, self.passes.sorting);
        for _ in 0..self.passes.sorting {
            sorting.run(|hand| read(hand), &mut seen)?;
        }
        let standings = sorting.finish();
        let mut counts = standings.counts;
        let mut spills = (0..self.passes.judging).map(|_| Spill::new()).collect::<io::Result<Vec<Spill>>>()?;
        let mut judging = Judging::new(self, &world, &standings);
        let mut row = 0;
        let read_all = |hand: &mut Hand<'_>| (0..self.passes.judging).try_for_each(|_| read(hand));
        judging.run(read_all, |rows, steps| {
            seen(rows);
            counts.failures += failures_in(&steps);
            if let Some(spill) = spills.get_mut(standings.pass_of(row)) {
                for (place, line) in placed(&self.pack, steps) {
                    written(&line).map_or(Ok(()), |text| spill.push(place, text))?;
                }
            }
            row += rows.len();
            Ok(())
        })?;
        standings.check(row, self.passes.judging)?;
        merge(spills, show)?;
        Ok(counts)
    }
}

/// Judges one part of the subjects after another. The threads stay the same, so that what one of them lets go of at the
/// end of a part is there for the next.
struct Judging<'a> {
    standings: &'a Standings,
    of: usize,
    readers: Vec<RowReader>,
    parts: Vec<Part>,
    sequel: Sequel<'a>,
}

/// What one thread judges: some subjects of the part that it has come to.
struct Part {
    world: Arc<World>,
    pass: usize,
    machine: Machine,
}

/// What the order of the rows makes of them.
struct Sequel<'a> {
    standings: &'a Standings,
    share: Share,
    until: Option<DateTime<Utc>>,
    /// Counts positions and keeps the time; it holds no records.
    ledger: Ledger,
    /// The subjects of this part that records are about which a later row revises.
    before: HashMap<RecordKey, Vec<Subject>>,
    row: usize,
}

/// When a row that stands was received, and its record where it concerns the part.
type Read = Option<(DateTime<Utc>, Option<Arc<Record>>)>;

impl<'a> Judging<'a> {
    fn new(replay: &InPasses, world: &Arc<World>, standings: &'a Standings) -> Self {
        let (threads, of) = (replay.threads.max(1), replay.passes.judging);
        let part = |index| {
            let world = Arc::new(world.apart());
            Part { machine: machine(&world, 0, of, index, threads), world, pass: 0 }
        };
        Judging {
            standings,
            of,
            readers: (0..threads).map(|_| RowReader::new(world.clone())).collect(),
            parts: (0..threads).map(part).collect(),
            sequel: Sequel {
                standings,
                share: Share { index: 0, of },
                until: replay.until,
                ledger: Ledger::default(),
                before: HashMap::new(),
                row: 0,
            },
        }
    }

    fn run<E: From<io::Error> + Send>(
        &mut self,
        read: impl FnOnce(&mut Hand<'_>) -> Result<(), E> + Send,
        take: impl FnMut(&[Row], Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (standings, of, threads) = (self.standings, self.of, self.parts.len());
        let parse = |reader: &mut RowReader, first: usize, rows: &[Row]| -> Vec<Read> {
            let share = Share { index: standings.pass_of(first), of };
            let places = (first % standings.count().max(1)..).zip(rows);
            places.map(|(place, row)| read_part(reader, row, standings.get(place)?, share)).collect()
        };
        let order = |_: &[Row], read: Vec<Read>| self.sequel.entries(read);
        let judge = |(index, part): &mut (usize, &mut Part), first: usize, entries: &[Entry]| {
            let pass = standings.pass_of(first);
            if pass != part.pass {
                // the old one goes before the new one comes
                part.machine = Machine::for_share(part.world.clone(), Share::ALL);
                part.machine = machine(&part.world, pass, of, *index, threads);
                part.pass = pass;
            }
            process(&mut part.machine, entries)
        };
        let mut machines: Vec<(usize, &mut Part)> = self.parts.iter_mut().enumerate().collect();
        Pipe { readers: &mut self.readers, machines: &mut machines, parse, order, judge }.run(read, take)
    }
}

fn machine(world: &Arc<World>, pass: usize, of: usize, index: usize, threads: usize) -> Machine {
    let share = Share { index: pass, of }.part(index, threads);
    Machine::for_share(world.clone(), share).telling(Tells::Dispositions)
}

fn read_part(reader: &mut RowReader, row: &Row, standing: Standing, share: Share) -> Read {
    let wants = match standing {
        Standing::Quarantined | Standing::Duplicate => return None,
        Standing::Tick => Wants::Nothing,
        Standing::New { revised: false } => Wants::Concerned(share),
        Standing::New { revised: true } | Standing::Revision { .. } => Wants::All,
    };
    reader.part(row, wants)
}

impl Sequel<'_> {
    fn entries(&mut self, read: Vec<Read>) -> Vec<Entry> {
        if self.row == self.standings.count() {
            // again from the first row, for the next part
            let share = Share { index: self.share.index + 1, ..self.share };
            *self = Sequel { share, ledger: Ledger::default(), before: HashMap::new(), row: 0, ..*self };
        }
        let mut entries = Vec::with_capacity(read.len() + 1);
        for read in read {
            if let Some((received_at, record)) = read {
                let standing = self.standings.get(self.row);
                let body = record.map_or(EntryBody::Tick, |record| self.body(record, standing));
                entries.push(self.ledger.entry(received_at, body));
            }
            self.row += 1;
        }
        if self.row == self.standings.count() {
            entries.extend(self.until.map(|until| self.ledger.tick(until)));
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
