//! Which rows of files are records that are new, revisions, or nothing: told for all rows before any is judged.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::engine::World;
use crate::entry::Entry;
use crate::intake::row::Row;
use crate::ledger::{Beside, Newest};

use super::Counts;
use super::pipe::{Hand, Pipe};
use super::rows::{Claim, Keys, RowReader};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does not hold to the schema.
    Quarantined,
    /// It says what the log says already.
    Duplicate,
    /// Time passes, and nothing else: no rule is concerned, or a newer revision came before.
    Tick,
    /// A record of which nothing is known; whether it is revised later.
    New {
        /// A later row stands in its place.
        revised: bool,
    },
    /// It takes the place of a record that is known; whether it is revised later.
    Revision {
        /// A later row stands in its place.
        revised: bool,
    },
}

/// What each row is, in the order of the files.
#[derive(Debug, Default)]
pub struct Standings {
    rows: Vec<Standing>,
    /// What became of the rows.
    pub counts: Counts,
}

impl Standings {
    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Which time over all rows has the n-th that is handed out.
    pub fn pass_of(&self, row: usize) -> usize {
        row / self.rows.len().max(1)
    }

    /// Whether files had as many rows each of the times that they were gone over again.
    ///
    /// # Errors
    /// They had not.
    pub fn check<E: From<io::Error>>(&self, rows: usize, times: usize) -> Result<(), E> {
        let changed = || io::Error::other("the files changed while they were read; help: replay a copy of them");
        if rows == self.rows.len() * times { Ok(()) } else { Err(changed().into()) }
    }

    /// What the n-th row is.
    pub fn get(&self, row: usize) -> Option<Standing> {
        self.rows.get(row).copied()
    }
}

/// Goes over all rows several times, each time for a part of the records' keys.
pub struct Sorting {
    readers: Vec<RowReader>,
    keys: Keys,
    heads: Heads,
}

/// What is known of the records of a part.
struct Heads {
    known: HashMap<[u64; 2], Head, FixedState>,
    part: usize,
    of: usize,
    row: usize,
    standings: Standings,
}

/// The newest revision of a record.
struct Head {
    newest: Newest,
    row: usize,
    /// Some rule is concerned, or was by an older revision.
    is_record: bool,
    withdrawn: bool,
}

impl Sorting {
    /// Before the first row of the first time.
    pub fn new(world: &Arc<World>, threads: usize, of: usize) -> Self {
        let readers = (0..threads.max(1)).map(|_| RowReader::new(world.clone())).collect();
        let heads = Heads { known: HashMap::default(), part: 0, of, row: 0, standings: Standings::default() };
        Sorting { readers, keys: Keys::default(), heads }
    }

    /// Goes over all rows for the next part; `seen` is told of them.
    ///
    /// # Errors
    /// What `read` says, and the operating system of threads; the rows are not as many as before.
    pub fn run<E: From<io::Error> + Send>(
        &mut self,
        read: impl FnOnce(&mut Hand<'_>) -> Result<(), E> + Send,
        mut seen: impl FnMut(&[Row]),
    ) -> Result<(), E> {
        let (keys, heads) = (&self.keys, &mut self.heads);
        let parse = |reader: &mut RowReader, _: usize, rows: &[Row]| -> Vec<Option<Claim>> {
            rows.iter().map(|row| reader.claim(row, keys)).collect()
        };
        let order = |_: &[Row], claims: Vec<Option<Claim>>| {
            claims.into_iter().for_each(|claim| heads.take(claim));
            Vec::new()
        };
        let judge = |(): &mut (), _: usize, _: &[Entry]| Vec::new();
        let pipe = Pipe { readers: &mut self.readers, machines: &mut [], parse, order, judge };
        pipe.run(read, |rows, _| {
            seen(rows);
            Ok(())
        })?;
        let rows = self.heads.row;
        self.heads.next_part();
        self.heads.standings.check(rows, 1)
    }

    /// What the rows are.
    pub fn finish(self) -> Standings {
        self.heads.standings
    }
}

impl Heads {
    /// Begins again at the first row.
    fn next_part(&mut self) {
        self.known.clear();
        self.part += 1;
        self.row = 0;
    }

    fn take(&mut self, claim: Option<Claim>) {
        let row = self.row;
        self.row += 1;
        let is_first_time = self.part == 0;
        if is_first_time {
            self.standings.rows.push(Standing::Quarantined);
            self.standings.counts.rows += 1;
        }
        let Some(claim) = claim else {
            self.standings.counts.quarantined += usize::from(is_first_time);
            return;
        };
        let [hash, _] = claim.key;
        if hash % self.of as u64 != self.part as u64 {
            return;
        }
        let standing = self.standing(row, claim);
        match standing {
            Standing::Duplicate => self.standings.counts.duplicates += 1,
            _ => self.standings.counts.accepted += 1,
        }
        self.set(row, standing);
    }

    /// As the ledger has it, see [`crate::ledger::Ledger::append`].
    fn standing(&mut self, row: usize, Claim { key, newest, withdrawn, is_record }: Claim) -> Standing {
        let head = Head { newest, row, is_record, withdrawn };
        let Some(known) = self.known.get_mut(&key) else {
            self.known.insert(key, head);
            return if is_record { Standing::New { revised: false } } else { Standing::Tick };
        };
        match known.newest.beside(newest) {
            Beside::Same => return Standing::Duplicate,
            Beside::Older => return Standing::Tick,
            Beside::Newer => {}
        }
        let (was_record, older) = (known.is_record, known.row);
        let stood = was_record && !known.withdrawn;
        *known = Head { is_record: is_record || was_record, ..head };
        if !is_record && !was_record {
            return Standing::Tick;
        }
        if stood {
            self.note_revised(older);
        }
        if stood { Standing::Revision { revised: false } } else { Standing::New { revised: false } }
    }

    fn note_revised(&mut self, row: usize) {
        match self.standings.get(row) {
            Some(Standing::New { .. }) => self.set(row, Standing::New { revised: true }),
            Some(Standing::Revision { .. }) => self.set(row, Standing::Revision { revised: true }),
            _ => {}
        }
    }

    fn set(&mut self, row: usize, standing: Standing) {
        if let Some(place) = self.standings.rows.get_mut(row) {
            *place = standing;
        }
    }
}
