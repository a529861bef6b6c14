//! `siaga.toml`: what a deployment says about itself, checked against its rule pack, with everything wrong said at once.

mod book;
mod check;
mod file;
mod folders;
pub mod limits;
mod secrets;
mod silence;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::clock::Clock;
use crate::deliver::settings::{EmailSettings, EndpointSettings, Secret};
use crate::intake::folder::Folder;
use crate::pack::diagnostic::{Code, Diagnostic, Weight, render};
use crate::pack::files::Files;
use crate::pack::{self, Pack};
use crate::words::{Language, say};
use limits::Limits;

/// The largest configuration, in bytes: hundreds of agencies fit.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// What a deployment is.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The store's file.
    pub store: PathBuf,
    /// The folder of the rule pack; none for the built-in one.
    pub rules: Option<PathBuf>,
    /// Where entries get their time from.
    pub clock: ClockChoice,
    /// What links in mails begin with, without a slash at its end.
    pub public_url: String,
    /// The key that links in mails are made with; none: the daemon keeps one beside the store.
    pub link_secret: Option<Secret>,
    /// The mail relay; none where nobody is told by mail.
    pub email: Option<EmailSettings>,
    /// Webhook endpoints by name.
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// Where each agency is told, by its id.
    pub agencies: BTreeMap<Arc<str>, Contact>,
    /// The agency that is told of what only people can mend.
    pub coordinator: Option<Arc<str>>,
    /// Folders that files are taken from.
    pub folders: Vec<Folder>,
    /// How much of the daemon one client can take.
    pub limits: Limits,
}

/// Where one agency is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Mail addresses; each is a valid [`crate::deliver::settings::Address`].
    pub email: Vec<String>,
    /// Names of endpoints.
    pub webhook: Vec<String>,
}

/// Where entries get their time from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockChoice {
    /// The machine's clock.
    #[default]
    Wall,
    /// The records' own times.
    Records,
}

impl ClockChoice {
    /// The clock that it names.
    pub fn clock(self) -> Clock {
        match self {
            ClockChoice::Wall => Clock::Wall,
            ClockChoice::Records => Clock::Records,
        }
    }
}

/// What came of reading a configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration with its pack, where nothing is wrong with either.
    pub config: Option<(Config, Pack)>,
    /// The configuration, where nothing is wrong with it but that its pack does not load.
    pub without_pack: Option<Config>,
    /// What is wrong with the configuration, warnings too.
    pub diagnostics: Vec<Diagnostic>,
    /// The pack, where it did not load.
    broken_pack: Option<Box<pack::Loaded>>,
    file: String,
    text: String,
}

impl Loaded {
    /// Everything that is wrong, drawn for a terminal in English; empty where nothing is.
    pub fn render(&self, color: bool) -> String {
        self.render_in(Language::English, color)
    }

    /// Everything that is wrong, drawn for a terminal; empty where nothing is.
    pub fn render_in(&self, language: Language, color: bool) -> String {
        let texts = BTreeMap::from([(self.file.clone(), self.text.clone())]);
        let pack = self.broken_pack.as_ref().map(|pack| pack.render_in(language, color)).unwrap_or_default();
        format!("{}{pack}", render(&self.diagnostics, &texts, "", language, color))
    }
}

/// Reads a configuration and the pack that it names. `env` gives the environment's overrides.
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Loaded {
    let file = path.display().to_string();
    match read(path) {
        Ok(text) => {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            from_text(file, text, &folder, env)
        }
        Err(reason) => {
            let problem = Diagnostic::file(Code::File, &file, say("file-unreadable").with("reason", reason))
                .help(say("config-missing-help"));
            Loaded {
                config: None,
                without_pack: None,
                diagnostics: vec![problem],
                broken_pack: None,
                file,
                text: String::new(),
            }
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_FILE_BYTES {
        return Err(format!("it is larger than {MAX_FILE_BYTES} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// Reads a configuration's text; relative paths in it start at `folder`.
fn from_text(file: String, text: String, folder: &Path, env: &dyn Fn(&str) -> Option<String>) -> Loaded {
    let mut problems = Vec::new();
    let mut draft = file::read(&file, &text, &mut problems);
    problems.extend(secrets::empty_overrides(&file, env));
    if let Some(draft) = &mut draft {
        secrets::override_plain(draft, &file, env, &mut problems);
    }
    let rules = draft.as_ref().and_then(|draft| draft.rules.as_ref()).map(|rules| folder.join(rules.get_ref()));
    let mut loaded = match rules.as_deref() {
        Some(folder) => pack::load(folder),
        None => pack::build(Files::built_in()),
    };
    let pack = loaded.pack.take();
    let broken_pack = pack.is_none().then(|| Box::new(loaded));
    let mut desk = check::Desk { file: &file, text: &text, folder, env, problems };
    let config = draft.map(|draft| desk.check(draft, rules, pack.as_ref()));
    let mut diagnostics = desk.problems;
    if let (Some(Some(config)), Some(pack)) = (&config, &pack) {
        diagnostics.extend(silence::warnings(&file, config, pack));
        diagnostics.extend(unused_pack(&file, config, pack, folder));
    }
    diagnostics.sort();
    diagnostics.dedup();
    let failed = diagnostics.iter().any(|problem| problem.weight == Weight::Error);
    let config = config.flatten().filter(|_| !failed);
    let (config, without_pack) = match pack {
        Some(pack) => (config.map(|config| (config, pack)), None),
        None => (None, config),
    };
    Loaded { config, without_pack, diagnostics, broken_pack, file, text }
}

/// That a pack lies beside the configuration, which does not name it: the one built in judges.
fn unused_pack(file: &str, config: &Config, pack: &Pack, folder: &Path) -> Option<Diagnostic> {
    let beside = format!("rules/{}", pack.name);
    let lies_there = config.rules.is_none() && folder.join(&beside).join("pack.toml").is_file();
    lies_there.then(|| {
        Diagnostic::file(Code::Lint, file, say("config-pack-beside").with("folder", beside.as_str()))
            .warning()
            .help(say("config-pack-beside-help").with("folder", beside.as_str()))
    })
}

#[cfg(test)]
mod tests;
