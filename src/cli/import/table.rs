//! `siaga import` of tables: through a profile, in batches, with what became of each row.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{Importer, Line, ROWS_PER_COMMIT, Sums, line};
use crate::cli::rows::refused;
use crate::cli::{Format, Streams};
use crate::intake::entries::entries;
use crate::intake::map::{self, Mapped, Table, What};
use crate::intake::profile::{Fit, Settings};
use crate::intake::report::workbook::Report;
use crate::intake::report::{self, CellTold, Reported, Status};
use crate::intake::settle::{Settled, settle};
use crate::intake::sheet::Limits;
use crate::intake::{Intake, Submitter, sort};
use crate::record::parse::Parsed;
use crate::store::log::Appended;
use crate::words::{Language, say};

/// How often the bar of a terminal moves, in milliseconds.
const TICK_MS: u64 = 200;

/// What became of a row, for programs.
#[derive(Serialize)]
struct TableLine<'a> {
    #[serde(flatten)]
    line: Line<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cells: Vec<CellTold>,
}

/// A table on its way in.
pub struct TableImport<'a> {
    /// Where its records go.
    pub importer: &'a Importer<'a>,
    /// What is said about it.
    pub settings: Settings,
    /// Where its report goes.
    pub report: Option<&'a Path>,
    /// Nothing is kept.
    pub dry_run: bool,
}

impl TableImport<'_> {
    /// Imports a table; what was committed before an error stays.
    ///
    /// # Errors
    /// It is refused whole, or cannot be kept, or its report cannot be written.
    pub fn run(&self, path: &Path, streams: &mut Streams<'_>) -> anyhow::Result<Sums> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let language = streams.language;
        let refuse = |error| refused(path, &error, language);
        let mut table = map::open(path, self.importer.pack, &self.settings, &Limits::default()).map_err(refuse)?;
        let fit = table.fit.clone();
        head(&name, &fit, streams)?;
        let mut report = self.report.map(|_| Report::new(&fit)).transpose()?;
        let mut sums = report::Sums::default();
        let mut seen = HashSet::new();
        let bar = bar();
        loop {
            let batch = table.by_ref().take(ROWS_PER_COMMIT).collect::<Result<Vec<Mapped>, _>>();
            let batch = batch.map_err(|refusal| refused(path, &refusal.into(), language))?;
            if batch.is_empty() {
                break;
            }
            bar.inc(batch.len() as u64);
            for (row, line) in self.batch(&fit, batch, &name, &mut seen)? {
                sums.count(row.status);
                bar.suspend(|| self.print(&fit, &row, line, streams))?;
                if let Some(report) = &mut report {
                    report.row(&row, &fit)?;
                }
            }
        }
        bar.finish_and_clear();
        count_blank(&table, &mut sums);
        writeln!(streams.err, "{name}: {}", sums.words(language))?;
        if let (Some(report), Some(path)) = (report, self.report) {
            report.save(path, &sums).with_context(|| format!("`{}` cannot be written", path.display()))?;
            let written = say("table-report-written").with("path", path.display().to_string());
            writeln!(streams.err, "{}", written.render(language))?;
        }
        Ok(Sums { accepted: sums.accepted, duplicates: sums.duplicates, quarantined: sums.quarantined })
    }

    /// Commits a batch; its rows come in their order.
    fn batch<'n>(
        &self,
        fit: &Fit,
        batch: Vec<Mapped>,
        name: &'n str,
        seen: &mut HashSet<u64>,
    ) -> anyhow::Result<Vec<(Reported, Line<'n>)>> {
        let rows = batch.iter().filter_map(|mapped| match &mapped.what {
            What::Record(row, _) => Some(row.clone()),
            What::Skipped(_) => None,
        });
        let (pack, received) = (self.importer.pack, self.importer.clock.received());
        let Intake { accepted, quarantined } =
            sort(&pack.schema, rows, received, pack.timeline.zone, &Submitter::LOCAL);
        let appended = if self.dry_run {
            let stood = accepted.iter().map(|parsed| tried(parsed, seen));
            stood.chain(quarantined.iter().map(|_| Appended::Quarantined { id: 0 })).collect()
        } else {
            // a row that comes again in another file is the same row
            let news = entries(&pack.schema, accepted, &quarantined, received, &fit.profile.id);
            self.importer.store.append(news, self.importer.clock.edge_time()).wait()?
        };
        let settled =
            settle(fit, batch, quarantined, appended).context("the store answered for fewer rows than it got")?;
        let told = settled.into_iter().map(|Settled { row, index, answer, aside }| {
            let line = match (&answer, &aside) {
                (Some(answer), Some(aside)) => Line::aside(name, aside, answer),
                (Some(answer), None) => line(name, index, answer),
                (None, _) => Line::skipped(name, index),
            };
            (row, line)
        });
        Ok(told.collect())
    }

    fn print(&self, fit: &Fit, row: &Reported, line: Line<'_>, streams: &mut Streams<'_>) -> anyhow::Result<()> {
        match (self.importer.format, row.status) {
            (Format::Json, status) => {
                let skipped = match status {
                    Status::Skipped(why) => Some(why.code()),
                    _ => None,
                };
                let line = TableLine { line, skipped, cells: row.told(fit, Language::Indonesian) };
                writeln!(streams.out, "{}", serde_json::to_string(&line)?)?;
            }
            (Format::Human, Status::Quarantined) => {
                let place = say("table-row").with("row", i64::from(row.number)).render(streams.language);
                for told in row.told(fit, streams.language) {
                    let column = told.column.as_deref().unwrap_or("-");
                    writeln!(streams.out, "{}: {place}, {column}: {}", line.file, told.words(streams.language))?;
                }
            }
            (Format::Human, _) => {}
        }
        Ok(())
    }
}

/// What would become of a row that stands, as far as the file itself says.
fn tried(parsed: &Parsed, seen: &mut HashSet<u64>) -> Appended {
    let [a, b, c, d, e, f, g, h, ..] = parsed.content_hash;
    if seen.insert(u64::from_be_bytes([a, b, c, d, e, f, g, h])) {
        Appended::At { position: 0, at: parsed.record.received_at, revision: 1 }
    } else {
        Appended::Duplicate
    }
}

/// By which profile a table is read, and what of it is not.
fn head(name: &str, fit: &Fit, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    writeln!(streams.err, "{name}: {} ({})", fit.profile.name, fit.profile.id)?;
    let unknown = fit.unknown();
    if !unknown.is_empty() {
        let words = say("table-unused-columns").with("columns", unknown.join(", "));
        writeln!(streams.err, "{name}: {}", words.render(streams.language))?;
    }
    Ok(())
}

/// Blank rows are rows too: the sums are those of the file.
fn count_blank(table: &Table<'_>, sums: &mut report::Sums) {
    for _ in 0..table.blank {
        sums.count(Status::Skipped(map::Skip::Empty));
    }
}

/// How many rows are through, on a terminal; nothing elsewhere.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {human_pos} ({per_sec})");
    let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(std::time::Duration::from_millis(TICK_MS));
    bar
}
