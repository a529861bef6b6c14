//! The demo: the daemon itself on built-in records under a fast clock, with sinks of its own on loopback.

mod feeder;
mod folder;
mod mailbox;
mod receiver;
mod show;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::{self, Clock, Stopwatch};
use crate::daemon;
use crate::entry::Step;
use crate::http::access::{EVERY, new_token, token_hash};
use crate::pack::Pack;
use crate::store::Store;
use crate::store::access::TokenRecord;
use crate::store::lock::StoreLock;

use mailbox::Mailbox;
use receiver::Seen;
use show::Show;

/// Records of the scenario, as they arrived.
const RECORDS: &str = include_str!("../fixtures/oku-raya.ndjson");
/// The local day on which the demo begins: what arrived before is history.
const STARTS: &str = "2024-11-20T00:00:00+07:00";
/// When its scenario is over.
const ENDS: &str = "2024-11-30T00:00:00+07:00";
/// How often the output looks at the clock for a phase that begins.
const GLANCE: Duration = Duration::from_millis(200);
/// How long the last mails may take after the scenario's end.
const LAST_DELIVERIES: Duration = Duration::from_secs(5);

/// What a demo can be asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where store, mails and webhooks are left.
    pub folder: PathBuf,
    /// The folder of a rule pack; none for the built-in one.
    pub rules: Option<PathBuf>,
    /// How many hours of the election pass in a second.
    pub hours_per_second: f64,
    /// End with the scenario instead of waiting for Ctrl-C.
    pub ends: bool,
    /// Whether the terminal knows colors.
    pub color: bool,
}

/// Runs the demo until Ctrl-C, or until the scenario is over where that is asked.
///
/// # Errors
/// Where the folder is somebody else's, or loopback cannot be listened on.
pub async fn run(options: &Options, out: &mut dyn Write) -> anyhow::Result<()> {
    let folder = folder::prepare(&options.folder)?;
    let mailbox = Mailbox::start(&folder.mails).context("the demo's mail server does not start")?;
    let hook = TcpListener::bind(("127.0.0.1", 0)).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let setting = folder::Setting {
        listen: listener.local_addr()?,
        mail: mailbox.address,
        hook: hook.local_addr()?,
        key: folder::new_key()?,
    };
    let (config, pack) = folder.write_config(&setting, options.rules.as_deref())?;
    // held until the demo ends, as `siaga run` holds it
    let _lock = StoreLock::take(&config.store)?;
    let pack = Arc::new(pack);
    let webhooks = receiver::serve(hook, &setting.key, &folder.webhooks)?;

    let (history, coming) = feeder::split(&pack, RECORDS, instant(STARTS)?, instant(ENDS)?);
    writeln!(out, "{}", pack.title)?;
    writeln!(out, "Memuat {} laporan sebelum 20 November 2024 ...", history.len())?;
    out.flush()?;
    let store_path = config.store.clone();
    let loading = pack.clone();
    let tokens = tokio::task::spawn_blocking(move || load(&store_path, &loading, history)).await??;
    where_to_look(&folder, &setting, &tokens, out)?;

    let clock = Clock::Demo {
        starts: instant(STARTS)?,
        ends: instant(ENDS)?,
        speed: options.hours_per_second * 3_600.0,
        since: Stopwatch::start(),
    };
    let (steps, seen) = mpsc::channel();
    let committed = Box::new(move |committed: &[Step]| {
        // the output may have ended before the daemon
        drop(steps.send(committed.to_vec()));
    });
    let (stop, mut stopping) = watch::channel(false);
    let shutdown = async move { drop(stopping.wait_for(|stop| *stop).await) };
    let daemon = tokio::spawn(daemon::run_watched(listener, config, (*pack).clone(), clock, committed, shutdown));
    let feeding = tokio::spawn(feeder::feed(coming, setting.listen, tokens.source, clock));

    let mut screen = Screen { show: Show::new(options.color), pack: pack.clone(), seen, clock, ends: instant(ENDS)? };
    let over = screen.run(options.ends, out).await?;
    if over {
        settle(&mailbox, &webhooks).await;
    }
    summary(&screen.show, &mailbox, &webhooks, &folder, out)?;
    feeding.abort();
    stop.send_replace(true);
    daemon.await.context("the daemon panicked")?
}

struct Tokens {
    source: String,
    coordinator: String,
}

/// Fills the store with history, evaluates it without telling anybody, and makes tokens.
fn load(path: &std::path::Path, pack: &Arc<Pack>, history: Vec<crate::intake::row::Row>) -> anyhow::Result<Tokens> {
    let store = Store::open(path, clock::now())?;
    feeder::load_history(&store, pack, history)?;
    let token = |agency: &str, role: &str| -> anyhow::Result<String> {
        let token = new_token().map_err(|error| anyhow::anyhow!("the system has no random bytes: {error}"))?;
        let created_at = clock::now();
        let record = TokenRecord {
            hash: token_hash(&token),
            agency: agency.to_owned(),
            role: role.to_owned(),
            sources: vec![EVERY.to_owned()],
            kinds: vec![EVERY.to_owned()],
            created_at,
            expires_at: Some(created_at + TimeDelta::days(1)),
        };
        store.token_add(record, "demo").wait()?;
        Ok(token)
    };
    Ok(Tokens { source: token("operator", "officer")?, coordinator: token("kanim-muaraenim", "coordinator")? })
}

fn where_to_look(
    folder: &folder::Folder,
    setting: &folder::Setting,
    tokens: &Tokens,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    writeln!(out, "\nSurat      {}/   (.html dapat dibuka di peramban)", folder.mails.display())?;
    writeln!(out, "Webhook    {}/   (tanda tangan diperiksa saat diterima)", folder.webhooks.display())?;
    writeln!(out, "HTTP       http://{}/   token koordinator: {}", setting.listen, tokens.coordinator)?;
    writeln!(out, "Setelan    {}", folder.config.display())?;
    writeln!(out, "Ctrl-C mengakhiri.")?;
    out.flush()?;
    Ok(())
}

struct Screen {
    show: Show,
    pack: Arc<Pack>,
    seen: mpsc::Receiver<Vec<Step>>,
    clock: Clock,
    ends: DateTime<Utc>,
}

impl Screen {
    /// Shows what happens until Ctrl-C, or the end where that is asked; whether the scenario is over.
    async fn run(&mut self, ends: bool, out: &mut dyn Write) -> anyhow::Result<bool> {
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        let mut over = false;
        loop {
            tokio::select! {
                _ = &mut interrupted => return Ok(over),
                () = tokio::time::sleep(GLANCE) => {}
            }
            while let Ok(steps) = self.seen.try_recv() {
                for step in &steps {
                    self.show.step(&self.pack, step, out)?;
                }
            }
            let now = self.clock.now();
            if !over {
                self.show.phase(&self.pack, now, out)?;
            }
            if now >= self.ends && !over {
                over = true;
                writeln!(out, "\nSkenario selesai. Surat, webhook dan HTTP tetap dapat dilihat sampai Ctrl-C.")?;
            }
            out.flush()?;
            if over && ends {
                return Ok(true);
            }
        }
    }
}

/// Waits until nothing more arrives, for a while.
async fn settle(mailbox: &Mailbox, webhooks: &Arc<Seen>) {
    let started = Stopwatch::start();
    let count = || mailbox.taken.load(Ordering::Relaxed) + webhooks.verified.load(Ordering::Relaxed);
    let mut before = count();
    while started.elapsed() < LAST_DELIVERIES {
        tokio::time::sleep(GLANCE * 3).await;
        if std::mem::replace(&mut before, count()) == count() {
            return;
        }
    }
}

fn summary(
    show: &Show,
    mailbox: &Mailbox,
    webhooks: &Arc<Seen>,
    folder: &folder::Folder,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    writeln!(
        out,
        "\n{} alert baru, {} surat, {} webhook dengan tanda tangan sah, {} ditolak. Semuanya di {}/",
        show.opened,
        mailbox.taken.load(Ordering::Relaxed),
        webhooks.verified.load(Ordering::Relaxed),
        webhooks.refused.load(Ordering::Relaxed),
        folder.root.display(),
    )?;
    out.flush()?;
    Ok(())
}

fn instant(text: &str) -> anyhow::Result<DateTime<Utc>> {
    Ok(DateTime::parse_from_rfc3339(text)?.to_utc())
}
