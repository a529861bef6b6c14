//! What the engines need, in one folder: the records, and the rules in each form.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use peers::columns::Columns;
use peers::record::Record;
use peers::rule::Rule;
use peers::{records, rules, translate};

use crate::engines::Form;

/// Everything that is measured with.
pub struct Prepared {
    /// The folder.
    pub work: PathBuf,
    /// The file of records.
    pub lines: PathBuf,
    /// The rules, of which smaller sets are the beginning.
    pub rules: Vec<Rule>,
    /// The columns of the records, which say what matches.
    pub columns: Columns,
    /// What was generated, in a sentence.
    pub told: String,
    /// Seconds that the compiler took, by the number of rules.
    pub compiling: BTreeMap<usize, f64>,
}

/// Generates, and writes the forms that are needed of each number of rules.
pub fn prepare(work: &Path, seed: u64, count: usize, wanted: &[(usize, Vec<Form>)]) -> Result<Prepared> {
    fs::create_dir_all(work)?;
    let records = records::generate(seed, count);
    let text: String = records.iter().map(|record| record.json() + "\n").collect();
    let lines = work.join("records.ndjson");
    fs::write(&lines, &text)?;
    let columns = Columns::new(&records);
    let most = wanted.iter().map(|(rules, _)| *rules).max().unwrap_or(0);
    let rules = rules::generate(seed, &records, &columns, most);
    let told = told(text.len(), &records, &rules, &columns);
    let mut prepared = Prepared { work: work.to_owned(), lines, rules, columns, told, compiling: BTreeMap::new() };
    for (count, forms) in wanted {
        for form in forms {
            prepared.form(*form, *count, &records).with_context(|| format!("{form:?} of {count} rules"))?;
        }
    }
    Ok(prepared)
}

fn told(bytes: usize, records: &[Record], rules: &[Rule], columns: &Columns) -> String {
    let count = records.len() as f64;
    let matches: Vec<usize> = rules.iter().map(|rule| columns.matches(rule).len()).collect();
    let fields: usize = records.iter().map(|record| record.0.iter().flatten().count()).sum();
    let percent = |matches: f64| 100.0 * matches / count;
    let of_rules = |sum: usize| sum as f64 / rules.len().max(1) as f64;
    format!(
        "{} records of {:.0} bytes and {:.1} leaf fields; rules of {:.2} predicates, of which one matches {:.3} % of the \
         records on average and {:.2} % at most",
        records.len(),
        bytes as f64 / count,
        fields as f64 / count,
        of_rules(rules.iter().map(|rule| rule.predicates.len()).sum()),
        percent(of_rules(matches.iter().sum())),
        percent(matches.iter().copied().max().unwrap_or(0) as f64),
    )
}

impl Prepared {
    fn form(&mut self, form: Form, count: usize, records: &[Record]) -> Result<()> {
        let rules = &self.rules[..count];
        let path = form.path(&self.work, count);
        match form {
            Form::Nothing => {}
            Form::Pack => translate::pack::write(&path, rules, records)?,
            Form::Rhai => {
                let expressions: Vec<String> = rules.iter().map(translate::rhai::expression).collect();
                fs::write(path, serde_json::to_vec(&expressions)?)?;
            }
            #[cfg(feature = "zen")]
            Form::Zen => fs::write(path, serde_json::to_vec(&translate::zen::decision(rules))?)?,
            Form::Sigma => fs::write(path, translate::sigma::collection(rules))?,
            Form::Rust => {
                translate::rust::write(&path, rules)?;
                let seconds = self.compile(&path)?;
                self.compiling.insert(count, seconds);
            }
            #[cfg(feature = "cel")]
            Form::Cel => {
                let expressions: Vec<String> = rules.iter().map(translate::cel::expression).collect();
                fs::write(path, serde_json::to_vec(&expressions)?)?;
            }
        }
        Ok(())
    }

    fn compile(&self, folder: &Path) -> Result<f64> {
        fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"), folder.join("Cargo.lock"))?;
        let started = Instant::now();
        let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--release", "--quiet", "--offline", "--manifest-path"])
            .arg(folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(folder.join("target"))
            .status()?;
        ensure!(built.success(), "the generated program does not compile");
        Ok(started.elapsed().as_secs_f64())
    }
}
