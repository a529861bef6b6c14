//! `siaga quarantine`: the rows that did not stand, with the reason.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde_json::Value as Json;

use super::token::OPERATOR;
use super::{Deployment, Exit, Format, Streams, join_store, load_deployment};
use crate::clock;
use crate::http::quarantine::QuarantinedView;
use crate::intake::fix::{Change, FixError};
use crate::store::StoreError;
use crate::store::quarantine::Quarantined;

/// What to do with the rows.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// The rows that wait, the newest first
    List {
        /// At most so many
        #[arg(long, default_value = "50")]
        limit: usize,
        #[command(flatten)]
        deployment: Deployment,
        /// How to print
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// One row whole, for correction
    Show {
        /// Its number
        id: i64,
        #[command(flatten)]
        deployment: Deployment,
        /// How to print
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// Set parts of a row right, or give it whole; it is taken where it stands then, and the first version is kept
    Fix {
        /// Its number
        id: i64,
        /// A place and a text, as in `/place/kabupaten=16.01`
        #[arg(long, value_name = "PLACE=TEXT", value_parser = part)]
        set: Vec<(String, Json)>,
        /// A place and JSON, for numbers, yes or no, and to take a member out: `/permit/may_work=false`
        #[arg(long, value_name = "PLACE=JSON", value_parser = json_part)]
        set_json: Vec<(String, Json)>,
        /// A file with the whole record
        #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "set_json"], required_unless_present_any = ["set", "set_json"])]
        record: Option<PathBuf>,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Try a row again as it is, because the pack has changed since
    Retry {
        /// Its number
        id: i64,
        #[command(flatten)]
        deployment: Deployment,
    },
    /// Take a row off the list that nobody will correct; it is kept, and can still be shown
    Drop {
        /// Its number
        id: i64,
        /// Why; it stands beside the row from then on
        #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
        reason: String,
        #[command(flatten)]
        deployment: Deployment,
    },
}

/// Does it. Of a list exit code 1 says that rows wait.
pub fn run(what: &What, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    match what {
        What::List { limit, deployment, format } => list(*limit, deployment, *format, streams),
        What::Show { id, deployment, format } => show(*id, deployment, *format, streams),
        What::Fix { id, set, set_json, record, deployment } => {
            let change = match record {
                Some(path) => {
                    Change::Whole(std::fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?)
                }
                None => Change::Parts(set.iter().chain(set_json).cloned().collect()),
            };
            fix(*id, &change, deployment, streams)
        }
        What::Retry { id, deployment } => fix(*id, &Change::Nothing, deployment, streams),
        What::Drop { id, reason, deployment } => drop_row(*id, reason, deployment, streams),
    }
}

fn list(limit: usize, deployment: &Deployment, format: Format, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, pack) = load_deployment(deployment, streams)?;
    let page = join_store(&config)?.quarantine(None, limit)?;
    let exit = if page.items.is_empty() { Exit::Clean } else { Exit::Findings };
    for row in page.items {
        match format {
            Format::Human => writeln!(streams.out, "{}", summary(&row))?,
            Format::Json => {
                let line = serde_json::to_string(&QuarantinedView::of(row, pack.timeline.zone))?;
                writeln!(streams.out, "{line}")?;
            }
        }
    }
    if page.next.is_some() {
        writeln!(streams.err, "there are more; help: `--limit`")?;
    }
    Ok(exit)
}

fn show(id: i64, deployment: &Deployment, format: Format, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, pack) = load_deployment(deployment, streams)?;
    let row = join_store(&config)?.quarantined(id)?;
    let row = row.with_context(|| format!("there is no row `{id}` in quarantine"))?;
    match format {
        Format::Human => {
            writeln!(streams.out, "{}\n", summary(&row))?;
            streams.out.write_all(&row.body)?;
            writeln!(streams.out)?;
        }
        Format::Json => {
            let line = serde_json::to_string(&QuarantinedView::with_body(row, pack.timeline.zone))?;
            writeln!(streams.out, "{line}")?;
        }
    }
    Ok(Exit::Clean)
}

fn fix(id: i64, change: &Change, deployment: &Deployment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, pack) = load_deployment(deployment, streams)?;
    let store = join_store(&config)?;
    let row = store.quarantined(id)?;
    let waits = row.filter(|row| row.settled_at.is_none());
    let row = waits.with_context(|| format!("no row `{id}` waits in quarantine\nhelp: `siaga quarantine list`"))?;
    let clock = config.clock.clock();
    let entry = match change.entry(&row.body, &pack.schema, pack.timeline.zone, clock.received(), OPERATOR) {
        Ok(entry) => entry,
        Err(FixError::Refused(faults)) => {
            writeln!(streams.err, "{}", FixError::Refused(faults))?;
            return Ok(Exit::Findings);
        }
        Err(error) => return Err(error.into()),
    };
    store.append(vec![entry], clock.edge_time()).wait()?;
    store.quarantine_fixed(id, change.how(OPERATOR), OPERATOR, clock::now()).wait()?;
    writeln!(streams.err, "row {id} stands now, and no longer waits")?;
    Ok(Exit::Clean)
}

fn part(stated: &str) -> Result<(String, Json), String> {
    let (place, text) = stated.split_once('=').ok_or("write it as `/place/kabupaten=16.01`")?;
    Ok((place.to_owned(), Json::from(text)))
}

fn json_part(stated: &str) -> Result<(String, Json), String> {
    let (place, json) = stated.split_once('=').ok_or("write it as `/permit/may_work=false`")?;
    let json = serde_json::from_str(json).map_err(|error| format!("`{json}` is not JSON: {error}"))?;
    Ok((place.to_owned(), json))
}

fn drop_row(id: i64, reason: &str, deployment: &Deployment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, _) = load_deployment(deployment, streams)?;
    let dropped = join_store(&config)?.quarantine_drop(id, reason, OPERATOR, clock::now()).wait();
    match dropped {
        Err(StoreError::NotFound(_)) => bail!("no row `{id}` waits in quarantine\nhelp: `siaga quarantine list`"),
        other => other?,
    }
    writeln!(streams.err, "row {id} no longer waits")?;
    Ok(Exit::Clean)
}

fn summary(row: &Quarantined) -> String {
    let who = row.source.as_deref().unwrap_or("?");
    let id = row.record_id.as_deref().unwrap_or("?");
    let settled = row.settled_how.as_ref().map_or_else(String::new, |how| format!(", {how}"));
    format!(
        "{}  {who}/{id}  from {}, {} time(s){settled}\n    {} at `{}`: {}",
        row.id, row.submitted_by, row.times, row.code, row.pointer, row.detail
    )
}
