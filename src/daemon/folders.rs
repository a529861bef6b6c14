//! Folders under watch: what senders lay there is taken in file by file, and moved aside with what became of it.

mod take;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::blocking;
use crate::clock::{Clock, Stopwatch};
use crate::intake::folder::{Board, Folder, Looks, Lying, count, lying};
use crate::pipeline::Pipeline;
use crate::pipeline::packs::Packs;
use crate::store::Store;
use take::{Desk, Halt, Taken};

/// How soon a folder is looked at again where a file waits, or after the system said that something changed.
const SOON: Duration = Duration::from_millis(500);
/// How soon in any case: of what others do on a network mount the system says nothing.
const SELDOM: Duration = Duration::from_secs(5);
/// How long a file is left alone that could not be read or moved aside.
const PATIENCE: Duration = Duration::from_secs(60);

/// The watch over the folders while it goes on.
pub struct Watching {
    /// How they stand.
    pub board: Board,
    /// Ends with the store, or when it is told to.
    pub task: JoinHandle<anyhow::Result<()>>,
    stop: watch::Sender<bool>,
}

/// Starts to take files from folders, by the pack in force.
pub fn start(folders: Vec<Folder>, store: Store, packs: Packs, pipeline: Pipeline, clock: Clock) -> Watching {
    let (board, (stop, stopping)) = (Board::default(), watch::channel(false));
    let desk = Desk { store, packs, pipeline, clock, stop: stopping.clone() };
    let folders = Folders { folders, board: board.clone(), desk: Arc::new(desk) };
    Watching { board, task: tokio::spawn(folders.run(stopping)), stop }
}

impl Watching {
    /// Ends it, once the rows that are on their way to the store are there.
    pub async fn stop(&mut self) {
        if !self.task.is_finished() {
            self.stop.send_replace(true);
            drop((&mut self.task).await);
        }
    }
}

struct Folders {
    folders: Vec<Folder>,
    board: Board,
    desk: Arc<Desk>,
}

/// One folder between looks.
struct Watched {
    folder: Folder,
    looks: Looks,
    /// The system tells of changes in it.
    is_watched: bool,
    /// Files that could not be read or moved aside, and since when: they are left alone until they change, or for
    /// [`PATIENCE`].
    stuck: Vec<(Lying, Duration)>,
}

impl Folders {
    async fn run(self, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let changed = Arc::new(Notify::new());
        let mut watcher = if self.folders.is_empty() { None } else { watcher(changed.clone()) };
        let since = Stopwatch::start();
        let watched = |folder: &Folder| Watched {
            folder: folder.clone(),
            looks: Looks::default(),
            is_watched: false,
            stuck: Vec::new(),
        };
        let mut all: Vec<Watched> = self.folders.iter().map(watched).collect();
        loop {
            let mut waits = false;
            for watched in &mut all {
                waits |= self.look(watched, watcher.as_mut(), since).await?;
            }
            let until = if waits { SOON } else { SELDOM };
            tokio::select! {
                () = async { drop(stop.wait_for(|stop| *stop).await) } => return Ok(()),
                () = sleep(until) => {}
                // a file that is being written says so again and again
                () = async { changed.notified().await; sleep(SOON).await } => {}
            }
        }
    }

    /// Takes what lies still in a folder; whether something waits that a later look may take.
    async fn look(
        &self,
        watched: &mut Watched,
        watcher: Option<&mut RecommendedWatcher>,
        since: Stopwatch,
    ) -> anyhow::Result<bool> {
        let folder = watched.folder.clone();
        let found = blocking(move || prepare(&folder).and_then(|()| lying(&folder.intake()))).await?;
        let files = match found {
            Ok(files) => files,
            Err(error) => {
                watched.is_watched = false;
                self.trouble(&watched.folder, Some(error.to_string()));
                return Ok(false);
            }
        };
        watched.watch(watcher);
        let now = since.elapsed();
        watched.stuck.retain(|(file, then)| files.contains(file) && now.saturating_sub(*then) < PATIENCE);
        let mut trouble = None;
        for file in watched.looks.still(&files, now, watched.folder.still) {
            if watched.stuck.iter().any(|(stuck, _)| *stuck == file) || self.desk.is_stopping() {
                continue;
            }
            let (desk, folder, board, lying) =
                (self.desk.clone(), watched.folder.clone(), self.board.clone(), file.clone());
            // what a panic says may quote the file; its place is told by the program's hook
            let panicked = |_| Err(Halt::Trouble("siaga panicked while it took a file in".to_owned()));
            match blocking(move || desk.take(&folder, &lying, &board)).await.unwrap_or_else(panicked) {
                Ok(Taken::Moved | Taken::Again) => {}
                Err(Halt::Store(error)) => return Err(error.into()),
                Err(Halt::Trouble(why)) => {
                    trouble = Some(why);
                    watched.stuck.push((file, now));
                }
            }
        }
        if trouble.is_some() || watched.stuck.is_empty() {
            self.trouble(&watched.folder, trouble);
        }
        let (intake, rejected) = (watched.folder.intake(), watched.folder.rejected());
        let (waiting, rejected) = blocking(move || (count(&intake), count(&rejected))).await?;
        self.board.note(&watched.folder.name, |standing| {
            standing.waiting = waiting;
            standing.rejected = rejected;
        });
        Ok(waiting > watched.stuck.len())
    }

    /// Says once what hinders, and once that it is over.
    fn trouble(&self, folder: &Folder, trouble: Option<String>) {
        self.board.note(&folder.name, |standing| {
            match &trouble {
                Some(reason) if standing.trouble.as_ref() != Some(reason) => {
                    tracing::warn!(folder = folder.name, reason, "files of a folder cannot be taken in");
                }
                None if standing.trouble.is_some() => tracing::info!(folder = folder.name, "a folder is usable again"),
                _ => {}
            }
            standing.trouble = trouble;
        });
    }
}

impl Watched {
    /// Has the system tell of changes, once the folder is there.
    fn watch(&mut self, watcher: Option<&mut RecommendedWatcher>) {
        let Some(watcher) = watcher.filter(|_| !self.is_watched) else { return };
        match watcher.watch(&self.folder.intake(), RecursiveMode::NonRecursive) {
            Ok(()) => self.is_watched = true,
            Err(error) => {
                tracing::debug!(folder = self.folder.name, error = %error, "a folder is looked at only from time to time")
            }
        }
    }
}

/// Makes what is missing in a folder that is there: one that is not may be a mount that is still to come.
fn prepare(folder: &Folder) -> io::Result<()> {
    if !folder.path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the folder is not there; help: make it, or mount it"));
    }
    [folder.intake(), folder.done(), folder.rejected()].iter().try_for_each(|path| make(path))
}

fn make(path: &Path) -> io::Result<()> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn watcher(changed: Arc<Notify>) -> Option<RecommendedWatcher> {
    let tell = move |event: notify::Result<notify::Event>| {
        // looking is an event too; after an error anything may have changed
        if event.map_or(true, |event| !event.kind.is_access()) {
            changed.notify_one();
        }
    };
    notify::recommended_watcher(tell)
        .inspect_err(|error| tracing::warn!(error = %error, "folders are looked at only from time to time"))
        .ok()
}
