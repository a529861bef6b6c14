//! One engine in one process: loads, runs the lines several times, says what it took.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use crate::engines::{Engine, LINES, Matches};

/// Lines on which an engine is tried, to see how many it can do in the time.
const TRIAL: usize = 200;

/// What a child does.
#[derive(clap::Args)]
pub struct Child {
    /// The engine's word.
    #[arg(long)]
    pub engine: String,
    /// Its form of the rules.
    #[arg(long)]
    pub form: PathBuf,
    /// The records; none: it only loads.
    #[arg(long)]
    pub records: Option<PathBuf>,
    /// The best of so many runs counts.
    #[arg(long, default_value_t = 3)]
    pub runs: usize,
    /// Seconds that a run may take; it is cut to as many records as fit.
    #[arg(long, default_value_t = 2.0)]
    pub budget: f64,
    /// Where the matches go.
    #[arg(long)]
    pub matches: Option<PathBuf>,
}

/// What loading took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Loaded {
    /// From the file to the first record.
    pub seconds: f64,
    /// The most memory that the process had, in megabytes.
    pub megabytes: f64,
}

/// What running took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ran {
    /// Records of a run.
    pub records: usize,
    /// The best run.
    pub seconds: f64,
}

impl Ran {
    /// Records a second.
    pub fn rate(self) -> f64 {
        self.records as f64 / self.seconds
    }
}

/// Does what a parent asked for and prints one line of JSON.
pub fn child(child: &Child) -> Result<()> {
    let line = LINES.iter().find(|line| line.name == child.engine).ok_or_else(|| anyhow!("no such engine"))?;
    let Some(load) = line.load else { bail!("`{}` is a program of its own", child.engine) };
    let started = Instant::now();
    let mut engine = load(&child.form)?;
    let Some(records) = &child.records else {
        let loaded = Loaded { seconds: started.elapsed().as_secs_f64(), megabytes: most_memory()? };
        println!("{}", serde_json::to_string(&loaded)?);
        return Ok(());
    };
    let text = fs::read_to_string(records)?;
    let lines: Vec<&str> = text.lines().collect();
    let (ran, matches) = best(engine.as_mut(), &lines, child)?;
    if let Some(file) = &child.matches {
        write(file, &matches)?;
    }
    println!("{}", serde_json::to_string(&ran)?);
    Ok(())
}

fn best(engine: &mut dyn Engine, lines: &[&str], child: &Child) -> Result<(Ran, Matches)> {
    let mut timed = |lines: &[&str]| -> Result<(f64, Matches)> {
        let started = Instant::now();
        let matches = engine.run(lines)?;
        Ok((started.elapsed().as_secs_f64(), matches))
    };
    let trial = &lines[..lines.len().min(TRIAL)];
    let (seconds, _) = timed(trial)?;
    let fitting = (child.budget / seconds * trial.len() as f64) as usize;
    let lines = &lines[..lines.len().min(fitting.max(trial.len()))];
    let (mut seconds, mut matches) = timed(lines)?;
    for _ in 1..child.runs {
        let run = timed(lines)?;
        seconds = seconds.min(run.0);
        matches = run.1;
    }
    Ok((Ran { records: lines.len(), seconds }, matches))
}

fn most_memory() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("memory is read from /proc, as Linux has it")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no `VmHWM`")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}

fn write(file: &Path, matches: &Matches) -> Result<()> {
    fs::write(file, matches.0.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>())?;
    Ok(())
}

/// The lists of rules, record by record.
pub fn read(file: &Path) -> Result<Vec<Vec<u32>>> {
    let bytes = fs::read(file)?;
    let mut numbers = bytes.chunks_exact(4).map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]));
    let mut lists = Vec::new();
    while let Some(length) = numbers.next() {
        lists.push(numbers.by_ref().take(length as usize).collect());
    }
    Ok(lists)
}
