//! `siaga hash-nik` of a table's column: the same table with hashes in place of the NIKs, made at the sender's.

use std::io::Write;
use std::path::Path;

use anyhow::{anyhow, bail};

use super::{NIK_DIGITS, hash};
use crate::cli::cell::plain;
use crate::intake::map::text_of;
use crate::intake::sheet::{self, Cell, Limits, Refusal};
use crate::pack::profile::bare;
use crate::words::{Language, Text, say};

/// What the column is called when it holds hashes: profiles know it by this name.
const HASHED: &str = "Sidik NIK";

/// Writes the table as CSV; nothing where a NIK cannot be read. No message repeats anything of a row.
pub fn run(key: &[u8], path: &Path, column: &str, language: Language, output: &mut dyn Write) -> anyhow::Result<()> {
    let error = |text: Text| anyhow!("{}", text.render(language));
    let refuse = |refusal: Refusal| {
        let (what, help) = (refusal.text().render(language), refusal.help().render(language));
        anyhow!("`{}`: {what}\nhelp: {help}", path.display())
    };
    let table = sheet::open(path, None, &Limits::default()).map_err(refuse)?;
    let mut place = None;
    let mut written = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(Vec::new());
    for row in table.rows {
        let row = row.map_err(refuse)?;
        let mut cells: Vec<String> = row.cells.iter().map(|cell| text_of(cell).unwrap_or_default()).collect();
        match place {
            None => {
                place = cells.iter().position(|cell| !cell.is_empty() && bare(cell) == bare(column));
                place.and_then(|place| cells.get_mut(place)).into_iter().for_each(|cell| *cell = HASHED.to_owned());
            }
            Some(place) => {
                let hashed = match row.cells.get(place) {
                    None | Some(Cell::Empty) => None,
                    // a spreadsheet keeps fifteen digits of a number
                    Some(Cell::Number(_)) => {
                        return Err(error(say("hash-nik-number").with("row", i64::from(row.number))));
                    }
                    Some(cell) => {
                        Some(nik(cell).ok_or_else(|| error(say("hash-nik-none").with("row", i64::from(row.number))))?)
                    }
                };
                if let (Some(nik), Some(cell)) = (hashed, cells.get_mut(place)) {
                    *cell = hash(key, nik.as_bytes())?;
                }
            }
        }
        written.write_record(cells.iter().map(|cell| plain(cell)))?;
    }
    if place.is_none() {
        bail!("{}", say("hash-nik-no-column").with("column", column).render(language));
    }
    let written = written.into_inner().map_err(|error| anyhow!("{error}"))?;
    // spreadsheet programs read UTF-8 by its mark
    output.write_all(b"\xef\xbb\xbf")?;
    output.write_all(&written)?;
    Ok(())
}

fn nik(cell: &Cell) -> Option<String> {
    let text = text_of(cell)?;
    let nik: String = text.trim_start_matches('\'').chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
    (nik.len() == NIK_DIGITS && nik.bytes().all(|b| b.is_ascii_digit())).then_some(nik)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"kunci-contoh-enam-belas";

    fn hashed(table: &str) -> anyhow::Result<String> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("t.csv");
        std::fs::write(&path, table)?;
        let mut output = Vec::new();
        run(KEY, &path, "nik", Language::English, &mut output)?;
        Ok(String::from_utf8(output)?)
    }

    #[test]
    fn only_the_column_is_hashed() {
        let text = hashed("DPT\nNo;NIK;TPS\n1;1601000000000001;001\n2;;002\n").unwrap();
        let hash = "0053b53b4ba7a0bdbc2b23039f897515301756a2111fbf1a4ec97375fe54fb4d";
        assert_eq!(text, format!("\u{feff}DPT\nNo;Sidik NIK;TPS\n1;{hash};001\n2;;002\n"));
    }

    #[test]
    fn what_is_no_nik_is_named_by_its_row_and_not_repeated() {
        let error = hashed("No;NIK\n1;1601000000000001\n2;16010000000000\n").unwrap_err().to_string();
        assert!(error.contains("row 3") && !error.contains("16010000"), "{error}");
        assert!(hashed("No;Nama\n1;CONTOH\n").unwrap_err().to_string().contains("nik"));
    }
}
