//! `siaga run`: the daemon.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use clap::ValueEnum;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Deployment, Exit, Streams, check_folder, load_config};
use crate::config::ClockChoice;
use crate::daemon;
use crate::engine::STACK_BYTES;
use crate::store::lock::StoreLock;

/// How the daemon is to run.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    deployment: Deployment,
    /// Where entries get their time from; over what the configuration says
    #[arg(long, value_enum)]
    clock: Option<ClockWord>,
    /// Take the place of the daemon that runs on the same store: it writes no more, and ends
    #[arg(long)]
    take_over: bool,
    /// How the log is written to standard error; `SIAGA_LOG` says how much, such as `info` or `siaga=debug`
    #[arg(long, value_enum, default_value = "human")]
    log: LogForm,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ClockWord {
    /// The machine's clock
    Wall,
    /// The records' own times, for historical data
    Records,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogForm {
    /// For people
    Human,
    /// One JSON object a line
    Json,
}

/// Runs until it is told to stop, by Ctrl-C or `SIGTERM`.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, pack) = load_config(&args.deployment, streams)?;
    log_to_stderr(args.log)?;
    check_folder(&config.store)?;
    // held until the process ends
    let _lock = if args.take_over {
        StoreLock::succeed(&config.store)?;
        None
    } else {
        Some(StoreLock::take(&config.store)?)
    };
    let choice = match args.clock {
        None => config.clock,
        Some(ClockWord::Wall) => ClockChoice::Wall,
        Some(ClockWord::Records) => ClockChoice::Records,
    };
    let clock = choice.clock();
    // packs are read, previewed and let go of on its threads too
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build()?;
    runtime.block_on(async {
        let address = config.listen;
        let bound = TcpListener::bind(address).await;
        let listener =
            bound.with_context(|| format!("cannot listen on `{address}`; help: is siaga already running?"))?;
        daemon::run(listener, config, pack, clock, told_to_stop()?).await
    })?;
    Ok(Exit::Clean)
}

fn log_to_stderr(form: LogForm) -> anyhow::Result<()> {
    let filter = match std::env::var("SIAGA_LOG") {
        Ok(words) => EnvFilter::try_new(&words).map_err(|_| {
            anyhow::anyhow!("`SIAGA_LOG` is not understood: `{words}`\nhelp: write `info`, `debug` or `siaga=debug`")
        })?,
        Err(_) => EnvFilter::new("info"),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // a second call in one process keeps the first log
    drop(match form {
        LogForm::Human => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogForm::Json => log.json().try_init(),
    });
    Ok(())
}

fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
