//! `siaga export`: alerts as a table for a meeting, within what an agency may see.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use rust_xlsxwriter::{Format as CellFormat, Workbook};

use super::cell::plain;
use super::{Deployment, Exit, Streams, join_store, load_deployment};
use crate::http::view::{AlertView, Reader};
use crate::pack::Pack;
use crate::record::shown::Shown;
use crate::store::people::AlertFilter;
use crate::store::{Scope, Store};

/// Alerts that are read at once.
const PAGE: usize = 500;

/// What to export.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// The alerts, the newest first
    Alerts(Args),
}

/// Which alerts, and how.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("whose").required(true).args(["agency", "all"])))]
pub struct Args {
    /// The alerts that this agency was told of, as it may see them
    #[arg(long)]
    agency: Option<String>,
    /// All alerts, as the coordinator's agency may see them
    #[arg(long)]
    all: bool,
    /// The form of the table
    #[arg(long, value_enum, default_value = "csv")]
    format: Form,
    /// The file to write; standard output when left out
    #[arg(long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    deployment: Deployment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Comma-separated values
    Csv,
    /// A workbook
    Xlsx,
    /// One JSON object a line
    Json,
}

const COLUMNS: [&str; 16] = [
    "Nomor",
    "Aturan",
    "Judul",
    "Tingkat",
    "Status",
    "Alasan",
    "Ditahan",
    "Tahapan",
    "Kode wilayah",
    "Wilayah",
    "Dibuka",
    "Berubah",
    "Temuan",
    "Pesan",
    "Bukti",
    "Dasar hukum",
];

/// Exports.
pub fn run(what: &What, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let What::Alerts(args) = what;
    let (config, pack) = load_deployment(&args.deployment, streams)?;
    let (scope, reader) = match &args.agency {
        Some(id) if pack.agency(id).is_none() => bail!("the pack has no agency `{id}`"),
        Some(id) => (Scope::Agency(id.clone()), id.clone()),
        None => (Scope::All, config.coordinator.as_deref().unwrap_or_default().to_owned()),
    };
    let store = join_store(&config)?;
    let unjudged = store.head()?.saturating_sub(store.progress()?);
    let alerts = read(&store, scope, &pack, &reader)?;
    let table = match args.format {
        Form::Csv => csv(&alerts)?,
        Form::Xlsx => xlsx(&alerts)?,
        Form::Json => json(&alerts)?,
    };
    match &args.output {
        Some(path) => {
            let mut file = File::create(path).with_context(|| format!("`{}` cannot be written", path.display()))?;
            file.write_all(&table)?;
            file.sync_all()?;
        }
        None => streams.out.write_all(&table)?,
    }
    writeln!(streams.err, "{} alerts", alerts.len())?;
    if unjudged > 0 {
        let help = "help: export again once the daemon has caught up";
        writeln!(streams.err, "note: entries of the log that are not judged yet: {unjudged}; {help}")?;
    }
    Ok(Exit::Clean)
}

fn read(store: &Store, scope: Scope, pack: &Pack, reader: &str) -> anyhow::Result<Vec<AlertView>> {
    let filter = AlertFilter::everything(scope);
    let reader = Reader::new(pack, reader);
    let mut alerts = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = store.alerts(&filter, cursor.as_deref(), PAGE)?;
        alerts.extend(page.items.iter().map(|alert| reader.alert(alert)));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(alerts),
        }
    }
}

fn cells(alert: &AlertView) -> [String; 16] {
    let evidence = alert.evidence.iter().map(|line| match &line.bound {
        Some(bound) => format!("{}: {} (batas {bound})", line.text, line.value),
        None => format!("{}: {}", line.text, line.value),
    });
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    [
        alert.id.to_string(),
        alert.rule.to_string(),
        alert.title.clone(),
        alert.severity.to_string(),
        alert.status.to_owned(),
        text(alert.reason),
        text(alert.held),
        text(alert.phase.as_deref()),
        text(alert.kabupaten.as_deref()),
        alert.area.clone(),
        alert.opened_at.to_rfc3339(),
        alert.updated_at.to_rfc3339(),
        alert.findings.to_string(),
        alert.message.as_ref().map(Shown::to_string).unwrap_or_default(),
        evidence.collect::<Vec<_>>().join("\n"),
        alert.basis.join("\n"),
    ]
    .map(|cell| plain(&cell))
}

fn csv(alerts: &[AlertView]) -> anyhow::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for alert in alerts {
        table.write_record(cells(alert))?;
    }
    table.into_inner().map_err(|error| io::Error::other(error.to_string()).into())
}

fn xlsx(alerts: &[AlertView]) -> anyhow::Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Peringatan")?;
    let bold = CellFormat::new().set_bold();
    for (column, title) in (0..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    for (row, alert) in (1..).zip(alerts) {
        for (column, cell) in (0..).zip(cells(alert)) {
            sheet.write_string(row, column, cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(workbook.save_to_buffer()?)
}

fn json(alerts: &[AlertView]) -> anyhow::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for alert in alerts {
        serde_json::to_writer(&mut lines, alert)?;
        lines.push(b'\n');
    }
    Ok(lines)
}
