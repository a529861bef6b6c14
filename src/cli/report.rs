//! `siaga report`: how alerts fall on people as a whole, for those who answer for them.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::compare::Side;
use crate::disparity::{Census, LEAST, Row, Share};
use crate::intake::{Submitter, sort};
use crate::record::Record;
use crate::record::parse::Received;
use crate::replay::Replay;
use crate::store::people::AlertFilter;
use crate::store::{Scope, Store};
use crate::words::{Language, Text, say};

use super::rows::{BATCH, TableArgs, Tables, each_batch};
use super::{Deployment, Exit, Format, Streams, join_store, load_deployment, load_pack};

/// Alerts that are read at once.
const PAGE: usize = 500;

/// What to report.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// People with an alert beside all people in the records, by nationality; small counts are hidden
    Disparity(Args),
}

/// On which records.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder, with `--records`; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    #[arg(long, requires = "records")]
    rules: Option<PathBuf>,
    /// Files with records, in order of arrival; the deployment's store when left out
    #[arg(long, num_args = 1..)]
    records: Vec<PathBuf>,
    #[command(flatten)]
    tables: TableArgs,
    #[command(flatten)]
    deployment: Deployment,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Reports.
pub fn run(what: &What, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let What::Disparity(args) = what;
    let census = if args.records.is_empty() { of_store(args, streams)? } else { of_files(args, streams)? };
    match args.format {
        Format::Json => json(&census, streams)?,
        Format::Human => table(&census, streams)?,
    }
    Ok(Exit::Clean)
}

fn of_files(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Census> {
    let pack = Arc::new(load_pack(args.rules.as_deref(), streams)?);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut replay = Replay::with_threads(pack.clone(), threads);
    let (mut side, mut census) = (Side::default(), Census::default());
    let tables = Tables::new(&args.tables, &pack, streams.language)?;
    each_batch(&args.records, &tables, BATCH, |rows, _| {
        side.note(&replay.feed(rows));
        let sorted = sort(&pack.schema, rows.to_vec(), Received::Stated, pack.timeline.zone, &Submitter::LOCAL);
        sorted.accepted.iter().for_each(|parsed| census.see(&parsed.record));
        Ok(())
    })?;
    for outcome in side.outcomes().filter(|outcome| !outcome.told.is_empty()) {
        census.alert(&outcome.alert, &outcome.subject);
    }
    Ok(census)
}

fn of_store(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Census> {
    let (config, pack) = load_deployment(&args.deployment, streams)?;
    let store = join_store(&config)?;
    let mut census = Census::default();
    store.pass(
        (0, store.head()?),
        |_| true,
        |passed| {
            let record =
                passed.body.map(|body| Record::from_stored(&pack.schema, body, passed.received_at, pack.timeline.zone));
            if let Some(Ok(record)) = record {
                census.see(&record);
            }
        },
    )?;
    alerts(&store, &mut census)?;
    Ok(census)
}

fn alerts(store: &Store, census: &mut Census) -> anyhow::Result<()> {
    let mut cursor = None;
    loop {
        let page = store.alerts(&AlertFilter::everything(Scope::All), cursor.as_deref(), PAGE)?;
        for alert in page.items.iter().filter(|alert| !alert.told.is_empty()) {
            census.alert(&alert.id, &alert.subject);
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn table(census: &Census, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let language = streams.language;
    let said = |text: Text| text.render(language);
    let whole = census.whole();
    let heading = say("disparity-heading").with("people", whole.people).with("alerted", whole.with_alert);
    writeln!(streams.out, "{}\n", said(heading.with("share", percent(whole.share.value, language))))?;
    let titles = [
        say("disparity-nationality"),
        say("disparity-people"),
        say("disparity-with-alert"),
        say("disparity-alerts"),
        say("disparity-share"),
        say("disparity-chance"),
    ];
    let [nationality, people, with_alert, alerts, share, chance] = titles.map(said);
    writeln!(streams.out, "{nationality:<16}{people:>10}{with_alert:>18}{alerts:>12}{share:>10}   {chance}")?;
    for row in census.rows() {
        let count = |count: Option<usize>| count.map_or_else(|| "·".to_owned(), |count| count.to_string());
        let (share, chance) = match row.share {
            Some(share) => (percent(share.value, language), interval(share, whole.share.value, language)),
            None => ("·".to_owned(), say("disparity-hidden")),
        };
        writeln!(
            streams.out,
            "{:<16}{:>10}{:>18}{:>12}{share:>10}   {}",
            row.nationality,
            count(row.people),
            count(row.with_alert),
            count(row.alerts),
            said(chance),
        )?;
    }
    let elsewhere = say("disparity-elsewhere").with("alerts", census.alerts_about_no_person());
    writeln!(streams.out, "\n{}", said(elsewhere))?;
    writeln!(streams.out, "{}", said(say("disparity-note").with("least", LEAST)))?;
    Ok(())
}

fn interval(share: Share, whole: f64, language: Language) -> Text {
    let text = match (share.differs_from(whole), share.value > whole) {
        (false, _) => say("disparity-within-chance"),
        (true, true) => say("disparity-above-chance"),
        (true, false) => say("disparity-below-chance"),
    };
    text.with("from", percent(share.from, language)).with("to", percent(share.to, language))
}

fn percent(share: f64, language: Language) -> String {
    let percent = format!("{:.1} %", share * 100.0);
    match language {
        Language::English => percent,
        Language::Indonesian => percent.replace('.', ","),
    }
}

/// One nationality, as JSON; what is hidden is null.
#[derive(Debug, Serialize)]
struct Line<'a> {
    nationality: &'a str,
    people: Option<usize>,
    with_alert: Option<usize>,
    alerts: Option<usize>,
    share: Option<f64>,
    share_from: Option<f64>,
    share_to: Option<f64>,
}

fn json(census: &Census, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    for row in census.rows() {
        let Row { nationality, people, with_alert, alerts, share } = &row;
        let line = Line {
            nationality,
            people: *people,
            with_alert: *with_alert,
            alerts: *alerts,
            share: share.map(|share| share.value),
            share_from: share.map(|share| share.from),
            share_to: share.map(|share| share.to),
        };
        writeln!(streams.out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}
