//! The pack's reference lists and its exempt people, from CSV files.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use chrono::NaiveDate;

use super::diagnostic::{Code, Diagnostic, did_you_mean};
use super::files::Files;
use super::tables::PackFile;
use crate::words::say;

/// A reference list.
#[derive(Clone, Debug)]
pub struct List {
    /// Its name.
    pub name: String,
    /// The keys it holds.
    pub keys: HashSet<String>,
    /// Whether its key column is protected.
    pub protected: bool,
}

/// The exempt people: passport key to the last day of the exemption.
#[derive(Clone, Debug, Default)]
pub struct Exemptions(HashMap<String, Option<NaiveDate>>);

impl Exemptions {
    /// Whether nobody is exempt.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same exemptions under other keys.
    pub fn renamed(&self, rename: impl Fn(&str) -> String) -> Self {
        Exemptions(self.0.iter().map(|(key, until)| (rename(key), *until)).collect())
    }

    /// Whether the person of a key is exempt on a date, which is asked for where it matters.
    pub fn holds(&self, person: &str, on: impl FnOnce() -> NaiveDate) -> bool {
        self.0.get(person).is_some_and(|until| until.is_none_or(|until| on() <= until))
    }
}

/// Reads the lists that `pack.toml` declares.
pub fn read_lists(files: &Files, pack: &PackFile, problems: &mut Vec<Diagnostic>) -> Vec<List> {
    let mut lists = Vec::new();
    for (name, declared) in &pack.lists {
        let path = format!("lists/{name}.csv");
        let key = declared.key.get_ref();
        let Some(rows) = read_csv(files, &path, problems) else { continue };
        let Some(column) = rows.headers.iter().position(|header| header == key) else {
            let text = files.text("pack.toml").unwrap_or("");
            problems.push(
                Diagnostic::error(
                    Code::Name,
                    "pack.toml",
                    text,
                    declared.key.span(),
                    say("name-column").with("file", path.as_str()).with("column", key.as_str()),
                )
                .help(
                    did_you_mean(key, rows.headers.iter().map(String::as_str))
                        .unwrap_or_else(|| say("name-column-help").with("known", rows.headers.join(", "))),
                ),
            );
            continue;
        };
        lists.push(List {
            name: name.clone(),
            keys: rows.rows.iter().filter_map(|row| row.get(column).cloned()).collect(),
            protected: declared.protected.contains(key),
        });
    }
    lists
}

/// Reads `lists/exemptions.csv`, where the pack has one.
pub fn read_exemptions(files: &Files, problems: &mut Vec<Diagnostic>) -> Exemptions {
    const PATH: &str = "lists/exemptions.csv";
    let mut exemptions = Exemptions::default();
    let Some(text) = files.text(PATH) else { return exemptions };
    let Some(rows) = read_csv(files, PATH, problems) else { return exemptions };
    let column = |name: &str| rows.headers.iter().position(|header| header == name);
    let (Some(issuer), Some(number), Some(until)) = (column("issuer"), column("passport_number"), column("until"))
    else {
        problems.push(
            Diagnostic::error(
                Code::Table,
                PATH,
                text,
                0..text.lines().next().map_or(0, str::len),
                say("table-lacks-column"),
            )
            .help(say("table-lacks-column-help")),
        );
        return exemptions;
    };
    for (index, row) in rows.rows.iter().enumerate() {
        let cell = |column: usize| row.get(column).map_or("", |cell| cell.trim());
        let date = match cell(until) {
            "" => None,
            stated => match stated.parse() {
                Ok(date) => Some(date),
                Err(_) => {
                    let message = say("table-row-date").with("row", index + 2).with("text", stated);
                    problems.push(Diagnostic::file(Code::Table, PATH, message).help(say("table-row-date-help")));
                    continue;
                }
            },
        };
        let number: String = cell(number).chars().filter(|c| !c.is_whitespace()).collect();
        exemptions.0.insert(format!("{}:{}", cell(issuer).to_uppercase(), number.to_uppercase()), date);
    }
    exemptions
}

struct Rows {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn read_csv(files: &Files, path: &str, problems: &mut Vec<Diagnostic>) -> Option<Rows> {
    let Some(text) = files.text(path) else {
        problems.push(Diagnostic::file(Code::File, path, say("file-list-missing")));
        return None;
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let read = || -> Result<Rows, csv::Error> {
        let headers = reader.headers()?.iter().map(str::to_owned).collect();
        let rows = reader
            .records()
            .map(|row| row.map(|row| row.iter().map(str::to_owned).collect()))
            .collect::<Result<_, _>>()?;
        Ok(Rows { headers, rows })
    };
    let mut read = read;
    match read() {
        Ok(rows) => Some(rows),
        Err(error) => {
            let at = error.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
            let span: Range<usize> = at.min(text.len())..at.min(text.len());
            problems.push(Diagnostic::error(
                Code::Table,
                path,
                text,
                span,
                say("table-no-table").with("reason", error.to_string()),
            ));
            None
        }
    }
}
