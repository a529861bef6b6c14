//! The whole comparison: prepares, runs every engine in a process of its own, checks that they agree, prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow, ensure};

use crate::engines::{Form, LINES, Line};
use crate::measure::{self, Loaded, Ran};
use crate::prepare::{self, Prepared};
use crate::{accept, table};

/// Beyond so many rules only siaga is asked.
pub const MOST_FOR_PEERS: usize = 10_000;

/// Engines whose loading is measured; all lines of siaga load alike.
const LOADED: [&str; 3] = [LOADED_AS, "zen", "sigma"];
/// The line that loads all of siaga.
pub const LOADED_AS: &str = "siaga-replay";

/// What to compare.
#[derive(clap::Args)]
pub struct Options {
    /// How many records.
    #[arg(long, default_value_t = 50_000)]
    records: usize,
    /// How many rules, one column each; more than 10,000 for siaga alone.
    #[arg(long, value_delimiter = ',', default_value = "100,1000,10000")]
    rules: Vec<usize>,
    /// Another seed gives other records and rules.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only these engines, by word: siaga, siaga-step, siaga-replay, native, zen, sigma-slots, sigma, rhai, typed, sonic.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Also writes the table as Markdown.
    #[arg(long)]
    out: Option<PathBuf>,
    /// All engines are asked in turn so many times: what slows the machine for a while then slows none of them alone.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Runs of an engine in each round; the best of all counts.
    #[arg(long, default_value_t = 2)]
    runs: usize,
    /// Seconds that a run may take; a slow engine is given as many records as fit.
    #[arg(long, default_value_t = 2.0)]
    budget: f64,
    /// Where records and rules are written.
    #[arg(long, default_value_os_t = crate::work())]
    work: PathBuf,
}

/// What was measured.
#[derive(Default)]
pub struct Results {
    /// The numbers of rules, in order.
    pub counts: Vec<usize>,
    /// Records of a full run.
    pub records: usize,
    /// By engine and number of rules; 0 rules for the limits.
    pub ran: BTreeMap<(&'static str, usize), Ran>,
    /// By engine and number of rules.
    pub loaded: BTreeMap<(&'static str, usize), Loaded>,
    /// Engines that could not run, and why.
    pub notes: Vec<String>,
    /// Where an engine found something else.
    pub differences: Vec<String>,
    /// What was generated and how it was compiled.
    pub told: Vec<String>,
}

impl Results {
    /// Records a second of an engine.
    pub fn rate(&self, engine: &str, rules: usize) -> Option<f64> {
        self.ran.iter().find(|((name, count), _)| *name == engine && *count == rules).map(|(_, ran)| ran.rate())
    }

    /// What loading took.
    pub fn load(&self, engine: &str, rules: usize) -> Option<Loaded> {
        self.loaded.iter().find(|((name, count), _)| *name == engine && *count == rules).map(|(_, loaded)| *loaded)
    }
}

/// Runs the comparison; fails where engines disagree.
pub fn run(options: &Options) -> Result<ExitCode> {
    let lines: Vec<&Line> = LINES.iter().filter(|line| options.wants(line)).collect();
    ensure!(!lines.is_empty(), "no engine of that word");
    let mut counts = options.rules.clone();
    counts.sort_unstable();
    counts.dedup();
    let wanted: Vec<(usize, Vec<Form>)> = counts
        .iter()
        .map(|count| {
            let mut forms: Vec<Form> = lines.iter().filter(|line| asked(line, *count)).map(|line| line.form).collect();
            forms.sort_unstable();
            forms.dedup();
            (*count, forms)
        })
        .collect();
    eprintln!(
        "generating {} records and the rules in {} forms",
        options.records,
        wanted.iter().map(|w| w.1.len()).sum::<usize>()
    );
    let prepared = prepare::prepare(&options.work, options.seed, options.records, &wanted)?;
    let mut results = Results { counts, records: options.records, ..Results::default() };
    results.told.push(prepared.told.clone());
    for (count, seconds) in &prepared.compiling {
        results.told.push(format!("{count} rules as Rust: compiled in {seconds:.0} s (opt-level 3), 250 rules a unit"));
    }
    options.measure(&lines, &prepared, &mut results)?;
    let markdown = format!("{}\n{}", table::markdown(&results, &lines), accept::lines(&results));
    println!("{markdown}");
    if let Some(file) = &options.out {
        fs::write(file, markdown)?;
    }
    let agree = results.differences.is_empty();
    Ok(if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn asked(line: &Line, rules: usize) -> bool {
    line.form == Form::Pack || (rules <= MOST_FOR_PEERS && line.form != Form::Nothing)
}

impl Options {
    fn wants(&self, line: &Line) -> bool {
        let word = |word: &String| word == line.name || (word == "siaga" && line.form == Form::Pack);
        self.only.is_empty() || self.only.iter().any(word)
    }

    fn measure(&self, lines: &[&Line], prepared: &Prepared, results: &mut Results) -> Result<()> {
        let counts = results.counts.clone();
        let matched: Vec<Vec<Vec<u32>>> =
            counts.iter().map(|count| prepared.columns.matched(&prepared.rules[..*count])).collect();
        for round in 1..=self.rounds {
            eprintln!("round {round} of {}", self.rounds);
            for line in lines.iter().filter(|line| line.form == Form::Nothing) {
                self.one(line, 0, &[], prepared, results);
            }
            for (count, matched) in counts.iter().zip(&matched) {
                for line in lines.iter().filter(|line| asked(line, *count)) {
                    self.one(line, *count, matched, prepared, results);
                    if LOADED.contains(&line.name) && *count >= MOST_FOR_PEERS {
                        let loaded = load(line, &line.form.path(&prepared.work, *count))?;
                        let best = results.loaded.entry((line.name, *count)).or_insert(loaded);
                        if loaded.seconds < best.seconds {
                            *best = loaded;
                        }
                    }
                }
            }
        }
        for told in [&mut results.notes, &mut results.differences] {
            // each round says the same
            told.sort();
            told.dedup();
        }
        Ok(())
    }

    fn one(&self, line: &Line, count: usize, matched: &[Vec<u32>], prepared: &Prepared, results: &mut Results) {
        eprintln!("{}, {count} rules", line.name);
        let file = prepared.work.join("matches");
        match self.child(line, count, prepared, &file) {
            Ok(ran) => {
                let best = results.ran.entry((line.name, count)).or_insert(ran);
                if ran.rate() > best.rate() {
                    *best = ran;
                }
                if count > 0 {
                    let found = measure::read(&file).unwrap_or_default();
                    results.differences.extend(difference(line.name, count, ran.records, &found, matched));
                }
            }
            Err(error) => results.notes.push(format!("{}, {count} rules: {error}", line.name)),
        }
    }

    fn child(&self, line: &Line, count: usize, prepared: &Prepared, matches: &Path) -> Result<Ran> {
        let form = line.form.path(&prepared.work, count);
        let mut command = match line.load {
            None => {
                let mut command = Command::new(form.join("target/release/native"));
                command.arg(&prepared.lines).arg(self.runs.to_string()).arg(self.budget.to_string()).arg(matches);
                command
            }
            Some(_) => {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .args(["child", "--engine", line.name, "--form"])
                    .arg(form)
                    .arg("--records")
                    .arg(&prepared.lines);
                command.args(["--runs", &self.runs.to_string(), "--budget", &self.budget.to_string(), "--matches"]);
                command.arg(matches);
                command
            }
        };
        answer(&mut command)
    }
}

fn load(line: &Line, form: &Path) -> Result<Loaded> {
    answer(Command::new(std::env::current_exe()?).args(["child", "--engine", line.name, "--form"]).arg(form))
}

fn answer<T: serde::de::DeserializeOwned>(command: &mut Command) -> Result<T> {
    let output = command.output().context("cannot start")?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(anyhow!("{}", told.trim().trim_start_matches("Error: ").lines().next().unwrap_or("it failed")));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The first record for which an engine lists other rules.
fn difference(engine: &str, rules: usize, records: usize, found: &[Vec<u32>], matched: &[Vec<u32>]) -> Option<String> {
    if found.len() != records {
        return Some(format!("{engine}, {rules} rules: {} lists for {records} records", found.len()));
    }
    let place = found.iter().zip(matched).position(|(found, matched)| found != matched)?;
    let only = |a: &[u32], b: &[u32]| -> Vec<u32> { a.iter().filter(|rule| !b.contains(rule)).copied().collect() };
    let (found, matched) = (&found[place], &matched[place]);
    Some(format!(
        "{engine}, {rules} rules: record {} is said to match {:?} and not to match {:?}",
        place + 1,
        only(found, matched),
        only(matched, found)
    ))
}
