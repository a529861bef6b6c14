//! The pack's folder is watched: a version that stands takes force with an entry of the log, one that does not stays out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::vet::{self, Refusal};
use super::{PULSE, blocking, pack_entries};
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::entry::ThresholdChange;
use crate::outbox::address::AddressBook;
use crate::outbox::{Waker, rules};
use crate::pack::Pack;
use crate::pack::files::Files;
use crate::pack::rule::Status;
use crate::pipeline::Pipeline;
use crate::pipeline::packs::{Packs, Refused};
use crate::store::log::holding;
use crate::store::outbox::NewDelivery;
use crate::store::{Store, StoreError};

/// A folder is looked at when nothing changed in it for so long: a save is several events, and some editors write twice.
const QUIET: Duration = Duration::from_millis(200);
/// It is looked at after so many changes at most, however little quiet there is.
const MOST_UNQUIET: usize = 1_000;

/// What keeps the rules in force.
pub struct Keeper {
    /// The pack in force.
    pub packs: Packs,
    /// Where its entries go.
    pub store: Store,
    /// Judges by it.
    pub pipeline: Pipeline,
    /// Where entries get their time from.
    pub clock: Clock,
    /// Says whom the rules reach.
    pub config: Arc<Config>,
    /// Where people are told.
    pub book: Arc<AddressBook>,
    /// Sends what they are told.
    pub outbox: Waker,
    /// This program, to read packs in a process of its own.
    pub program: PathBuf,
}

/// A folder under watch.
struct Watched {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    changed: Arc<Notify>,
    told: Signal,
    /// How often it changed since it was quiet.
    unquiet: usize,
}

impl Keeper {
    /// Watches until the store can be written no more. Without a folder, rules change with the program alone.
    pub async fn run(self) -> anyhow::Result<()> {
        let mut watched = self.config.rules.as_deref().map(Watched::new).transpose()?;
        let mut known: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut pulse = interval(PULSE);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // what changed between reading the pack and watching its folder
        let mut look = watched.is_some();
        loop {
            if let Some(watched) = watched.as_mut().filter(|_| look) {
                look = !self.look(watched).await?;
            }
            tokio::select! {
                () = changed(watched.as_mut()) => look = true,
                _ = pulse.tick() => self.tell_of_stopped(&mut known).await?,
            }
        }
    }

    /// Takes in what the folder holds now, where it is another pack than the one in force; whether that is settled.
    async fn look(&self, watched: &mut Watched) -> anyhow::Result<bool> {
        watched.again();
        let folder = watched.folder.clone();
        let files = match blocking(move || Files::read(&folder)).await? {
            Ok(files) => files,
            Err(problem) => {
                let reason = format!("{}: {}", problem.file, problem.message);
                return self.refuse(String::new(), Refusal { errors: 1, reason }).await.map(|()| true);
            }
        };
        let (hash, standing) = (files.hash(), self.packs.standing());
        if hash == standing.pack.hash {
            if standing.refused.is_some() {
                tracing::info!(pack.hash = hash, "the pack on the disk is the one in force again");
                self.packs.refuse(None);
            }
            return Ok(true);
        }
        if standing.refused.is_some_and(|refused| refused.hash == hash) {
            return Ok(true);
        }
        if let Err(refusal) = vet::vet(&self.program, &files).await {
            return self.refuse(hash, refusal).await.map(|()| true);
        }
        let (root, texts) = (files.root.clone(), files.texts.clone());
        match blocking(move || vet::read(root, texts)).await? {
            Ok(pack) => self.take(pack, files).await,
            Err(report) => {
                let reason = report.first.unwrap_or_default();
                self.refuse(hash, Refusal { errors: report.errors, reason }).await.map(|()| true)
            }
        }
    }

    /// Puts a pack in force; false where the store is too busy for its entry now.
    async fn take(&self, pack: Pack, files: Files) -> anyhow::Result<bool> {
        let silent = self.warn(&pack);
        self.warn_of_set(&pack).await?;
        let entries = pack_entries(&pack, files, true);
        let pack = Arc::new(pack);
        let queue = || self.store.append(entries, self.clock.edge_time());
        let Some((before, answer)) = self.packs.put(pack.clone(), silent, queue) else { return Ok(false) };
        match answer.await {
            Ok(appended) => {
                let position = appended.last().and_then(crate::store::log::Appended::position);
                tracing::info!(
                    pack.hash = pack.hash,
                    pack.rules = pack.rules.len(),
                    position,
                    "another pack is in force"
                );
                Ok(true)
            }
            Err(error) => {
                self.packs.put_back(before);
                if matches!(error, StoreError::Busy | StoreError::Full) { Ok(false) } else { Err(error.into()) }
            }
        }
    }

    /// Says what the deployment lacks for a pack, as at the start; how many agencies nobody can tell anything.
    fn warn(&self, pack: &Pack) -> usize {
        let silent = self.config.without_address(pack);
        if !silent.is_empty() {
            let ids: Vec<&str> = silent.iter().map(|agency| agency.id.as_ref()).collect();
            tracing::warn!(agencies = ids.join(", "), "rules ask agencies that have no address and are told nothing");
        }
        for id in self.config.agencies.keys().filter(|id| pack.agency(id).is_none()) {
            tracing::warn!(agency = %id, "the pack no longer has an agency of the configuration: take it out there too, or siaga does not start again");
        }
        silent.len()
    }

    /// Says which numbers that changed in a pack do not hold, since another was set at run time.
    async fn warn_of_set(&self, pack: &Pack) -> anyhow::Result<()> {
        let store = self.store.clone();
        let changes = blocking(move || store.threshold_changes()).await??;
        let before = self.packs.standing().pack;
        for set in holding(&changes) {
            let ThresholdChange { name, phase, kabupaten, value } = &set.change;
            let own = |pack: &Pack| pack.thresholds.id(name).and_then(|id| pack.thresholds.get(id)).cloned();
            if own(&before) != own(pack) {
                tracing::warn!(
                    threshold = %name,
                    phase = phase.as_deref(),
                    kabupaten = kabupaten.as_deref(),
                    value,
                    by = set.by.as_deref(),
                    "the pack has another value, and what was set at run time holds over it; PUT /v1/thresholds/NAME with null takes that back"
                );
            }
        }
        Ok(())
    }

    /// Leaves a pack out, and says so once.
    async fn refuse(&self, hash: String, Refusal { errors, reason }: Refusal) -> anyhow::Result<()> {
        let now = clock::now();
        let before = self.packs.standing().refused;
        if before.as_ref().is_some_and(|before| before.hash == hash && before.reason == reason) {
            return Ok(());
        }
        let since = before.map_or(now, |before| before.since);
        tracing::error!(
            pack.hash = hash,
            pack.errors = errors,
            reason,
            "the pack on the disk is refused: the one in force goes on"
        );
        let told = rules::refused(&self.book, errors, &reason, now);
        self.packs.refuse(Some(Refused { hash, since, errors, reason }));
        self.tell(told).await
    }

    /// Tells people of rules that were stopped. The store knows those who were told before.
    async fn tell_of_stopped(&self, known: &mut BTreeSet<Arc<str>>) -> anyhow::Result<()> {
        let judging = self.pipeline.status().judging;
        let stopped: Vec<_> = judging.rules.iter().filter(|rule| rule.status == Status::Stopped).collect();
        known.retain(|id| stopped.iter().any(|rule| rule.id == *id));
        for rule in stopped {
            if known.insert(rule.id.clone()) {
                tracing::error!(rule = %rule.id, "a rule failed again and again: it is stopped until the pack changes");
                self.tell(rules::stopped(&self.book, &judging, rule, clock::now())).await?;
            }
        }
        Ok(())
    }

    async fn tell(&self, deliveries: Vec<NewDelivery>) -> anyhow::Result<()> {
        if deliveries.is_empty() {
            return Ok(());
        }
        match self.store.enqueue(deliveries).await {
            Ok(()) => self.outbox.wake(),
            Err(StoreError::Busy | StoreError::Full) => tracing::warn!("nobody could be told: the store is busy"),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

impl Watched {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        let folder = std::path::absolute(folder)?;
        let changed = Arc::new(Notify::new());
        let (inside, waker) = (folder.clone(), changed.clone());
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // looking is an event too; after an error anything may have changed
            let concerns = |event: notify::Event| {
                !event.kind.is_access() && event.paths.iter().any(|path| path.starts_with(&inside))
            };
            if event.map_or(true, concerns) {
                waker.notify_one();
            }
        });
        let watcher = watcher.context("the rule pack's folder cannot be watched")?;
        Ok(Watched { folder, watcher, changed, told: signal(SignalKind::hangup())?, unquiet: 0 })
    }

    /// Watches what bears the folder's name now: it may have been put in the place of the one before.
    fn again(&mut self) {
        let parent = self.folder.parent().unwrap_or(&self.folder).to_owned();
        for (folder, mode) in [(&parent, RecursiveMode::NonRecursive), (&self.folder, RecursiveMode::Recursive)] {
            if let Err(error) = self.watcher.watch(folder, mode) {
                tracing::warn!(error = %error, "the rule pack's folder is not watched: SIGHUP has it looked at");
            }
        }
    }
}

/// Ends when something changed in the folder and it has become quiet, or at once on SIGHUP. What is dropped before its end
/// goes on where it was.
async fn changed(watched: Option<&mut Watched>) {
    let Some(Watched { changed, told, unquiet, .. }) = watched else { return std::future::pending().await };
    if *unquiet == 0 {
        tokio::select! {
            _ = told.recv() => return,
            () = changed.notified() => *unquiet = 1,
        }
    }
    while *unquiet < MOST_UNQUIET && timeout(QUIET, changed.notified()).await.is_ok() {
        *unquiet += 1;
    }
    *unquiet = 0;
}
