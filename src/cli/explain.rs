//! `siaga explain`: what rules made of a record, what an alert rests on, what a rule is for, what a code means.

mod alert;
mod known;
mod line;
mod record;
mod told;

use std::path::PathBuf;

use crate::pack::diagnostic::did_you_mean;
use crate::pack::{catalogue, codes};
use crate::words::say;

use super::{Exit, Streams, load_whole, unknown, wrong};

/// What to explain.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// A code of `siaga check`, as in SG012
    code: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// For every rule: why it found something at a record, or which condition stopped it and what that saw
    Record(record::Args),
    /// What an alert rests on, what happened to it and who was told
    Alert(alert::Args),
    /// A rule as the catalogue has it
    Rule {
        /// The rule's id
        id: String,
        /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
        #[arg(long, value_name = "PACK")]
        rules: Option<PathBuf>,
    },
}

/// Explains.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    match (&args.what, &args.code) {
        (Some(What::Record(args)), _) => record::run(args, streams),
        (Some(What::Alert(args)), _) => alert::run(args, streams),
        (Some(What::Rule { id, rules }), _) => rule(id, rules.as_ref(), streams),
        (None, Some(word)) => code(word, streams),
        (None, None) => Ok(Exit::Clean),
    }
}

fn rule(id: &str, folder: Option<&PathBuf>, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (pack, files) = load_whole(folder.map(PathBuf::as_path), streams)?;
    let Some(rule) = pack.rule(id) else {
        let known = pack.rules.iter().map(|rule| rule.id.as_ref());
        return Err(unknown(say("thing-rule"), id, did_you_mean(id, known), streams.language));
    };
    writeln!(streams.out, "{}", catalogue::rule(&pack, &files, rule)?)?;
    Ok(Exit::Clean)
}

fn code(word: &str, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let language = streams.language;
    let code = codes::find(word).map_err(|(message, help)| wrong(&message, Some(&help), language))?;
    write!(streams.out, "{}", codes::explain(code, language))?;
    Ok(Exit::Clean)
}
