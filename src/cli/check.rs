//! `siaga check`: everything that is wrong with a pack.

mod counterfactual;
mod github;
mod said;
mod sarif;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::pack::Loaded;
use crate::trial::scenario;
use crate::words::say;

use super::{Exit, Format, Streams, open_pack};
use said::Said;

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    pack: Option<PathBuf>,
    /// Also exchange nationality, passport issuer, sex and name among the people of these records, and list every
    /// decision that then comes out otherwise; exit code 1 when there is one
    #[arg(long, num_args = 1.., value_name = "FILE")]
    counterfactual: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Form,
}

/// How diagnostics are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Human,
    /// For programs: one JSON object a line.
    Json,
    /// For code hosts and editors: SARIF 2.1.0.
    Sarif,
    /// For GitHub workflows: annotations.
    Github,
}

/// Checks a pack.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let mut loaded = open_pack(args.pack.as_deref());
    if let Some(pack) = &loaded.pack {
        let scenarios = scenario::of_pack(pack);
        loaded.diagnostics.extend(scenarios.diagnostics);
        loaded.files.texts.extend(scenarios.files.texts);
    }
    let said = || loaded.diagnostics.iter().map(|diagnostic| Said::of(diagnostic, &loaded.files, streams.language));
    match args.format {
        Form::Human => {
            write!(streams.out, "{}", loaded.render_in(streams.language, streams.color))?;
            hint(&loaded, streams)?;
        }
        Form::Json => {
            for said in said() {
                writeln!(streams.out, "{}", serde_json::to_string(&said)?)?;
            }
        }
        Form::Sarif => {
            let log = sarif::log(&loaded.files.root, &said().collect::<Vec<_>>(), streams.language);
            writeln!(streams.out, "{}", serde_json::to_string_pretty(&log)?)?;
        }
        Form::Github => {
            for said in said() {
                writeln!(streams.out, "{}", github::annotation(&loaded.files.root, &said))?;
            }
        }
    }
    summary(&loaded, streams)?;
    let errors = loaded.errors();
    if let Some(pack) = loaded.pack.filter(|_| !args.counterfactual.is_empty()) {
        let format = if args.format == Form::Json { Format::Json } else { Format::Human };
        return counterfactual::run(pack, &args.counterfactual, format, streams);
    }
    Ok(if errors == 0 { Exit::Clean } else { Exit::Findings })
}

/// How the codes that were met are explained.
fn hint(loaded: &Loaded, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let codes: BTreeSet<&str> = loaded.diagnostics.iter().map(|diagnostic| diagnostic.code.word()).collect();
    if let Some(first) = codes.first() {
        let codes = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        let hint = say("check-explain").with("codes", codes).with("first", *first);
        writeln!(streams.out, "{}", hint.render(streams.language))?;
    }
    Ok(())
}

fn summary(loaded: &Loaded, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let errors = loaded.errors();
    let warnings = loaded.diagnostics.len() - errors;
    let summary = match loaded.pack.as_ref().filter(|_| errors == 0) {
        Some(pack) => say("check-loads")
            .with("rules", pack.rules.len())
            .with("thresholds", pack.thresholds.all().len())
            .with("agencies", pack.agencies.len())
            .with("citations", pack.citations.len()),
        _ => say("check-fails").with("errors", errors),
    };
    let summary = summary.with("pack", loaded.files.root.as_str()).with("warnings", warnings);
    writeln!(streams.err, "{}", summary.render(streams.language))?;
    Ok(())
}
