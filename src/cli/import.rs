//! `siaga import`: files of records into a store, with a report per row.

mod table;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::rows::{TableArgs, is_table};
use super::{Deployment, Exit, Format, Streams, join_store, load_deployment};
use crate::clock::Clock;
use crate::entry::Position;
use crate::intake::entries::entries;
use crate::intake::row::Row;
use crate::intake::{Intake, Quarantined, Submitter, file, sort};
use crate::pack::Pack;
use crate::store::Store;
use crate::store::log::Appended;
use crate::words::say;
use table::TableImport;

/// Rows that are committed together.
const ROWS_PER_COMMIT: usize = 1000;

/// What to import where.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files of records: tables (`.csv`, `.xlsx`) by the pack's profiles, `.ndjson`, `.jsonl`, `.json`
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    tables: TableArgs,
    /// Also write what became of each row of a table to this workbook: to be corrected and sent again
    #[arg(long, value_name = "FILE.xlsx")]
    report: Option<PathBuf>,
    /// Say what would become of the rows of tables and keep nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    deployment: Deployment,
    /// How to print: people see what did not stand, programs every row
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// What became of one row.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a str,
    /// From 1, as people count rows.
    row: usize,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quarantine: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Debug, Default)]
struct Sums {
    accepted: usize,
    duplicates: usize,
    quarantined: usize,
}

/// Imports. Exit code 1 says that rows are in quarantine.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, pack) = load_deployment(&args.deployment, streams)?;
    let settings = args.tables.settings(&pack, streams.language)?;
    check_report(args, streams)?;
    anyhow::ensure!(!args.dry_run || args.files.iter().all(|path| is_table(path)), "`--dry-run` is for tables");
    let store = join_store(&config)?;
    let importer = Importer { store, pack: &pack, clock: config.clock.clock(), format: args.format };
    let mut quarantined = 0;
    for path in &args.files {
        if is_table(path) {
            let report = args.report.as_deref();
            let table = TableImport { importer: &importer, settings: settings.clone(), report, dry_run: args.dry_run };
            quarantined += table.run(path, streams)?.quarantined;
            continue;
        }
        let sums = importer.file(path, streams)?;
        quarantined += sums.quarantined;
        writeln!(
            streams.err,
            "{}: {} accepted, {} duplicates, {} in quarantine",
            path.display(),
            sums.accepted,
            sums.duplicates,
            sums.quarantined
        )?;
    }
    Ok(if quarantined == 0 { Exit::Clean } else { Exit::Findings })
}

/// A report is of one table.
fn check_report(args: &Args, streams: &Streams<'_>) -> anyhow::Result<()> {
    let one_table = args.files.len() == 1 && args.files.iter().all(|path| is_table(path));
    anyhow::ensure!(
        args.report.is_none() || one_table,
        "{}\nhelp: {}",
        say("table-report-one").render(streams.language),
        say("table-report-one-help").render(streams.language)
    );
    Ok(())
}

struct Importer<'a> {
    store: Store,
    pack: &'a Pack,
    clock: Clock,
    format: Format,
}

impl Importer<'_> {
    fn file(&self, path: &Path, streams: &mut Streams<'_>) -> anyhow::Result<Sums> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut sums = Sums::default();
        let mut rows = file::read(path)?;
        loop {
            let batch = rows.by_ref().take(ROWS_PER_COMMIT).collect::<Result<Vec<Row>, _>>()?;
            if batch.is_empty() {
                return Ok(sums);
            }
            for line in self.batch(batch, &name)? {
                sums.count(&line);
                self.print(&line, streams)?;
            }
        }
    }

    /// Commits a batch; the lines come in the order of the rows.
    fn batch<'n>(&self, rows: Vec<Row>, name: &'n str) -> anyhow::Result<Vec<Line<'n>>> {
        let indexes: Vec<usize> = rows.iter().map(|row| row.index).collect();
        let received = self.clock.received();
        let Intake { accepted, quarantined } =
            sort(&self.pack.schema, rows, received, self.pack.timeline.zone, &Submitter::LOCAL);
        let news = entries(&self.pack.schema, accepted, &quarantined, received, name);
        let appended = self.store.append(news, self.clock.edge_time()).wait()?;
        let aside = |index: &usize| quarantined.iter().any(|row| row.index == *index);
        let (stood, fell) = appended.split_at(appended.len().saturating_sub(quarantined.len()));
        let stood = indexes.iter().filter(|index| !aside(index)).zip(stood).map(|(index, one)| line(name, *index, one));
        let fell = quarantined.iter().zip(fell).map(|(row, one)| Line::aside(name, row, one));
        let mut lines: Vec<Line<'n>> = stood.chain(fell).collect();
        lines.sort_by_key(|line| line.row);
        Ok(lines)
    }

    fn print(&self, line: &Line<'_>, streams: &mut Streams<'_>) -> anyhow::Result<()> {
        match (self.format, &line.detail) {
            (Format::Json, _) => writeln!(streams.out, "{}", serde_json::to_string(line)?)?,
            (Format::Human, Some(detail)) => {
                let (code, pointer) = (line.code.unwrap_or_default(), line.pointer.as_deref().unwrap_or_default());
                writeln!(streams.out, "{}: row {}: {code} at `{pointer}`: {detail}", line.file, line.row)?;
            }
            (Format::Human, None) => {}
        }
        Ok(())
    }
}

impl<'a> Line<'a> {
    /// Of a row that does not stand.
    fn aside(file: &'a str, row: &Quarantined, appended: &Appended) -> Self {
        Line {
            code: Some(row.code.as_str()),
            pointer: Some(row.pointer.clone()),
            detail: Some(row.detail.clone()),
            ..line(file, row.index, appended)
        }
    }

    /// Of a row that is no record.
    fn skipped(file: &'a str, index: usize) -> Self {
        Line {
            file,
            row: index + 1,
            outcome: "skipped",
            position: None,
            quarantine: None,
            code: None,
            pointer: None,
            detail: None,
        }
    }
}

impl Sums {
    fn count(&mut self, line: &Line<'_>) {
        match line.outcome {
            "accepted" => self.accepted += 1,
            "duplicate" => self.duplicates += 1,
            _ => self.quarantined += 1,
        }
    }
}

fn line<'n>(file: &'n str, index: usize, appended: &Appended) -> Line<'n> {
    let (outcome, position, quarantine) = match appended {
        Appended::At { position, .. } => ("accepted", Some(*position), None),
        Appended::Duplicate => ("duplicate", None, None),
        Appended::Quarantined { id } => ("quarantined", None, Some(*id)),
    };
    Line { file, row: index + 1, outcome, position, quarantine, code: None, pointer: None, detail: None }
}
