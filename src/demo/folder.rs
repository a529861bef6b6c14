//! The demo's folder: made anew at each start, and never one that is somebody else's.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::config::{self, Config};
use crate::pack::files::Files;
use crate::pack::{self, Pack};
use crate::store::lock::StoreLock;

/// Says that a folder is a demo's, so that it may be emptied.
const MARKER: &str = ".siaga-demo";
/// The store's file.
const STORE: &str = "siaga.db";
/// The agencies that get webhooks besides mail.
const WITH_WEBHOOK: [&str; 4] = ["kanim-muaraenim", "bawaslu-oku", "bawaslu-okut", "bawaslu-okus"];

/// Where the demo leaves things.
#[derive(Debug)]
pub struct Folder {
    /// The folder itself.
    pub root: PathBuf,
    /// Mails.
    pub mails: PathBuf,
    /// Webhook bodies.
    pub webhooks: PathBuf,
    /// The configuration.
    pub config: PathBuf,
}

/// What the configuration has to say.
#[derive(Debug)]
pub struct Setting {
    /// Where the daemon listens.
    pub listen: SocketAddr,
    /// Where the mail server listens.
    pub mail: SocketAddr,
    /// Where the webhook receiver listens.
    pub hook: SocketAddr,
    /// The key that webhooks are signed with.
    pub key: String,
}

/// Makes the folder anew.
pub fn prepare(root: &Path) -> anyhow::Result<Folder> {
    let named = || format!("`{}`", root.display());
    if root.exists() {
        if !root.join(MARKER).exists() && std::fs::read_dir(root).with_context(named)?.next().is_some() {
            bail!("{} is not empty and not a demo's folder\nhelp: name another one with `--folder`", named());
        }
        // a demo that still runs there keeps what it works on
        drop(StoreLock::take(&root.join(STORE))?);
        std::fs::remove_dir_all(root).with_context(named)?;
    }
    let folder = Folder {
        root: root.to_owned(),
        mails: root.join("mails"),
        webhooks: root.join("webhooks"),
        config: root.join("siaga.toml"),
    };
    for path in [&folder.mails, &folder.webhooks] {
        std::fs::create_dir_all(path).with_context(named)?;
    }
    std::fs::write(root.join(MARKER), "").with_context(named)?;
    Ok(folder)
}

impl Folder {
    /// Writes the configuration and reads it back as the daemon does.
    pub fn write_config(&self, setting: &Setting, rules: Option<&Path>) -> anyhow::Result<(Config, Pack)> {
        let pack = rules.map_or_else(|| pack::build(Files::built_in()), pack::load);
        let agencies = pack.pack.iter().flat_map(|pack| &pack.agencies);
        let Setting { listen, mail, hook, key } = setting;
        let mut text = format!(
            "# written by `siaga demo`\nlisten = \"{listen}\"\nstore = \"{STORE}\"\npublic_url = \"http://{listen}\"\ncoordinator = \"operator\"\n\n\
             [email]\nhost = \"{}\"\nport = {}\ntls = \"none\"\nfrom = \"siaga@contoh.example\"\n\n\
             [endpoint.demo]\nurl = \"http://{hook}/hook\"\nsecret = \"{key}\"\ndetail = \"full\"\nallow_http = true\nallow_cidrs = [\"127.0.0.0/8\"]\n",
            mail.ip(),
            mail.port(),
        );
        if let Some(rules) = rules {
            // an absolute path: the configuration lies elsewhere
            let rules = std::path::absolute(rules).with_context(|| format!("`{}`", rules.display()))?;
            // a text of JSON is one of TOML
            text.insert_str(0, &format!("rules = {}\n", serde_json::Value::from(rules.to_string_lossy())));
        }
        for agency in agencies {
            let webhook = if WITH_WEBHOOK.contains(&agency.id.as_ref()) { "\nwebhook = [\"demo\"]" } else { "" };
            text.push_str(&format!("\n[agency.{}]\nemail = [\"{}@contoh.example\"]{webhook}\n", agency.id, agency.id));
        }
        std::fs::write(&self.config, text)?;
        let loaded = config::load(&self.config, &|_| None);
        let report = loaded.render(false);
        loaded.config.with_context(|| format!("the demo's configuration does not load:\n{report}"))
    }
}

/// A new key for signing webhooks.
pub fn new_key() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system has no random bytes: {error}"))?;
    Ok(format!("whsec_{}", data_encoding::BASE64.encode(&bytes)))
}
