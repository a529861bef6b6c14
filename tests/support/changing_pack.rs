//! A deployment whose pack changes while its daemon runs, and what its store holds in the end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use siaga::intake::body::read_body;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::replay::{Replay, lines};
use siaga::store::Store;
use siaga::store::log::StoredBody;
use siaga::subject::{Subject, SubjectKind};

use super::process::{Caller, Daemon, Site, wait_until};

/// A rule over one number of one record, so that who judged it is plain.
pub const RULE: &str = r#"rule("uji-batas", #{
  title: "Uji batas", flags: "uji", why: "uji", action: "uji", false_positives: "uji",
  severity: "siaga-3", notify: ["kanim"], basis: ["uu-6-2011-69"],
  per: "record", on: ["donation.reported"],
  when: record.donation.amount >= threshold("uji_batas"),
  once_per: "record",
  message: "uji",
  tests: [
    #{ name: "besar", fires: ["uji-batas"], thresholds: #{ uji_batas: 2 }, records: [
      #{ kind: "donation.reported", occurred_at: "2024-11-01T10:00:00+07:00", donation: #{ donor_kind: "person", amount: 3 } } ] },
    #{ name: "kecil", fires: [], thresholds: #{ uji_batas: 2 }, records: [
      #{ kind: "donation.reported", occurred_at: "2024-11-01T10:00:00+07:00", donation: #{ donor_kind: "person", amount: 1 } } ] },
  ],
});
"#;

/// A deployment with a pack of its own: the tables of the built-in one and the rules above.
pub struct Place {
    pub site: Site,
    pub pack: PathBuf,
    pub caller: Caller,
    source: String,
    author: String,
    _directory: tempfile::TempDir,
}

impl Place {
    pub fn new(more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let site =
            Site::new(directory.path(), &format!("rules = \"paket\"\ncoordinator = \"kanim-muaraenim\"\n{more}"));
        let pack = directory.path().join("paket");
        for (path, text) in Files::built_in().texts.iter().filter(|(path, _)| !path.ends_with(".rhai")) {
            write(&pack.join(path), text);
        }
        write(&pack.join("uji/uji-batas.rhai"), RULE);
        let place = Place {
            source: String::new(),
            author: String::new(),
            caller: Caller::new(),
            site,
            pack,
            _directory: directory,
        };
        place.set_threshold(100);
        let (source, author) =
            (place.site.token("kanim-muaraenim", "officer"), place.site.token("kanim-muaraenim", "author"));
        Place { source, author, ..place }
    }

    /// Saves `thresholds.toml` with another value.
    pub fn set_threshold(&self, value: u32) {
        let own =
            format!("\n[uji_batas]\ndefault = {value}\nunit = \"rupiah\"\nmin = 0\nmax = 1000\nmeaning = \"uji\"\n");
        write(&self.pack.join("thresholds.toml"), &format!("{}{own}", Files::built_in().texts["thresholds.toml"]));
    }

    pub fn hash(&self) -> String {
        Files::read(&self.pack).unwrap().hash()
    }

    pub fn loaded(&self) -> Arc<Pack> {
        Arc::new(siaga::pack::load(&self.pack).pack.unwrap())
    }

    pub async fn start(&self) -> Daemon {
        let daemon = Daemon::start(self.site.daemon());
        daemon.ready(&self.caller).await;
        daemon
    }

    pub async fn ready(&self, daemon: &Daemon) -> Value {
        let answer = self.caller.get(daemon.address, "/readyz", "").await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Waits until `/readyz` shows something.
    pub async fn shows(&self, daemon: &Daemon, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Value::Null;
        wait_until(async || {
            seen = self.ready(daemon).await;
            if wanted(&seen) { Ok(()) } else { Err(seen.to_string()) }
        })
        .await;
        seen
    }

    /// Waits until the pack in the folder is in force.
    pub async fn takes(&self, daemon: &Daemon) {
        let hash = self.hash();
        self.shows(daemon, |ready| ready["pack_hash"] == *hash).await;
    }

    /// Posts donations, each of its number's amount, as they are acknowledged.
    pub async fn post(&self, daemon: &Daemon, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let answer = self.caller.post(daemon.address, &self.source, row(number)).await.unwrap();
            assert_eq!(answer.status, 202, "{}", answer.text());
        }
    }

    pub async fn metric(&self, daemon: &Daemon, name: &str) -> Option<String> {
        let answer = self.caller.get(daemon.address, "/metrics", "").await.unwrap();
        let line = answer.text().lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.rsplit(' ').next()).map(str::to_owned)
    }

    pub async fn rule(&self, daemon: &Daemon, id: &str) -> Value {
        let answer = self.caller.get(daemon.address, "/v1/rules", &self.author).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["items"].as_array().unwrap().iter().find(|rule| rule["id"] == id).cloned().unwrap_or_default()
    }

    pub fn log(&self) -> Log {
        let store = Store::join(&self.site.store()).unwrap();
        let mut log = Log { records: Vec::new(), packs: Vec::new(), found: BTreeSet::new() };
        for entry in store.tail(0, 100_000).unwrap() {
            match entry.body {
                StoredBody::Record { record, .. } => {
                    let key = format!("{}/{}", record.key.source, record.key.id);
                    let subject = Subject { kind: SubjectKind::Record, key: key.into() };
                    let id = record.key.id.to_string();
                    log.records.push((entry.position, id.clone()));
                    let state = store.subject_state(&subject).unwrap();
                    log.found.extend(state.findings.iter().map(|finding| (finding.rule().to_string(), id.clone())));
                    assert!(state.alerts.len() <= state.findings.len(), "{id} is judged twice");
                }
                StoredBody::Pack(pack) => log.packs.push((entry.position, pack.hash)),
                _ => {}
            }
        }
        assert_eq!(store.progress().unwrap(), store.head().unwrap(), "something is not judged");
        log
    }
}

pub fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A donation of a number, of an amount that goes up and down between 0 and 199.
pub fn row(number: u32) -> String {
    let row = json!({
        "id": format!("d-{number}"), "source": "kpu-oku", "kind": "donation.reported",
        "occurred_at": format!("2024-11-{:02}T{:02}:{:02}:00+07:00", 1 + number / 1440, number / 60 % 24, number % 60),
        "donation": { "donor_kind": "person", "amount": f64::from(number * 67 % 200) },
    });
    row.to_string()
}

/// What the store holds in the end.
pub struct Log {
    pub records: Vec<(i64, String)>,
    pub packs: Vec<(i64, String)>,
    /// Rule and record of each finding.
    pub found: BTreeSet<(String, String)>,
}

impl Log {
    /// What replays find, each with the pack that was in force at the records' places.
    pub fn replayed(&self, packs: &[Arc<Pack>]) -> BTreeSet<(String, String)> {
        let in_force = |position: i64| {
            let hash = self.packs.iter().rev().find(|(from, _)| *from < position).map(|(_, hash)| hash);
            packs.iter().position(|pack| Some(&pack.hash) == hash.or(self.packs.first().map(|(_, hash)| hash)))
        };
        let mut found = BTreeSet::new();
        for (place, pack) in packs.iter().enumerate() {
            let mut replay = Replay::new(pack.clone());
            let mine: Vec<&str> = self
                .records
                .iter()
                .filter(|(position, _)| in_force(*position) == Some(place))
                .map(|(_, id)| id.as_str())
                .collect();
            let text: Vec<String> = mine.iter().map(|id| row(id[2..].parse().unwrap())).collect();
            let rows = read_body(Some("application/x-ndjson"), text.join("\n").as_bytes()).unwrap_or_default();
            let steps = replay.feed(&rows);
            for line in lines(pack, steps) {
                let line = serde_json::to_value(&line).unwrap();
                found.insert((
                    line["rule"].as_str().unwrap().to_owned(),
                    line["record"]["id"].as_str().unwrap().to_owned(),
                ));
            }
        }
        found
    }
}
