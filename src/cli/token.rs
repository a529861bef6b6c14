//! `siaga token`: making the tokens that callers show.

use anyhow::{Context as _, bail};
use chrono::{Days, Utc};
use clap::builder::PossibleValuesParser;
use serde_json::json;

use super::{Deployment, Exit, Format, Streams, join_store, load_deployment};
use crate::clock;
use crate::http::access::{EVERY, new_token, token_hash};
use crate::http::role::Role;
use crate::pack::Pack;
use crate::pack::diagnostic::nearest;
use crate::store::access::TokenRecord;

/// Who works on the command line, in the audit log.
pub const OPERATOR: &str = "operator";

/// What to do with tokens.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// Make a token; it is shown once and kept nowhere
    New(Args),
}

/// The token to make.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The agency that it speaks for, by its id in the pack
    #[arg(long)]
    agency: String,
    /// What it is for: a source sends records, an officer answers alerts, an author reads thresholds, a coordinator
    /// tunes and keeps things running, an auditor reads
    #[arg(long, value_parser = PossibleValuesParser::new(Role::ALL.map(|(_, word)| word)))]
    role: String,
    /// A source in whose name it may send records; may be repeated; `*` for all
    #[arg(long = "source")]
    sources: Vec<String>,
    /// A kind of record that it may send; may be repeated; all when left out
    #[arg(long = "kind")]
    kinds: Vec<String>,
    /// For how many days it is good
    #[arg(long, default_value = "365", value_parser = clap::value_parser!(u32).range(1..=3650))]
    expires_days: u32,
    #[command(flatten)]
    deployment: Deployment,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Does it.
pub fn run(what: &What, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let What::New(args) = what;
    let (config, pack) = load_deployment(&args.deployment, streams)?;
    check(args, &pack)?;
    let now = clock::now();
    let expires_at = now.checked_add_days(Days::new(u64::from(args.expires_days)));
    let token = new_token().context("the operating system gives no random bytes")?;
    let record = TokenRecord {
        hash: token_hash(&token),
        agency: args.agency.clone(),
        role: args.role.clone(),
        sources: args.sources.clone(),
        kinds: kinds(args),
        created_at: now,
        expires_at,
    };
    join_store(&config)?.token_add(record, OPERATOR).wait()?;
    let expires_at = expires_at.map(|at| at.with_timezone::<Utc>(&Utc).to_rfc3339());
    match args.format {
        Format::Human => {
            writeln!(streams.out, "{token}")?;
            writeln!(streams.err, "good until {}; it is not shown again", expires_at.unwrap_or_default())?;
        }
        Format::Json => {
            let line = json!({ "token": token, "agency": args.agency, "role": args.role, "expires_at": expires_at });
            writeln!(streams.out, "{line}")?;
        }
    }
    Ok(Exit::Clean)
}

/// Who may send, sends every kind unless it is said which.
fn kinds(args: &Args) -> Vec<String> {
    if args.kinds.is_empty() && !args.sources.is_empty() { vec![EVERY.to_owned()] } else { args.kinds.clone() }
}

fn check(args: &Args, pack: &Pack) -> anyhow::Result<()> {
    if pack.agency(&args.agency).is_none() {
        let known = pack.agencies.iter().map(|agency| agency.id.as_ref());
        bail!(unknown("agency", &args.agency, known, "its agencies are in `agencies.toml`"));
    }
    if args.role == Role::Source.word() && args.sources.is_empty() {
        bail!("a token of the role `source` needs the sources that it may send for\nhelp: add `--source ID`");
    }
    for source in args.sources.iter().filter(|source| source.as_str() != EVERY) {
        if !pack.sources.iter().any(|known| known.id == *source) {
            let known = pack.sources.iter().map(|source| source.id.as_str());
            bail!(unknown("source", source, known, "its sources are in `sources.toml`"));
        }
    }
    for kind in args.kinds.iter().filter(|kind| kind.as_str() != EVERY) {
        if pack.schema.kind_id(kind).is_none() {
            let known = pack.schema.kinds().iter().map(|kind| kind.name.as_ref());
            bail!(unknown("kind of record", kind, known, "a kind is such as `lodging.check_in`"));
        }
    }
    Ok(())
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>, otherwise: &str) -> String {
    let help = nearest(name, known).map_or(otherwise.to_owned(), |word| format!("did you mean `{word}`?"));
    format!("the pack has no {what} `{name}`\nhelp: {help}")
}
