//! The engines: each loads its own form of the rules from a file, then lists for each line the rules that match it.

#[cfg(feature = "cel")]
mod cel;
mod limits;
mod rhai;
mod siaga;
mod sigma;
#[cfg(feature = "zen")]
mod zen;

use std::path::{Path, PathBuf};

use anyhow::Result;

/// What was found: for each record how many rules matched, then which, in order.
#[derive(Debug, Default)]
pub struct Matches(pub Vec<u32>);

impl Matches {
    /// Adds the rules that match the next record.
    pub fn push(&mut self, rules: &mut [u32]) {
        rules.sort_unstable();
        self.0.push(u32::try_from(rules.len()).unwrap_or(u32::MAX));
        self.0.extend_from_slice(rules);
    }
}

/// A loaded engine.
pub trait Engine {
    /// Reads each line, evaluates, lists. Nothing of a former run is left.
    fn run(&mut self, lines: &[&str]) -> Result<Matches>;
}

/// Loads an engine from its file.
pub type Load = fn(&Path) -> Result<Box<dyn Engine>>;

/// A line of the table.
#[derive(Clone, Copy)]
pub struct Line {
    /// Its word on the command line.
    pub name: &'static str,
    /// What the table says.
    pub label: &'static str,
    /// How it is loaded; none for the program of its own.
    pub load: Option<Load>,
    /// The form of the rules that it reads.
    pub form: Form,
}

/// What an engine reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// No rules: a limit.
    Nothing,
    /// A pack.
    Pack,
    /// A list of rhai expressions.
    Rhai,
    /// A decision.
    #[cfg(feature = "zen")]
    Zen,
    /// Sigma rules.
    Sigma,
    /// A program.
    Rust,
    /// A list of CEL expressions.
    #[cfg(feature = "cel")]
    Cel,
}

impl Form {
    /// Where the form of so many rules stands.
    pub fn path(self, work: &Path, rules: usize) -> PathBuf {
        match self {
            Form::Nothing => work.to_owned(),
            Form::Pack => work.join(format!("pack-{rules}")),
            Form::Rhai => work.join(format!("rhai-{rules}.json")),
            #[cfg(feature = "zen")]
            Form::Zen => work.join(format!("zen-{rules}.json")),
            Form::Sigma => work.join(format!("sigma-{rules}.yml")),
            Form::Rust => work.join(format!("native-{rules}")),
            #[cfg(feature = "cel")]
            Form::Cel => work.join(format!("cel-{rules}.json")),
        }
    }
}

const fn line(name: &'static str, label: &'static str, load: Option<Load>, form: Form) -> Line {
    Line { name, label, load, form }
}

/// All lines, in the table's order.
pub const LINES: &[Line] = &[
    line("siaga", "siaga, matched rules", Some(siaga::matched), Form::Pack),
    line("siaga-step", "siaga, the whole step: findings with their evidence", Some(siaga::stepped), Form::Pack),
    line("siaga-replay", "siaga, the whole replay: log, steps, triage, alerts", Some(siaga::replayed), Form::Pack),
    line("native", "the rules generated as Rust and compiled, typed serde", None, Form::Rust),
    #[cfg(feature = "zen")]
    line("zen", "ZEN decision table (zen-engine, compiled)", Some(zen::load), Form::Zen),
    line("sigma-slots", "rsigma-eval, an event of typed slots", Some(sigma::slots), Form::Sigma),
    line("sigma", "rsigma-eval, its JSON event", Some(sigma::json), Form::Sigma),
    #[cfg(feature = "cel")]
    line("cel", "CEL (cel)", Some(cel::load), Form::Cel),
    line("rhai", "rhai, naive: compiled once, a map per record", Some(rhai::load), Form::Rhai),
    line("typed", "limit: parsing alone, serde typed", Some(limits::typed), Form::Nothing),
    line("sonic", "limit: parsing alone, sonic-rs value", Some(limits::sonic), Form::Nothing),
];
