//! The evaluating thread: takes what the log holds, has it judged, and commits what it causes.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::flood::Flood;
use super::judge::resume;
use super::moved::Moved;
use super::{Setup, Shared, State};
use crate::clock::Stopwatch;
use crate::engine::Case;
use crate::engine::tally::Tally;
use crate::entry::{Position, Step};
use crate::machine::Machine;
use crate::pack::Pack;
use crate::soon::soon;
use crate::store::log::{NewEntry, StoredBody, StoredEntry};
use crate::store::packs::PackInForce;
use crate::store::{Answer, StoreError};

/// Entries that are evaluated and committed together, when so many wait. As long as that is not enough it doubles:
/// the same pages are then written less often.
const BATCH: usize = 512;
/// The most that it doubles to: more would hold too much in memory, and alerts back.
const LARGEST_BATCH: usize = 1024;
/// Fewer entries than this are committed before the next are looked at: nothing much waits to be evaluated meanwhile.
const AT_ONCE: usize = 32;
/// Records of which nobody is told share a commit, while they come in, for so long and so many at most: each alone would
/// write the same pages, and more would keep a processor for milliseconds from whoever sends the next.
const SHARED_FOR: Duration = Duration::from_millis(250);
const MOST_SHARED: usize = 16;
/// How often it looks whether a flood that goes first is over.
const FLOOD_LOOK: Duration = Duration::from_millis(2);
/// Cases that are kept in memory between entries; past it those that the last entries did not use are let go, and read
/// again when needed.
const MAX_CASES: usize = 4_096;
/// The longest that it waits without looking at the disk again: whoever appended may have gone before it could wake it.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long it leaves a busy store alone.
const BUSY_PAUSE: Duration = Duration::from_millis(100);
/// The failures that the status keeps; the log has them all.
const MAX_FAILURES: usize = 20;

pub(super) struct Worker {
    pub(super) setup: Setup,
    pub(super) machine: Machine,
    progress: Position,
    /// The machine has evaluated up to here; what is beyond the progress is being committed.
    pub(super) evaluated: Position,
    /// How many entries it takes together now.
    batch: usize,
    /// The commit that is under way while the entries after it are evaluated.
    under_way: Option<UnderWay>,
    /// What was evaluated since, and is not yet being committed.
    shared_commit: Option<(Evaluated, Stopwatch)>,
    /// What that brings into dossiers.
    pub(super) moved: Moved,
    /// What may come in faster than it can be judged.
    flood: Flood,
    /// Since it last looked at the disk for entries.
    looked: Stopwatch,
    /// The machine has evaluated what the store does not have.
    pub(super) is_behind: bool,
    pub(super) shared: Arc<Shared>,
}

/// Entries that were evaluated together.
pub(super) struct Evaluated {
    pub(super) steps: Vec<Step>,
    pub(super) last: Position,
    pub(super) count: usize,
    pub(super) tally: Tally,
    pub(super) failures: Vec<String>,
    /// They are records and nothing else.
    pub(super) are_records: bool,
}

impl Evaluated {
    fn followed_by(mut self, next: Evaluated) -> Self {
        self.steps.extend(next.steps);
        self.failures.extend(next.failures);
        self.tally.absorb(next.tally);
        Evaluated { last: next.last, count: self.count + next.count, are_records: next.are_records, ..self }
    }

    /// Whether somebody waits for it: who is to be told, or who did something.
    fn is_urgent(&self) -> bool {
        !self.are_records || self.steps.iter().any(|step| !step.effects.notices.is_empty())
    }
}

/// A commit under way.
struct UnderWay {
    steps: Arc<[Step]>,
    last: Position,
    count: usize,
    tally: Tally,
    failures: Vec<String>,
    /// What it brings into dossiers.
    moved: Moved,
    answer: Answer<()>,
}

impl Worker {
    /// One that goes on where the store's progress stands.
    pub(super) fn new(setup: Setup, machine: Machine, progress: Position, shared: Arc<Shared>) -> Self {
        let (evaluated, batch) = (progress, BATCH);
        let (under_way, shared_commit, moved) = (None, None, Moved::default());
        let (flood, looked, is_behind) = (Flood::default(), Stopwatch::start(), false);
        Worker {
            setup,
            machine,
            progress,
            evaluated,
            batch,
            under_way,
            shared_commit,
            moved,
            flood,
            looked,
            is_behind,
            shared,
        }
    }

    pub(super) fn run(mut self) {
        let ended = loop {
            if self.shared.state().stopping {
                break self.commit().and_then(|()| self.finish());
            }
            match self.turn() {
                Ok(()) => {}
                Err(StoreError::Busy) => match self.go_back() {
                    Ok(()) | Err(StoreError::Busy) => self.rest(BUSY_PAUSE),
                    Err(error) => break Err(error),
                },
                Err(error) => break Err(error),
            }
        };
        let ended = if ended == Err(StoreError::Busy) { Ok(()) } else { ended };
        self.shared.end(ended.err().map(|error| error.to_string()));
    }

    /// What was evaluated and not committed did not happen: the machine goes back to where the store stands.
    fn go_back(&mut self) -> Result<(), StoreError> {
        self.is_behind = true;
        self.shared_commit = None;
        self.moved = Moved::default();
        // it was queued before what is given up, and may be in the store
        if let Err(error) = self.finish()
            && error != StoreError::Busy
        {
            return Err(error);
        }
        self.machine = resume(&self.setup.store, &self.setup.packs, self.progress)?;
        self.judged_by(&self.machine.pack().clone());
        self.evaluated = self.progress;
        self.is_behind = false;
        Ok(())
    }

    /// The entries to evaluate next. What other processes append shows only on the disk, which takes a while to look at.
    fn next(&mut self) -> Result<Vec<StoredEntry>, StoreError> {
        if let Some(entries) = self.setup.store.tail_ahead(self.evaluated, self.batch)
            && (!entries.is_empty() || self.looked.elapsed() < LONGEST_WAIT)
        {
            return Ok(entries);
        }
        self.looked = Stopwatch::start();
        self.setup.store.tail(self.evaluated, self.batch)
    }

    /// Lets a flood go first for a moment; whether there is one.
    fn gives_way(&mut self) -> bool {
        let state = self.shared.state();
        let gives_way = self.flood.goes_first(self.evaluated, state.head, self.setup.store.is_appending());
        let is_called = |state: &State| state.is_awaited() || state.stopping;
        if !gives_way || is_called(&state) {
            return false;
        }
        drop(self.shared.changed.wait_timeout_while(state, FLOOD_LOOK, |state| !is_called(state)));
        true
    }

    fn turn(&mut self) -> Result<(), StoreError> {
        if self.is_behind {
            self.go_back()?;
        }
        if self.gives_way() {
            return Ok(());
        }
        let entries = self.next()?;
        self.batch = if entries.len() < self.batch { BATCH } else { (self.batch * 2).min(LARGEST_BATCH) };
        if !entries.is_empty() {
            return self.evaluate(under_one_pack(entries));
        }
        if self.under_way.is_some() {
            return self.finish();
        }
        if let Some((_, watch)) = &self.shared_commit {
            let left = SHARED_FOR.saturating_sub(watch.elapsed());
            if left.is_zero() || self.shared.state().is_awaited() {
                return self.commit();
            }
            self.rest(left);
            return Ok(());
        }
        let due = self.machine.next_due();
        let wait = due.and_then(|due| self.setup.clock.wait(due));
        if wait == Some(Duration::ZERO) {
            let time = self.setup.clock.edge_time();
            self.setup.store.append(vec![NewEntry::Tick], time).wait()?;
        } else {
            let until_looking = LONGEST_WAIT.saturating_sub(self.looked.elapsed());
            self.rest(wait.unwrap_or(until_looking).min(until_looking));
        }
        Ok(())
    }

    /// Waits until it is woken, told to stop, or the time is over. It stays awake for a moment where something is to come.
    fn rest(&self, wait: Duration) {
        let state = self.shared.state();
        let idle = |state: &mut State| !state.woken && !state.expecting && !state.stopping;
        let (mut state, _) =
            self.shared.changed.wait_timeout_while(state, wait, idle).unwrap_or_else(PoisonError::into_inner);
        let (expects, is_woken) = (std::mem::take(&mut state.expecting), std::mem::take(&mut state.woken));
        drop(state);
        if expects && !is_woken {
            soon(|| std::mem::take(&mut self.shared.state().woken));
        }
    }

    /// Evaluates entries while those before them are being committed, and hands them to the store after those.
    fn evaluate(&mut self, entries: Vec<StoredEntry>) -> Result<(), StoreError> {
        if self.machine.held() > MAX_CASES {
            // what is let go of is read again, so it has to be in the store
            self.commit()?;
            self.finish()?;
            self.machine.forget_idle();
        }
        if let Some(StoredBody::Pack(pack)) = entries.first().map(|entry| &entry.body) {
            self.take_pack(pack)?;
        }
        let evaluated = self.judge(entries)?;
        let (evaluated, watch) = match self.shared_commit.take() {
            Some((before, watch)) => (before.followed_by(evaluated), watch),
            None => (evaluated, Stopwatch::start()),
        };
        let can_share = !evaluated.is_urgent() && evaluated.count < MOST_SHARED && watch.elapsed() < SHARED_FOR;
        self.shared_commit = Some((evaluated, watch));
        if !can_share || self.shared.state().is_awaited() {
            self.commit()?;
        }
        self.stop_failing()
    }

    /// Commits what is evaluated, after the commit under way.
    fn commit(&mut self) -> Result<(), StoreError> {
        let Some((evaluated, _)) = self.shared_commit.take() else { return Ok(()) };
        if let Err(error) = self.finish() {
            self.is_behind = true;
            return Err(error);
        }
        let Evaluated { steps, last, count, tally, failures, .. } = evaluated;
        let notices = steps.iter().flat_map(|step| step.effects.notices.iter().cloned()).collect();
        let deliveries = (self.setup.post.address)(notices, self.setup.clock.now());
        let waiting = deliveries.iter().any(|delivery| delivery.lease_until.is_none());
        let steps: Arc<[Step]> = steps.into();
        let posted = Arc::clone(&self.setup.post.posted);
        let done = move |claimed| posted(claimed, waiting);
        let answer = self.setup.store.commit(Arc::clone(&steps), last, deliveries, done);
        let moved = std::mem::take(&mut self.moved);
        self.under_way = Some(UnderWay { steps, last, count, tally, failures, moved, answer });
        if count < AT_ONCE {
            // who is to be told waits for nothing else
            self.finish()?;
        }
        Ok(())
    }

    /// Brings a case up to what is evaluated and not in the store.
    pub(super) fn catch_up(&self, case: &mut Case) {
        for moved in self.under_way.iter().map(|under_way| &under_way.moved).chain([&self.moved]) {
            moved.catch_up(case);
        }
    }

    /// Lets the pack of an entry judge from that entry on. The cases hold records as the pack before reads them, so all
    /// that was evaluated has to be on disk, from where they are read again.
    fn take_pack(&mut self, entry: &PackInForce) -> Result<(), StoreError> {
        self.commit()?;
        self.finish()?;
        self.is_behind = true;
        let pack = self.setup.packs.of_entry(&self.setup.store, entry)?;
        self.judged_by(&pack);
        self.machine.take_pack(pack);
        Ok(())
    }

    /// Says which pack judges. The endings that the index spared are told by the rules of the pack before.
    fn judged_by(&self, pack: &Arc<Pack>) {
        let mut state = self.shared.state();
        let before = std::mem::replace(&mut state.status.judging, pack.clone());
        state.status.tally.close(&before);
    }

    /// Has rules stopped that failed again and again: an entry says so, and from there on they do not judge.
    fn stop_failing(&mut self) -> Result<(), StoreError> {
        let of = &self.machine.pack().hash.clone();
        let stops: Vec<NewEntry> =
            self.machine.take_failing().into_iter().map(|rule| NewEntry::Stop { rule, of: of.clone() }).collect();
        if stops.is_empty() {
            return Ok(());
        }
        self.setup.store.append(stops, self.setup.clock.edge_time()).wait().map(drop)
    }

    /// Waits for the commit under way, and says what came of it.
    fn finish(&mut self) -> Result<(), StoreError> {
        let Some(under_way) = self.under_way.take() else { return Ok(()) };
        let UnderWay { steps, last, count, tally, failures, answer, .. } = under_way;
        if let Err(error) = answer.wait() {
            self.is_behind = true;
            (self.setup.post.posted)(Vec::new(), false);
            return Err(error);
        }
        self.progress = last;
        (self.setup.committed)(&steps);
        let mut state = self.shared.state();
        state.status.progress = last;
        state.status.evaluated += count as u64;
        state.status.tally.absorb(tally);
        let room = MAX_FAILURES.saturating_sub(state.status.failures.len());
        state.status.failures.extend(failures.into_iter().take(room));
        drop(state);
        self.shared.changed.notify_all();
        Ok(())
    }
}

/// The first of some entries, up to where another pack takes force: that one's entry is the first of its own.
fn under_one_pack(mut entries: Vec<StoredEntry>) -> Vec<StoredEntry> {
    let is_pack = |entry: &StoredEntry| matches!(entry.body, StoredBody::Pack(_));
    if let Some(next) = entries.iter().skip(1).position(is_pack) {
        entries.truncate(next + 1);
    }
    entries
}
