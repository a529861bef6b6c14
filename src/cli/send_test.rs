//! `siaga send-test`: a marked message to an agency through the production path.

use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use super::{Deployment, Exit, Format, Streams, join_store, load_deployment};
use crate::clock;
use crate::outbox::send_test::{TestReport, send_test};
use crate::pack::diagnostic::nearest;

/// Whom to send it to.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The agency, by its id in the pack
    agency: String,
    #[command(flatten)]
    deployment: Deployment,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Sends it. Exit code 1 says that somebody did not get it.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, pack) = load_deployment(&args.deployment, streams)?;
    if pack.agency(&args.agency).is_none() {
        let known = pack.agencies.iter().map(|agency| agency.id.as_ref());
        let help = nearest(&args.agency, known)
            .map_or("its ids are in `agencies.toml`".to_owned(), |id| format!("did you mean `{id}`?"));
        anyhow::bail!("the pack has no agency `{}`\nhelp: {help}", args.agency);
    }
    let book = Arc::new(config.address_book(&pack)?);
    let store = join_store(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime does not start")?;
    let report = runtime.block_on(send_test(&store, book, &args.agency, clock::now()))?;
    print(&report, args.format, streams)?;
    Ok(if report.is_delivered() { Exit::Clean } else { Exit::Findings })
}

fn print(report: &TestReport, format: Format, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    for line in &report.lines {
        let (channel, state) = (line.channel.word(), line.state.word());
        match format {
            Format::Json => {
                let json = json!({
                    "test": report.alert, "channel": channel, "recipient": line.recipient,
                    "state": state, "outcome": line.outcome,
                });
                writeln!(streams.out, "{json}")?;
            }
            Format::Human => {
                let outcome = line.outcome.as_deref().map(|outcome| format!(": {outcome}")).unwrap_or_default();
                writeln!(streams.out, "{state:<10} {channel:<8} {}{outcome}", line.recipient)?;
            }
        }
    }
    Ok(())
}
