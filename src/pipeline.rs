//! Evaluates what the log holds and commits what it causes; appends a tick when something is due and nothing comes.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::engine::Case;
use crate::engine::dossier::Logged;
use crate::engine::tally::Tally;
use crate::entry::{Entry, EntryBody, Position, Step};
use crate::machine::{Machine, Resume};
use crate::notice::Notice;
use crate::pack::Pack;
use crate::record::Record;
use crate::store::cases::SubjectState;
use crate::store::dossier::Dossier;
use crate::store::log::{Appended, NewEntry, Standing, StoredBody, StoredEntry, StoredRecord};
use crate::store::outbox::{Claimed, NewDelivery};
use crate::store::{Answer, Store, StoreError};
use crate::subject::{Subject, SubjectKind, subject_of};

/// Entries that are evaluated and committed together, when so many wait. As long as that is not enough it doubles:
/// the same pages are then written less often.
const BATCH: usize = 512;
/// The most that it doubles to: more would hold too much in memory, and alerts back.
const LARGEST_BATCH: usize = 1024;
/// Cases that are read from the store at once: more would hold too many unread records beside the cases.
const READ_TOGETHER: usize = 64;
/// Cases that are kept in memory between entries; past it those of single records are let go, and if that is not
/// enough all, and read again when needed.
const MAX_CASES: usize = 8_192;
/// The longest that it waits without looking again: whoever appended may have gone before it could wake it.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long it leaves a busy store alone.
const BUSY_PAUSE: Duration = Duration::from_millis(100);
/// The failures that the status keeps; the log has them all.
const MAX_FAILURES: usize = 20;
/// The stack of the evaluating thread: helpers are interpreted on it.
const STACK_BYTES: usize = 64 << 20;

/// Makes deliveries of notices, as of an instant of the clock.
pub type Address = Box<dyn Fn(Vec<Notice>, DateTime<Utc>) -> Vec<NewDelivery> + Send>;

/// The way from steps to the outbox. For each call of `address` there is one of `posted`, in the same order.
pub struct Post {
    /// From notices to deliveries, as of an instant of the clock. Some of them may be claimed already.
    pub address: Address,
    /// Told what came of them: those on disk that are claimed, and whether others may wait. Both are nothing when
    /// the commit came to nothing.
    pub posted: Box<dyn Fn(Vec<Claimed>, bool) + Send>,
}

impl Post {
    /// For one that tells nobody anything.
    pub fn nowhere() -> Self {
        Post { address: Box::new(|_, _| Vec::new()), posted: Box::new(|_, _| {}) }
    }
}

/// Called after each commit with what it committed.
pub type Committed = Box<dyn Fn(&[Step]) + Send>;

/// What the pipeline works with.
pub struct Setup {
    /// The log and the cases.
    pub store: Store,
    /// The pack that judges.
    pub pack: Arc<Pack>,
    /// Where ticks take their time from.
    pub clock: Clock,
    /// The way to the outbox.
    pub post: Post,
    /// Called after each commit with what it committed.
    pub committed: Committed,
}

/// The running pipeline, to be woken, asked and stopped. Clones are the same one.
#[derive(Clone)]
pub struct Pipeline {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct State {
    woken: bool,
    /// The newest entry that is known of.
    head: Position,
    stopping: bool,
    status: Status,
}

/// How the pipeline stands.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Every entry up to here has had its effects.
    pub progress: Position,
    /// Entries evaluated since the start.
    pub evaluated: u64,
    /// How judgements ended since the start.
    pub tally: Tally,
    /// What is wrong, in words.
    pub failures: Vec<String>,
    /// Whether it goes on.
    pub running: bool,
    /// Whether it ended because the store can no longer be written.
    pub fatal: bool,
}

impl Pipeline {
    /// Starts where the store's progress stands.
    ///
    /// # Errors
    /// What the database says.
    pub fn start(setup: Setup) -> Result<Self, StoreError> {
        let progress = setup.store.progress()?;
        let machine = resume(&setup, progress)?;
        let head = setup.store.head()?;
        let state = State { head, status: Status { progress, running: true, ..Status::default() }, ..State::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), thread: Mutex::new(None) });
        let worker = Worker {
            setup,
            machine,
            progress,
            evaluated: progress,
            batch: BATCH,
            under_way: None,
            is_behind: false,
            shared: shared.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("pipeline".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                let shared = worker.shared.clone();
                if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| worker.run())).is_err() {
                    shared.end(Some("the evaluation panicked".to_owned()));
                }
            })
            .map_err(|error| StoreError::Database(format!("the pipeline's thread does not start: {error}")))?;
        *shared.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(Pipeline { shared })
    }

    /// Says that entries were appended.
    pub fn wake(&self) {
        self.shared.state().woken = true;
        self.shared.changed.notify_all();
    }

    /// Says what became of entries that were appended.
    pub fn appended(&self, appended: &[Appended]) {
        let newest = appended.iter().filter_map(Appended::position).max();
        let mut state = self.shared.state();
        state.head = state.head.max(newest.unwrap_or_default());
        state.woken = true;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// How many entries wait for their effects, as far as it was told.
    pub fn behind(&self) -> u64 {
        let state = self.shared.state();
        u64::try_from(state.head - state.status.progress).unwrap_or(0)
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.shared.state().status.clone()
    }

    /// Blocks until every entry up to a position has had its effects, or it has ended; whether it got there.
    pub fn wait_for(&self, position: Position) -> bool {
        let mut state = self.shared.state();
        while state.status.running && state.status.progress < position {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.status.progress >= position
    }

    /// Lets it finish what it evaluates, and ends it. Blocks.
    pub fn stop(&self) {
        self.shared.state().stopping = true;
        self.shared.changed.notify_all();
        let thread = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the pipeline panicked");
        }
    }
}

impl Shared {
    fn end(&self, why: Option<String>) {
        let mut state = self.state();
        state.status.running = false;
        if let Some(why) = why {
            tracing::error!(error = why, "the pipeline ended");
            state.status.fatal = true;
            state.status.failures.push(why);
        }
        drop(state);
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Worker {
    setup: Setup,
    machine: Machine,
    progress: Position,
    /// The machine has evaluated up to here; what is beyond the progress is being committed.
    evaluated: Position,
    /// How many entries it takes together now.
    batch: usize,
    /// The commit that is under way while the entries after it are evaluated.
    under_way: Option<UnderWay>,
    /// The machine has evaluated what the store does not have.
    is_behind: bool,
    shared: Arc<Shared>,
}

/// Entries that were evaluated together.
struct Evaluated {
    steps: Arc<[Step]>,
    last: Position,
    count: usize,
    tally: Tally,
    failures: Vec<String>,
}

/// A commit on its way to the disk.
struct UnderWay {
    evaluated: Evaluated,
    /// Some of its deliveries wait for a claim.
    waiting: bool,
    answer: Answer<Vec<Claimed>>,
}

impl Worker {
    fn run(mut self) {
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
        self.machine = resume(&self.setup, self.progress)?;
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
            return self.evaluate(entries);
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
            if self.machine.held() > MAX_CASES / 2 {
                self.machine.forget();
            }
        }
        let evaluated = self.judge(entries)?;
        self.finish()?;
        let notices = evaluated.steps.iter().flat_map(|step| step.effects.notices.iter().cloned()).collect();
        let deliveries = (self.setup.post.address)(notices, self.setup.clock.now());
        let waiting = deliveries.iter().any(|delivery| delivery.lease_until.is_none());
        let answer = self.setup.store.commit(Arc::clone(&evaluated.steps), evaluated.last, deliveries);
        self.under_way = Some(UnderWay { evaluated, waiting, answer });
        Ok(())
    }

    fn judge(&mut self, entries: Vec<StoredEntry>) -> Result<Evaluated, StoreError> {
        // an error leaves the machine somewhere between two positions
        self.is_behind = true;
        let count = entries.len();
        let mut steps = Vec::new();
        let mut failures = Vec::new();
        let last = entries.last().map_or(self.evaluated, |stored| stored.position);
        let mut new = HashSet::new();
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(|stored| {
                let is_first =
                    matches!(stored.body, StoredBody::Record { standing: Standing::Newest { replaced: None }, .. });
                let entry = self.entry(stored, &mut failures);
                if let EntryBody::Record { record, .. } = &entry.body
                    && is_first
                {
                    new.extend(subject_of(record, SubjectKind::Record));
                }
                entry
            })
            .collect();
        // whom a record concerns can change with a threshold, and with nothing else
        let is_threshold = |entry: &Entry| matches!(entry.body, EntryBody::Threshold(_));
        for part in entries.chunk_by(|entry, _| !is_threshold(entry)) {
            self.judge_part(part, &new, &mut steps)?;
        }
        self.evaluated = last;
        self.is_behind = false;
        let tally = self.machine.take_tally();
        Ok(Evaluated { steps: steps.into(), last, count, tally, failures })
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

    /// The cases are read as of before the first entry: the machine takes them on through the others. Of a record that
    /// was never there before, nothing can be known.
    fn judge_part(
        &mut self,
        entries: &[Entry],
        new: &HashSet<Subject>,
        steps: &mut Vec<Step>,
    ) -> Result<(), StoreError> {
        let needed = self.machine.needs(entries);
        let (fresh, known): (Vec<_>, Vec<_>) = needed.into_iter().partition(|subject| new.contains(subject));
        for subject in fresh {
            self.machine.admit(Case::new(subject));
        }
        self.load(&known, entries.first().map_or(self.evaluated, |first| first.position - 1))?;
        for entry in entries {
            let needed = self.machine.needs_in_time(entry);
            self.load(&needed, entry.position - 1)?;
            steps.extend(self.machine.process(entry));
        }
        Ok(())
    }

    fn entry(&self, stored: StoredEntry, failures: &mut Vec<String>) -> Entry {
        let body = match stored.body {
            StoredBody::Record { record, standing: Standing::Newest { replaced } } => match self.record(&record) {
                Ok(record) => EntryBody::Record {
                    record: Arc::new(record),
                    before: replaced.map(|replaced| replaced.subjects_before).unwrap_or_default(),
                },
                Err(reason) => {
                    tracing::error!(position = stored.position, "a stored record no longer holds to the schema");
                    failures.push(format!(
                        "entry {} of the log does not fit the rule pack and is not judged: {reason}; help: start siaga \
                         again with the pack under which it was taken in",
                        stored.position
                    ));
                    EntryBody::Tick
                }
            },
            StoredBody::Record { standing: Standing::Stale, .. } | StoredBody::Tick | StoredBody::Purged => {
                EntryBody::Tick
            }
            StoredBody::Pack { hash } => EntryBody::Pack { hash },
            StoredBody::Threshold(change) => EntryBody::Threshold(change),
            StoredBody::Act(act) => EntryBody::Act { alert: act.alert, subject: act.subject, by: act.by, act: act.act },
        };
        Entry { position: stored.position, at: stored.at, body }
    }

    fn record(&self, stored: &StoredRecord) -> Result<Record, String> {
        let pack = self.machine.pack();
        Record::from_stored(&pack.schema, &stored.body, stored.received_at, pack.timeline.zone)
            .map_err(|faults| faults.first().map_or_else(String::new, |fault| fault.detail.to_string()))
    }

    fn load(&mut self, subjects: &[Subject], as_of: Position) -> Result<(), StoreError> {
        for some in subjects.chunks(READ_TOGETHER) {
            let dossiers = self.setup.store.dossiers(some, as_of)?;
            let states = self.setup.store.subject_states(some)?;
            for ((subject, dossier), state) in some.iter().zip(dossiers).zip(states) {
                let case = self.case(subject, dossier, state);
                self.machine.admit(case);
            }
        }
        Ok(())
    }

    fn case(&self, subject: &Subject, dossier: Dossier, state: SubjectState) -> Case {
        let mut case = Case::new(subject.clone());
        if dossier.cut > 0 {
            tracing::warn!(subject.kind = subject.kind.word(), cut = dossier.cut, "a dossier met its bound");
        }
        for stored in dossier.records {
            if let Ok(record) = self.record(&stored) {
                case.dossier.insert(Logged { record: Arc::new(record), position: stored.position });
            }
        }
        case.findings = state.findings.into_iter().map(|finding| (finding.key.clone(), finding)).collect();
        case.timers = state.timers.into_iter().map(|timer| (timer.key, timer.due)).collect();
        case.alerts = state.alerts;
        case
    }
}

/// A machine that goes on where the store's progress stands.
fn resume(setup: &Setup, progress: Position) -> Result<Machine, StoreError> {
    let store = &setup.store;
    let mut machine = Machine::new(setup.pack.clone());
    let now = store.tail(progress - 1, 1)?.first().filter(|entry| entry.position == progress).map(|entry| entry.at);
    if let Some(now) = now {
        let thresholds = store.threshold_changes()?.into_iter().filter(|set| set.position <= progress);
        let thresholds = thresholds.map(|set| (set.position, set.change)).collect();
        machine.resume(Resume {
            now,
            timers: store.timers_waiting()?,
            with_alerts: store.subjects_with_open_alerts()?,
            thresholds,
        });
    }
    Ok(machine)
}
