//! `siaga check`: everything that is wrong with a pack.

mod counterfactual;

use std::path::PathBuf;

use crate::pack;
use crate::pack::files::Files;

use super::{Exit, Format, Streams};

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; the built-in pack when left out
    pack: Option<PathBuf>,
    /// Also exchange nationality, passport issuer, sex and name among the people of these records, and list every
    /// decision that then comes out otherwise; exit code 1 when there is one
    #[arg(long, num_args = 1.., value_name = "FILE")]
    counterfactual: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Checks a pack.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let loaded = match &args.pack {
        Some(folder) => pack::load(folder),
        None => pack::build(Files::built_in()),
    };
    match args.format {
        Format::Human => write!(streams.out, "{}", loaded.render(streams.color))?,
        Format::Json => {
            for diagnostic in &loaded.diagnostics {
                writeln!(streams.out, "{}", serde_json::to_string(diagnostic)?)?;
            }
        }
    }
    let errors = loaded.errors();
    let warnings = loaded.diagnostics.len() - errors;
    match &loaded.pack {
        Some(pack) => writeln!(
            streams.err,
            "{}: {} rules, {} thresholds, {} agencies, {} citations; {warnings} warning(s)",
            loaded.files.root,
            pack.rules.len(),
            pack.thresholds.all().len(),
            pack.agencies.len(),
            pack.citations.len(),
        )?,
        None => writeln!(streams.err, "{}: {errors} error(s), {warnings} warning(s)", loaded.files.root)?,
    }
    if let Some(pack) = loaded.pack.filter(|_| !args.counterfactual.is_empty()) {
        return counterfactual::run(pack, &args.counterfactual, args.format, streams);
    }
    Ok(if errors == 0 { Exit::Clean } else { Exit::Findings })
}
