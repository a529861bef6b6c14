//! `siaga test --watch`: again whenever a file of the pack changes.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::Context as _;
use notify::{RecursiveMode, Watcher as _};

use crate::cli::{Exit, Streams};
use crate::words::say;

/// How long it has to be quiet: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Runs at once and after each change, until the process is ended; a run that fails is told, and does not end it.
pub fn each_change(
    folder: &Path,
    streams: &mut Streams<'_>,
    mut run: impl FnMut(&mut Streams<'_>) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let (changed, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // looking is an event too; who receives is gone only when the process ends
        if event.map_or(true, |event| !event.kind.is_access()) {
            changed.send(()).unwrap_or_default();
        }
    })?;
    watcher
        .watch(folder, RecursiveMode::Recursive)
        .with_context(|| format!("`{}` cannot be watched", folder.display()))?;
    loop {
        if streams.color {
            // clears the screen and goes to its top
            write!(streams.out, "\x1b[2J\x1b[H")?;
        }
        if let Err(error) = run(streams) {
            writeln!(streams.err, "error: {error:#}")?;
        }
        let watching = say("test-watching").with("folder", folder.display().to_string());
        writeln!(streams.err, "{}", watching.render(streams.language))?;
        streams.out.flush()?;
        changes.recv().context("the folder is no longer watched")?;
        while changes.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout) {}
    }
}
