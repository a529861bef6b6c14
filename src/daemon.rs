//! The daemon, wired in a straight line: store, pack, pipeline, HTTP; and back in the other order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::{self, Clock};
use crate::config::Config;
use crate::http::serve::serve;
use crate::http::{App, router};
use crate::pack::Pack;
use crate::pipeline::{Pipeline, Setup};
use crate::store::log::NewEntry;
use crate::store::{Store, StoreError};

/// How often it is asked whether the pipeline still runs: it has no other way to say that it ended.
const PULSE: Duration = Duration::from_millis(500);

/// Runs until `shutdown`, or until the store can write nothing more.
///
/// # Errors
/// The store does not open, or it failed while the daemon ran: then the process must end.
pub async fn run(
    listener: TcpListener,
    config: Config,
    pack: Pack,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let pack = Arc::new(pack);
    let store = open(&config, &pack, clock).await?;
    let pipeline = start_pipeline(&store, &pack, clock).await?;
    let app = App::new(store.clone(), pack.clone(), pipeline.clone(), clock, config.limits.request_timeout);
    let fatal = app.fatal();
    let (stop, stopped) = watch::channel(false);
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve(listener, router(&app), config.limits, stopped));
    tracing::info!(http.address = %address, pack = pack.name, pack.hash = pack.hash, "siaga is ready");

    let ended = tokio::select! {
        () = shutdown => Ok(()),
        error = failed(fatal) => Err(anyhow::Error::new(error)),
        reason = pipeline_ended(&pipeline) => Err(anyhow::anyhow!(reason)),
    };
    tracing::info!("siaga stops");
    stop.send_replace(true);
    drop(app);
    server.await.context("the HTTP server panicked")?;
    blocking(move || pipeline.stop()).await?;
    // the last clone waits until everything queued is on disk
    blocking(move || drop(store)).await?;
    tracing::info!("siaga has stopped");
    ended.context("siaga cannot go on; help: mend the cause, then start it again: what was acknowledged is on disk")
}

async fn open(config: &Config, pack: &Pack, clock: Clock) -> anyhow::Result<Store> {
    let path = config.store.clone();
    let name = path.display().to_string();
    let store = blocking(move || Store::open(&path, clock::now())).await?;
    let store = store.with_context(|| format!("the store `{name}` does not open"))?;
    let reading = store.clone();
    let newest = blocking(move || reading.newest_pack()).await??;
    if newest.is_none_or(|(_, hash)| hash != pack.hash) {
        let entry = NewEntry::Pack { hash: pack.hash.clone() };
        store.append(vec![entry], clock.edge_time()).await?;
    }
    Ok(store)
}

async fn start_pipeline(store: &Store, pack: &Arc<Pack>, clock: Clock) -> anyhow::Result<Pipeline> {
    let setup = Setup {
        store: store.clone(),
        pack: pack.clone(),
        clock,
        address: Box::new(|_, _| Vec::new()),
        committed: Box::new(|_| {}),
    };
    Ok(blocking(move || Pipeline::start(setup)).await??)
}

async fn failed(mut fatal: watch::Receiver<Option<StoreError>>) -> StoreError {
    match fatal.wait_for(Option::is_some).await.map(|error| error.clone()) {
        Ok(Some(error)) => error,
        // nobody is left who could say that it failed
        _ => std::future::pending().await,
    }
}

async fn pipeline_ended(pipeline: &Pipeline) -> String {
    loop {
        let status = pipeline.status();
        if !status.running {
            return format!("the pipeline ended: {}", status.failures.join(", "));
        }
        tokio::time::sleep(PULSE).await;
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => bail!("a part of siaga panicked: {error}"),
    }
}
