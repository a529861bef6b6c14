//! The daemon, wired in a straight line: store, outbox, pipeline, HTTP; and back in the other order.

mod folders;
mod reload;
pub mod vet;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinError;

use crate::clock::{self, Clock};
use crate::config::Config;
use crate::entry::Position;
use crate::http::serve::serve;
use crate::http::{App, Parts, router};
use crate::notice::Notice;
use crate::outbox;
use crate::outbox::address::{AddressBook, address};
use crate::outbox::places::Places;
use crate::pack::Pack;
use crate::pack::files::Files;
use crate::pipeline::packs::Packs;
use crate::pipeline::{Committed, Pipeline, Post, Setup};
use crate::store::log::NewEntry;
use crate::store::outbox::NewDelivery;
use crate::store::{Store, StoreError};
use reload::Keeper;

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
    run_watched(listener, config, pack, clock, Box::new(|_| {}), shutdown).await
}

/// As [`run`], with a look at what each commit of the pipeline holds.
///
/// # Errors
/// As [`run`].
pub async fn run_watched(
    listener: TcpListener,
    config: Config,
    pack: Pack,
    clock: Clock,
    look: Committed,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let pack = Arc::new(pack);
    // first the store: a wrong path leaves no key of links beside it
    let store = open(&config, &pack, clock).await?;
    let book = Arc::new(config.address_book(&pack)?);
    let silent = config.without_address(&pack).len();
    let (stop_sending, mut sending) = watch::channel(false);
    let told = async move { drop(sending.wait_for(|stop| *stop).await) };
    let mut outbox = outbox::start(store.clone(), book.clone(), told);
    let post = post(book.clone(), outbox.places.clone());
    let packs = Packs::new(pack.clone(), silent);
    let setup = Setup { store: store.clone(), packs: packs.clone(), clock, post, committed: look };
    let pipeline = blocking(move || Pipeline::start(setup)).await??;
    let (stop_serving, serving) = watch::channel(false);
    let taken_from = config.folders.clone();
    let mut folders = folders::start(taken_from, store.clone(), packs.clone(), pipeline.clone(), clock);
    let parts = Parts {
        store: store.clone(),
        packs: packs.clone(),
        pipeline: pipeline.clone(),
        outbox: outbox.waker.clone(),
        clock,
        folders: folders.board.clone(),
    };
    let config = Arc::new(config);
    let keeper = Keeper {
        packs,
        store: store.clone(),
        pipeline: pipeline.clone(),
        clock,
        config: config.clone(),
        book,
        outbox: outbox.waker.clone(),
        program: std::env::current_exe()?,
    };
    let mut keeping = tokio::spawn(keeper.run());
    let app = App::new(parts, config.limits.request_timeout);
    let fatal = app.fatal();
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve(listener, router(&app), config.limits, serving));
    tracing::info!(
        http.address = %address,
        pack = pack.name,
        pack.from = config.rules.as_deref().map_or("built in".into(), Path::to_string_lossy).as_ref(),
        pack.rules = pack.rules.len(),
        pack.hash = pack.hash,
        "siaga is ready"
    );

    let (ended, outbox_ended) = tokio::select! {
        () = shutdown => (Ok(()), false),
        error = failed(fatal) => (Err(anyhow::Error::new(error)), false),
        reason = pipeline_ended(&pipeline) => (Err(anyhow::anyhow!(reason)), false),
        ended = &mut keeping => (Err(watch_ended("the rule pack", ended)), false),
        ended = &mut folders.task => (Err(watch_ended("folders", ended)), false),
        error = &mut outbox.task => (Err(outbox_failed(error)), true),
    };
    tracing::info!("siaga stops");
    if !keeping.is_finished() {
        keeping.abort();
        // it holds the store
        drop((&mut keeping).await);
    }
    folders.stop().await;
    drop(app);
    stop_serving.send_replace(true);
    server.await.context("the HTTP server panicked")?;
    blocking(move || pipeline.stop()).await?;
    stop_sending.send_replace(true);
    let sent = if outbox_ended { Ok(Ok(())) } else { outbox.task.await };
    // the last clone waits until everything queued is on disk
    blocking(move || drop(store)).await?;
    tracing::info!("siaga has stopped");
    ended.and_then(|()| Ok(sent.context("the outbox panicked")??)).context(CANNOT_GO_ON)
}

const CANNOT_GO_ON: &str =
    "siaga cannot go on; help: mend the cause, then start it again: what was acknowledged is on disk";

fn outbox_failed(ended: Result<Result<(), StoreError>, JoinError>) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow::anyhow!("the outbox ended by itself"),
        Ok(Err(error)) => error.into(),
        Err(error) => anyhow::Error::new(error).context("the outbox panicked"),
    }
}

fn watch_ended(over: &str, ended: Result<anyhow::Result<()>, JoinError>) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow::anyhow!("the watch over {over} ended by itself"),
        Ok(Err(error)) => error,
        Err(error) => anyhow::Error::new(error).context(format!("the watch over {over} panicked")),
    }
}

async fn open(config: &Config, pack: &Pack, clock: Clock) -> anyhow::Result<Store> {
    let path = config.store.clone();
    let name = path.display().to_string();
    let store = blocking(move || Store::open(&path, clock::now())).await?;
    let store = store.with_context(|| format!("the store `{name}` does not open"))?;
    let reading = store.clone();
    let hash = pack.hash.clone();
    let (newest, is_kept) =
        blocking(move || Ok::<_, StoreError>((reading.pack_at(Position::MAX)?, reading.pack_files(&hash)?.is_some())))
            .await??;
    if !is_kept || newest.as_ref().is_none_or(|newest| newest.hash != pack.hash) {
        let files = files_of(pack)?;
        let entries = pack_entries(pack, files, newest.is_some());
        store.append(entries, clock.edge_time()).await?;
    }
    Ok(store)
}

/// What puts a pack in force: what is due before it is judged by the pack before.
fn pack_entries(pack: &Pack, files: Files, follows_another: bool) -> Vec<NewEntry> {
    let entry = NewEntry::Pack { hash: pack.hash.clone(), files: Arc::new(files.texts) };
    follows_another.then_some(NewEntry::Tick).into_iter().chain([entry]).collect()
}

/// The files of a pack that was just loaded.
fn files_of(pack: &Pack) -> anyhow::Result<Files> {
    let files = match &pack.folder {
        Some(folder) => {
            Files::read(folder).map_err(|problem| anyhow::anyhow!("{}: {}", problem.file, problem.message))?
        }
        None => Files::built_in(),
    };
    anyhow::ensure!(files.hash() == pack.hash, "the rule pack changed while it was read\nhelp: start siaga again");
    Ok(files)
}

/// The way from the pipeline to the outbox. It lives by the machine's clock, whatever the entries' time is.
fn post(book: Arc<AddressBook>, places: Places) -> Post {
    let asking = places.clone();
    let addressing = addressing(book);
    Post {
        address: Box::new(move |notices, _| {
            let now = clock::now();
            let mut deliveries = addressing(notices, now);
            asking.reserve(&mut deliveries, now);
            deliveries
        }),
        posted: Arc::new(move |claimed, waiting| places.posted(claimed, waiting)),
    }
}

/// Makes notices out to their recipients.
fn addressing(book: Arc<AddressBook>) -> impl Fn(Vec<Notice>, DateTime<Utc>) -> Vec<NewDelivery> + Send {
    let warned: Mutex<BTreeSet<Arc<str>>> = Mutex::default();
    move |notices, now| {
        let addressed = address(&book, notices, now);
        for notice in addressed.unaddressed {
            let first = warned.lock().unwrap_or_else(PoisonError::into_inner).insert(notice.agency.clone());
            if first {
                tracing::warn!(agency = %notice.agency, "an agency has alerts and no address: nobody there is told");
            }
        }
        addressed.deliveries
    }
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
