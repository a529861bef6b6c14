//! Files of records for the verbs that read the past: some rows at a time, with a bar on terminals.

use std::path::PathBuf;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::intake::file;
use crate::intake::row::Row;

/// Rows that are taken in at a time.
pub const BATCH: usize = 4_096;

/// Reads the files in their order, so many rows at a time.
///
/// # Errors
/// A file cannot be read, or what `take` says.
pub fn each_batch(
    files: &[PathBuf],
    batch: usize,
    mut take: impl FnMut(&[Row], &ProgressBar) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let progress = progress(files);
    for path in files {
        let mut rows = file::read(path).with_context(|| format!("`{}`", path.display()))?;
        loop {
            let rows: Vec<_> = rows.by_ref().take(batch.max(1)).collect::<Result<_, _>>()?;
            if rows.is_empty() {
                break;
            }
            take(&rows, &progress)?;
            progress.inc(rows.iter().map(|row| row.raw.len() as u64 + 1).sum());
        }
    }
    progress.finish_and_clear();
    Ok(())
}

/// How far through the files it is, on a terminal; nothing elsewhere.
fn progress(files: &[PathBuf]) -> ProgressBar {
    let bytes = files.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum();
    let style = ProgressStyle::with_template("{bar:40} {percent}% {bytes_per_sec}, {eta} left");
    // a bar on standard error draws nothing where that is no terminal
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
