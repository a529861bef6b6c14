//! The evaluating thread: takes what the log holds, has it judged, and commits what it causes.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::judge::resume;
use super::{Setup, Shared, State};
use crate::engine::tally::Tally;
use crate::entry::{Position, Step};
use crate::machine::Machine;
use crate::pack::Pack;
use crate::store::log::{NewEntry, StoredBody, StoredEntry};
use crate::store::outbox::Claimed;
use crate::store::packs::PackInForce;
use crate::store::{Answer, StoreError};

/// Entries that are evaluated and committed together, when so many wait. As long as that is not enough it doubles:
/// the same pages are then written less often.
const BATCH: usize = 512;
/// The most that it doubles to: more would hold too much in memory, and alerts back.
const LARGEST_BATCH: usize = 1024;
/// Cases that are kept in memory between entries; past it those of single records are let go, and if that is not
/// enough all, and read again when needed.
const MAX_CASES: usize = 4_096;
/// The longest that it waits without looking again: whoever appended may have gone before it could wake it.
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
    /// The machine has evaluated what the store does not have.
    pub(super) is_behind: bool,
    pub(super) shared: Arc<Shared>,
}

/// Entries that were evaluated together.
pub(super) struct Evaluated {
    pub(super) steps: Arc<[Step]>,
    pub(super) last: Position,
    pub(super) count: usize,
    pub(super) tally: Tally,
    pub(super) failures: Vec<String>,
}

/// A commit on its way to the disk.
struct UnderWay {
    evaluated: Evaluated,
    /// Some of its deliveries wait for a claim.
    waiting: bool,
    answer: Answer<Vec<Claimed>>,
}

impl Worker {
    /// One that goes on where the store's progress stands.
    pub(super) fn new(setup: Setup, machine: Machine, progress: Position, shared: Arc<Shared>) -> Self {
        let (evaluated, batch) = (progress, BATCH);
        Worker { setup, machine, progress, evaluated, batch, under_way: None, is_behind: false, shared }
    }

    pub(super) fn run(mut self) {
        let ended = loop {
            if self.shared.state().stopping {
                break self.finish();
            }
            match self.turn() {
                Ok(()) => {}
                Err(StoreError::Busy) => match self.go_back() {
                    Ok(()) | Err(StoreError::Busy) => self.rest(Some(BUSY_PAUSE)),
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
        // it was queued before what is given up, and may be on disk
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

    fn turn(&mut self) -> Result<(), StoreError> {
        if self.is_behind {
            self.go_back()?;
        }
        let entries = self.setup.store.tail(self.evaluated, self.batch)?;
        self.batch = if entries.len() < self.batch { BATCH } else { (self.batch * 2).min(LARGEST_BATCH) };
        if !entries.is_empty() {
            return self.evaluate(under_one_pack(entries));
        }
        if self.under_way.is_some() {
            return self.finish();
        }
        let due = self.machine.next_due();
        let wait = due.and_then(|due| self.setup.clock.wait(due));
        if wait == Some(Duration::ZERO) {
            let time = self.setup.clock.edge_time();
            self.setup.store.append(vec![NewEntry::Tick], time).wait()?;
        } else {
            self.rest(wait);
        }
        Ok(())
    }

    /// Waits until it is woken, told to stop, or the time is over.
    fn rest(&self, wait: Option<Duration>) {
        let state = self.shared.state();
        let wait = wait.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        let idle = |state: &mut State| !state.woken && !state.stopping;
        let (mut state, _) =
            self.shared.changed.wait_timeout_while(state, wait, idle).unwrap_or_else(PoisonError::into_inner);
        state.woken = false;
    }

    /// Evaluates entries while those before them are being committed, and hands them to the store after those.
    fn evaluate(&mut self, entries: Vec<StoredEntry>) -> Result<(), StoreError> {
        if self.machine.held() > MAX_CASES {
            // what is let go of is read again, so it has to be on disk
            self.finish()?;
            self.machine.forget_records();
            if self.machine.held() > MAX_CASES {
                self.machine.forget();
            }
        }
        if let Some(StoredBody::Pack(pack)) = entries.first().map(|entry| &entry.body) {
            self.take_pack(pack)?;
        }
        let evaluated = self.judge(entries)?;
        self.finish()?;
        let notices = evaluated.steps.iter().flat_map(|step| step.effects.notices.iter().cloned()).collect();
        let deliveries = (self.setup.post.address)(notices, self.setup.clock.now());
        let waiting = deliveries.iter().any(|delivery| delivery.lease_until.is_none());
        let answer = self.setup.store.commit(Arc::clone(&evaluated.steps), evaluated.last, deliveries);
        self.under_way = Some(UnderWay { evaluated, waiting, answer });
        self.stop_failing()
    }

    /// Lets the pack of an entry judge from that entry on. The cases hold records as the pack before reads them, so all
    /// that was evaluated has to be on disk, from where they are read again.
    fn take_pack(&mut self, entry: &PackInForce) -> Result<(), StoreError> {
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
        let Some(UnderWay { evaluated, waiting, answer }) = self.under_way.take() else { return Ok(()) };
        let claimed = match answer.wait() {
            Ok(claimed) => claimed,
            Err(error) => {
                self.is_behind = true;
                (self.setup.post.posted)(Vec::new(), false);
                return Err(error);
            }
        };
        (self.setup.post.posted)(claimed, waiting);
        self.progress = evaluated.last;
        (self.setup.committed)(&evaluated.steps);
        let mut state = self.shared.state();
        state.status.progress = evaluated.last;
        state.status.evaluated += evaluated.count as u64;
        state.status.tally.absorb(evaluated.tally);
        let room = MAX_FAILURES.saturating_sub(state.status.failures.len());
        state.status.failures.extend(evaluated.failures.into_iter().take(room));
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
