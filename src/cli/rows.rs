//! Files of records for the verbs that read the past: some rows at a time, with a bar on terminals.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::intake::file;
use crate::intake::map::{self, TableError, What};
use crate::intake::profile::Settings;
use crate::intake::row::Row;
use crate::intake::sheet::Limits;
use crate::pack::Pack;
use crate::pack::diagnostic::did_you_mean;
use crate::replay::pipe::Hand;
use crate::words::{Language, say};

/// Rows that are taken in at a time.
pub const BATCH: usize = 4_096;

/// What is said about tables beside what stands in them.
#[derive(Debug, Default, clap::Args)]
pub struct TableArgs {
    /// The profile of the tables, one of the pack's `intake/*.toml`; found by their headers when left out
    #[arg(long, value_name = "ID")]
    profile: Option<String>,
    /// A field that is the same in every row of the tables, such as `lodging.id=hotel-contoh-1`
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
}

impl TableArgs {
    /// The same for the pack.
    ///
    /// # Errors
    /// A field is not one of the pack's.
    pub fn settings(&self, pack: &Pack, language: Language) -> anyhow::Result<Settings> {
        let mut settings = Settings { profile: self.profile.clone(), ..Settings::default() };
        for stated in &self.set {
            let (field, value) = stated.split_once('=').context("`--set` takes FIELD=VALUE")?;
            let known =
                || pack.schema.fields().iter().map(|field| field.path.as_str()).chain(["source", "occurred_at"]);
            if !known().any(|name| name == field) {
                let what = say("table-not-set").with("field", field).render(language);
                let help = did_you_mean(field, known()).map(|help| format!("\nhelp: {}", help.render(language)));
                anyhow::bail!("{what}{}", help.unwrap_or_default());
            }
            settings.set.insert(field.to_owned(), value.to_owned());
        }
        Ok(settings)
    }
}

/// Whether a file is read as a table: whatever does not say that it holds records as JSON.
pub fn is_table(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    !matches!(ending.as_deref(), Some("ndjson" | "jsonl" | "json"))
}

/// Why a table is refused whole, in a language.
pub fn refused(path: &Path, error: &TableError, language: Language) -> anyhow::Error {
    let (what, help) = error.texts();
    anyhow::anyhow!("`{}`: {}\nhelp: {}", path.display(), what.render(language), help.render(language))
}

/// By what tables are read.
pub struct Tables<'a> {
    /// The pack with the profiles.
    pub pack: &'a Pack,
    /// What is said about the tables.
    pub settings: Settings,
    /// The language in which one is refused.
    pub language: Language,
}

/// Reads the files in their order, so many rows at a time.
///
/// # Errors
/// A file cannot be read, or what `take` says.
pub fn each_batch(
    files: &[PathBuf],
    tables: &Tables<'_>,
    batch: usize,
    mut take: impl FnMut(&[Row], &ProgressBar) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let progress = progress(files, 1);
    let mut ended = Ok(());
    tables.hand_out(files, batch, &mut |rows| {
        ended = take(&rows, &progress);
        progress.inc(length(&rows));
        ended.is_ok()
    })?;
    ended?;
    progress.finish_and_clear();
    Ok(())
}

/// How much of the files some rows were, in bytes.
pub fn length(rows: &[Row]) -> u64 {
    rows.iter().map(|row| row.raw.len() as u64 + 1).sum()
}

impl<'a> Tables<'a> {
    /// By the profiles of a pack.
    ///
    /// # Errors
    /// A field is set that the pack does not have.
    pub fn new(args: &TableArgs, pack: &'a Pack, language: Language) -> anyhow::Result<Self> {
        Ok(Tables { pack, settings: args.settings(pack, language)?, language })
    }

    /// Hands the rows of files out in their order, so many at a time, as long as there is use for them.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn hand_out(&self, files: &[PathBuf], batch: usize, hand: &mut Hand<'_>) -> anyhow::Result<()> {
        for path in files {
            let mut rows = self.rows(path)?;
            loop {
                let rows: Vec<_> = rows.by_ref().take(batch.max(1)).collect::<Result<_, _>>()?;
                if rows.is_empty() {
                    break;
                }
                if !hand(rows) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The rows of a file that are meant as records.
    fn rows<'r>(&'r self, path: &'r Path) -> anyhow::Result<Box<dyn Iterator<Item = anyhow::Result<Row>> + 'r>> {
        if !is_table(path) {
            let rows = file::read(path).with_context(|| format!("`{}`", path.display()))?;
            return Ok(Box::new(rows.map(|row| row.map_err(anyhow::Error::from))));
        }
        let refuse = |error: TableError| refused(path, &error, self.language);
        let table = map::open(path, self.pack, &self.settings, &Limits::default()).map_err(refuse)?;
        Ok(Box::new(table.filter_map(move |mapped| match mapped {
            Ok(mapped) => match mapped.what {
                What::Record(row, _) => Some(Ok(row)),
                What::Skipped(_) => None,
            },
            Err(refusal) => Some(Err(refused(path, &refusal.into(), self.language))),
        })))
    }
}

/// How many bytes the files have.
pub fn bytes(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// How far through the files it is that are gone over so many times, on a terminal; nothing elsewhere.
pub fn progress(files: &[PathBuf], times: usize) -> ProgressBar {
    let bytes = bytes(files).saturating_mul(times as u64);
    let style = ProgressStyle::with_template("{bar:40} {percent}% {bytes_per_sec}, {eta} left");
    // a bar on standard error draws nothing where that is no terminal
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
