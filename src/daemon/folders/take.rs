//! One file of a folder: its rows in batches to the store, then its report, and last of all its move.
//!
//! The move comes after everything else. Whatever ends the process before it, the file is read again from its start: the
//! rows that are on disk are duplicates then, since a row has the same id and content however often it is read.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::intake::entries::entries;
use crate::intake::file::{self, FileError};
use crate::intake::folder::{Board, Folder, Lying, REASON, beside, free};
use crate::intake::map::{self, Mapped, TableError, What};
use crate::intake::profile::NoFit;
use crate::intake::report::Sums;
use crate::intake::report::workbook::Report;
use crate::intake::row::Row;
use crate::intake::settle::settle;
use crate::intake::sheet::{Limits, Refusal};
use crate::intake::{Intake, Quarantined, map::Skip, report::Status, sort};
use crate::pack::Pack;
use crate::pipeline::packs::Packs;
use crate::pipeline::{MOST_UNJUDGED, Pipeline};
use crate::store::log::Appended;
use crate::store::{Store, StoreError};
use crate::words::{Language, Text, say};

/// Rows that are committed together.
const ROWS_PER_COMMIT: usize = 1000;
/// How long the store is left alone when it is full or busy, or the rules are far behind.
const PAUSE: Duration = Duration::from_millis(200);
/// Whoever laid a file down reads what became of it.
const LANGUAGE: Language = Language::Indonesian;

/// Takes files in.
pub struct Desk {
    /// Where rows go.
    pub store: Store,
    /// By what they are read.
    pub packs: Packs,
    /// Judges them.
    pub pipeline: Pipeline,
    /// Where entries get their time from.
    pub clock: Clock,
    /// Set when the daemon stops.
    pub stop: watch::Receiver<bool>,
}

/// What came of a file.
pub enum Taken {
    /// It lies elsewhere now.
    Moved,
    /// It is to be read again from its start: the daemon stops, another pack is in force, or it has changed.
    Again,
}

/// Why nothing came of a file.
pub enum Halt {
    /// The store can be written no more.
    Store(StoreError),
    /// Something is in the way, in words.
    Trouble(String),
}

/// How the reading of a file ended.
enum Ending {
    Read,
    Refused { code: &'static str, reason: Text, help: Text },
    Again,
}

impl Desk {
    /// Whether the daemon stops: a file is left as it is then.
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Takes a file in and moves it aside. Blocks.
    pub fn take(&self, folder: &Folder, file: &Lying, board: &Board) -> Result<Taken, Halt> {
        let path = folder.intake().join(&file.name);
        let (draft, mut sums) = (folder.done().join(".laporan.part"), Sums::default());
        let ending = if is_table(&path) {
            self.table(folder, &path, &draft, &mut sums)?
        } else {
            self.lines(folder, &path, &draft, &mut sums)?
        };
        // it may have been written to meanwhile: then it was not finished
        if Lying::at(&path).map_err(trouble)?.as_ref() != Some(file) {
            return Ok(Taken::Again);
        }
        let outcome = match ending {
            Ending::Again => return Ok(Taken::Again),
            Ending::Read => {
                let to = free(&folder.done(), &file.name);
                let ending = if is_table(&path) { ".laporan.xlsx" } else { ".laporan.ndjson" };
                std::fs::rename(&draft, beside(&to, ending)).map_err(trouble)?;
                std::fs::rename(&path, &to).map_err(trouble)?;
                "done"
            }
            Ending::Refused { code, reason, help } => {
                let to = free(&folder.rejected(), &file.name);
                // there is none, unless it broke off in the middle
                drop(std::fs::remove_file(&draft));
                std::fs::write(beside(&to, REASON), refusal(reason, help, &sums)).map_err(trouble)?;
                std::fs::rename(&path, &to).map_err(trouble)?;
                tracing::warn!(folder = folder.name, code, "a file was refused: it lies in `rejected` with the reason");
                "rejected"
            }
        };
        tracing::info!(
            folder = folder.name,
            outcome,
            accepted = sums.accepted,
            duplicates = sums.duplicates,
            quarantined = sums.quarantined,
            "a file was taken from a folder"
        );
        board.note(&folder.name, |standing| {
            *standing.files.entry(outcome).or_default() += 1;
            let rows = [("accepted", sums.accepted), ("duplicate", sums.duplicates), ("quarantined", sums.quarantined)];
            for (outcome, count) in rows {
                *standing.rows.entry(outcome).or_default() += count as u64;
            }
        });
        Ok(Taken::Moved)
    }

    fn table(&self, folder: &Folder, path: &Path, draft: &Path, sums: &mut Sums) -> Result<Ending, Halt> {
        let pack = self.packs.pack();
        let mut table = match map::open(path, &pack, &folder.settings, &Limits::default()) {
            Ok(table) => table,
            Err(error) => return refused(error),
        };
        let fit = table.fit.clone();
        let mut report = Report::new(&fit).map_err(trouble)?;
        loop {
            let batch = match table.by_ref().take(ROWS_PER_COMMIT).collect::<Result<Vec<Mapped>, _>>() {
                Ok(batch) if batch.is_empty() => break,
                Ok(batch) => batch,
                Err(refusal) => return refused(refusal.into()),
            };
            let records = batch.iter().filter_map(|mapped| match &mapped.what {
                What::Record(row, _) => Some(row.clone()),
                What::Skipped(_) => None,
            });
            // as `siaga import` does: a row that comes by another way is the same row
            let Some((aside, answers)) = self.append(&pack, folder, records.collect(), &fit.profile.id)? else {
                return Ok(Ending::Again);
            };
            let settled = settle(&fit, batch, aside, answers).ok_or_else(too_few)?;
            for settled in settled {
                sums.count(settled.row.status);
                report.row(&settled.row, &fit).map_err(trouble)?;
            }
        }
        for _ in 0..table.blank {
            sums.count(Status::Skipped(Skip::Empty));
        }
        report.save(draft, sums).map_err(trouble)?;
        Ok(Ending::Read)
    }

    /// Records as JSON. Their report has a line for each.
    fn lines(&self, folder: &Folder, path: &Path, draft: &Path, sums: &mut Sums) -> Result<Ending, Halt> {
        let pack = self.packs.pack();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut rows = match file::read(path) {
            Ok(rows) => rows,
            Err(error) => return no_json(error),
        };
        let mut report = BufWriter::new(File::create(draft).map_err(trouble)?);
        loop {
            let batch = match rows.by_ref().take(ROWS_PER_COMMIT).collect::<Result<Vec<Row>, _>>() {
                Ok(batch) if batch.is_empty() => break,
                Ok(batch) => batch,
                Err(error) => return no_json(error),
            };
            let indexes: Vec<usize> = batch.iter().map(|row| row.index).collect();
            let Some((aside, answers)) = self.append(&pack, folder, batch, &name)? else {
                return Ok(Ending::Again);
            };
            for line in told(&indexes, &aside, &answers).ok_or_else(too_few)? {
                sums.count(line.status);
                serde_json::to_writer(&mut report, &line).map_err(trouble)?;
                report.write_all(b"\n").map_err(trouble)?;
            }
        }
        report.flush().map_err(trouble)?;
        Ok(Ending::Read)
    }

    /// Puts rows on disk, as soon as the store takes them and the rules are not far behind. None where they have to be read
    /// again, by another pack or after a start.
    fn append(
        &self,
        pack: &Pack,
        folder: &Folder,
        rows: Vec<Row>,
        submitted_by: &str,
    ) -> Result<Option<Answered>, Halt> {
        let received = self.clock.received();
        let Intake { accepted, quarantined } = sort(&pack.schema, rows, received, pack.timeline.zone, &folder.allowed);
        let news = entries(&pack.schema, accepted, &quarantined, received, submitted_by);
        loop {
            if self.is_stopping() {
                return Ok(None);
            }
            if self.pipeline.behind() > MOST_UNJUDGED {
                std::thread::sleep(PAUSE);
                continue;
            }
            let is_in_force = |now: &Pack| now.hash == pack.hash;
            let queue = |now: &Pack| is_in_force(now).then(|| self.store.append(news.clone(), self.clock.edge_time()));
            let Some(answer) = self.packs.under(queue) else { return Ok(None) };
            match answer.wait() {
                Ok(answers) => return Ok(Some((quarantined, answers))),
                Err(StoreError::Busy | StoreError::Full) => std::thread::sleep(PAUSE),
                Err(error) => return Err(Halt::Store(error)),
            }
        }
    }
}

/// Whether a file is read as a table: whatever does not say that it holds records as JSON.
fn is_table(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    !matches!(ending.as_deref(), Some("ndjson" | "jsonl" | "json"))
}

fn refused(error: TableError) -> Result<Ending, Halt> {
    let (reason, help) = error.texts();
    let help = match &error {
        TableError::Refused(Refusal::Unreadable { reason }) => return Err(Halt::Trouble(reason.clone())),
        TableError::NoFit(NoFit::Tie { .. }) => say("folder-several-help"),
        TableError::NoFit(NoFit::Unset { fields }) => {
            say("folder-unset-help").with("field", fields.first().map_or("source", String::as_str))
        }
        _ => help,
    };
    Ok(Ending::Refused { code: error.code(), reason, help })
}

fn no_json(error: FileError) -> Result<Ending, Halt> {
    match error {
        FileError::Io { reason, .. } => Err(Halt::Trouble(reason.to_string())),
        FileError::Body { reason, .. } => Ok(Ending::Refused {
            code: "not-json",
            reason: say("folder-not-json").with("reason", reason.to_string()),
            help: say("folder-not-json-help"),
        }),
        FileError::Unsupported { .. } => Err(Halt::Trouble(error.to_string())),
    }
}

/// What is laid beside a file that is refused.
fn refusal(reason: Text, help: Text, sums: &Sums) -> String {
    let mut said = vec![
        say("folder-refused").with("reason", reason).render(LANGUAGE),
        say("folder-refused-help").with("help", help).render(LANGUAGE),
    ];
    if sums.rows() > 0 {
        said.push(say("folder-refused-rows").with("sums", sums.words(LANGUAGE)).render(LANGUAGE));
    }
    said.push(say("folder-refused-again").render(LANGUAGE));
    said.join("\n") + "\n"
}

/// What became of a record, for programs.
#[derive(Serialize)]
struct Line<'a> {
    /// From 1.
    row: usize,
    outcome: &'static str,
    #[serde(skip)]
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

/// What was set aside of a batch, and what the store says of each of its records.
type Answered = (Vec<Quarantined>, Vec<Appended>);

/// The lines of a batch, in the order of its rows.
fn told<'a>(indexes: &[usize], aside: &'a [Quarantined], answers: &[Appended]) -> Option<Vec<Line<'a>>> {
    let mut stood = answers.iter();
    let mut fell = aside.iter().peekable();
    let line = |index: &usize| {
        let aside = fell.next_if(|aside| aside.index == *index);
        let status = match aside {
            Some(_) => Status::Quarantined,
            None if *stood.next()? == Appended::Duplicate => Status::Duplicate,
            None => Status::Accepted,
        };
        Some(Line {
            row: index + 1,
            outcome: status.code(),
            status,
            code: aside.map(|aside| aside.code.as_str()),
            pointer: aside.map(|aside| aside.pointer.as_str()),
            detail: aside.map(|aside| aside.detail.as_str()),
        })
    };
    indexes.iter().map(line).collect()
}

fn too_few() -> Halt {
    Halt::Trouble("the store answered for fewer rows than it got".to_owned())
}

fn trouble(error: impl ToString) -> Halt {
    Halt::Trouble(error.to_string())
}
