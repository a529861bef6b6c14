//! `/metrics`: counts and ages for whoever watches the daemon; nothing about any person.

use axum::extract::State;
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::App;
use super::problem::Problem;
use super::silence::{self, Heard};
use crate::clock;
use crate::pipeline::Status;
use crate::pipeline::packs::Standing;
use crate::store::counts::Counts;
use crate::store::outbox::DeliveryState;

type Labels = Vec<(&'static str, String)>;

/// What is counted here since the process began; everything else is counted by the store.
#[derive(Clone, Default)]
pub struct Metrics {
    requests: Family<Labels, Counter>,
    rows: Family<Labels, Counter>,
}

impl Metrics {
    /// One request was answered.
    pub fn request(&self, method: &Method, route: &str, status: u16) {
        let labels = vec![("method", method.to_string()), ("route", route.to_owned()), ("status", status.to_string())];
        self.requests.get_or_create(&labels).inc();
    }

    /// Rows came in, so many of each outcome.
    pub fn records(&self, outcomes: &[(&'static str, usize)]) {
        for (outcome, count) in outcomes {
            self.rows.get_or_create(&vec![("outcome", (*outcome).to_owned())]).inc_by(*count as u64);
        }
    }
}

/// Everything, in the text format of OpenMetrics.
pub async fn show(State(app): State<App>) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    // first, so that what is judged by now has its deliveries among the counts: nothing waits unseen
    let status = app.pipeline.status();
    let (counts, head) = app.read(|store| Ok((store.counts()?, store.head()?))).await?;
    let mut registry = Registry::with_prefix("siaga");
    build(&mut registry, &app);
    folders(&mut registry, &app);
    sources(&mut registry, &silence::heard(&app).await?);
    stored(&mut registry, &counts);
    waiting(&mut registry, &counts);
    judged(&mut registry, &status, head);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| Problem::Internal("the metrics could not be written"))?;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text))
}

fn build(registry: &mut Registry, app: &App) {
    let Standing { pack, agencies_without_address, refused } = app.packs.standing();
    let labels: Labels = vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("pack", pack.name.clone()),
        ("pack_hash", pack.hash.clone()),
    ];
    registry.register("build", "The program and the rule pack", Info::new(labels));
    let silent = [(Labels::new(), agencies_without_address as u64)];
    gauges(registry, "agencies_without_address", "Agencies that rules ask and that have no address", silent);
    let help = "1 while the pack on the disk is not in force because it is refused";
    gauges(registry, "pack_refused", help, [(Labels::new(), u64::from(refused.is_some()))]);
    let errors = refused.map_or(0, |refused| refused.errors as u64);
    gauges(registry, "pack_refused_errors", "Errors of the pack that is refused", [(Labels::new(), errors)]);
    registry.register("http_requests", "Requests answered since the start", app.metrics.requests.clone());
    registry.register("rows", "Rows sent to this process, by outcome", app.metrics.rows.clone());
}

fn folders(registry: &mut Registry, app: &App) {
    let all = app.folders.standing();
    if all.is_empty() {
        return;
    }
    let pair = |folder: &str, name, value: &str| vec![("folder", folder.to_owned()), (name, value.to_owned())];
    let lying = all.iter().flat_map(|(folder, standing)| {
        [("waiting", standing.waiting), ("rejected", standing.rejected)]
            .map(|(state, files)| (pair(folder, "state", state), files as u64))
    });
    gauges(registry, "folder_files", "Files that wait in a folder under watch, or lie there refused", lying);
    let taken = all.iter().flat_map(|(folder, standing)| {
        standing.files.iter().map(|(outcome, files)| (pair(folder, "outcome", outcome), *files))
    });
    totals(registry, "folder_taken", "Files taken from a folder since the start, by outcome", taken);
    let rows = all.iter().flat_map(|(folder, standing)| {
        standing.rows.iter().map(|(outcome, rows)| (pair(folder, "outcome", outcome), *rows))
    });
    totals(registry, "folder_rows", "Rows of those files, by outcome", rows);
    let troubled = all.iter().map(|(folder, standing)| (one("folder", folder), u64::from(standing.trouble.is_some())));
    gauges(registry, "folder_trouble", "1 while files of a folder cannot be taken", troubled);
}

fn sources(registry: &mut Registry, heard: &[Heard]) {
    let age = |heard: &Heard| (one("source", &heard.source), heard.hours.max(0).unsigned_abs() * 3_600);
    let help = "Age of the newest record of a source, to the hour";
    gauges(registry, "source_age_seconds", help, heard.iter().map(age));
    let silent = |heard: &Heard| (one("source", &heard.source), u64::from(heard.is_silent));
    let help = "1 while a source has sent nothing, nil reports among it, for three times its usual gap";
    gauges(registry, "source_silent", help, heard.iter().map(silent));
}

fn stored(registry: &mut Registry, counts: &Counts) {
    let records = [
        ("accepted", counts.records),
        ("revised", counts.revisions.saturating_sub(counts.records)),
        ("stale", counts.stale),
        ("duplicate", counts.duplicates),
    ];
    let records = records.into_iter().map(|(outcome, count)| (one("outcome", outcome), count));
    totals(registry, "records", "Records since the store began, by outcome", records);
    let quarantined = counts.quarantined.iter().map(|(code, count)| (one("code", code), *count));
    gauges(registry, "quarantined", "Rows that wait in quarantine, by fault", quarantined);
    let alerts = counts.alerts.iter().map(|(state, severity, count)| {
        (vec![("state", state.clone()), ("severity", severity.word().to_owned())], *count)
    });
    gauges(registry, "alerts", "Alerts, by state and severity", alerts);
    let held = counts.alerts_held.iter().map(|(rule, count)| (one("rule", rule), *count));
    gauges(registry, "alerts_held", "Alerts of which nobody was told, by rule; of shadow rules all", held);
    let dispositions = counts.dispositions.iter().map(|(kind, count)| (one("kind", kind), *count));
    totals(registry, "dispositions", "What became of findings", dispositions);
    let failures = counts.rule_failures.iter().map(|(rule, count)| (one("rule", rule), *count));
    totals(registry, "rule_failures", "Times that a rule could not be judged", failures);
    let unknown = [(Labels::new(), counts.unknown_fields)];
    totals(registry, "unknown_fields", "Members of records that the schema does not know", unknown);
    gauges(registry, "findings", "Findings that stand", [(Labels::new(), counts.findings)]);
    gauges(registry, "timers", "Deadlines that wait", [(Labels::new(), counts.timers)]);
}

fn waiting(registry: &mut Registry, counts: &Counts) {
    let deliveries = counts.deliveries.iter().map(|(channel, state, count)| {
        (vec![("channel", channel.word().to_owned()), ("state", state.word().to_owned())], *count)
    });
    gauges(registry, "deliveries", "Deliveries, by channel and state", deliveries);
    let dead =
        counts.deliveries.iter().filter(|(_, state, _)| *state == DeliveryState::Dead).map(|(_, _, count)| count);
    gauges(registry, "dead_letters", "Deliveries that were given up", [(Labels::new(), dead.sum())]);
    let age = counts.oldest_waiting.map_or(0, |since| (clock::now() - since).num_seconds().max(0).unsigned_abs());
    let help = "Age of the oldest delivery that has not arrived";
    gauges(registry, "oldest_waiting_delivery_seconds", help, [(Labels::new(), age)]);
}

fn judged(registry: &mut Registry, status: &Status, head: i64) {
    let lag = head.saturating_sub(status.progress).max(0).unsigned_abs();
    gauges(registry, "progress_lag_entries", "Entries that wait to be judged", [(Labels::new(), lag)]);
    gauges(registry, "pipeline_running", "1 while entries are judged", [(Labels::new(), u64::from(status.running))]);
    totals(registry, "evaluated", "Entries judged since the start", [(Labels::new(), status.evaluated)]);
    let rules = status.judging.rules.iter().fold(std::collections::BTreeMap::new(), |mut rules, rule| {
        *rules.entry(rule.status.word()).or_insert(0) += 1;
        rules
    });
    let rules = rules.into_iter().map(|(status, count)| (one("status", status), count));
    gauges(registry, "rules", "Rules of the pack that judges, by status", rules);
    let endings =
        status.tally.endings(&status.judging).into_iter().map(|((rule, judged), count)| {
            (vec![("rule", rule.to_string()), ("ending", judged.word().to_owned())], count)
        });
    totals(registry, "judgements", "Judgements by rule and how they ended, since the start", endings);
}

fn one(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}

fn totals(registry: &mut Registry, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, u64)>) {
    let family = Family::<Labels, Counter>::default();
    for (labels, value) in values {
        family.get_or_create(&labels).inc_by(value);
    }
    registry.register(name, help, family);
}

fn gauges(registry: &mut Registry, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, u64)>) {
    let family = Family::<Labels, Gauge>::default();
    for (labels, value) in values {
        family.get_or_create(&labels).set(i64::try_from(value).unwrap_or(i64::MAX));
    }
    registry.register(name, help, family);
}
