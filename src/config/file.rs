//! The configuration as it is written, with the place of each value that is checked later.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Deserialize;
use toml::Spanned;

use super::ClockChoice;
use super::secrets::{at, shows_a_secret};
use crate::deliver::settings::{Address, Detail, Format, Secret, Tls};
use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::toml_file;
use crate::words::say;

/// `siaga.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Address and port.
    #[serde(default = "usual_listen")]
    pub listen: Spanned<String>,
    /// The store's file.
    #[serde(default = "usual_store")]
    pub store: String,
    /// The pack's folder.
    pub rules: Option<Spanned<String>>,
    /// Where entries get their time from.
    #[serde(default)]
    pub clock: ClockChoice,
    /// What links in mails begin with.
    pub public_url: Option<Spanned<String>>,
    /// A file with the key of the links in mails.
    pub link_secret_file: Option<Spanned<String>>,
    /// The agency to tell of what only people can mend.
    pub coordinator: Option<Spanned<String>>,
    /// The mail relay.
    pub email: Option<Spanned<EmailDraft>>,
    /// Endpoints.
    #[serde(default)]
    pub endpoint: BTreeMap<Spanned<String>, Spanned<EndpointDraft>>,
    /// Agencies.
    #[serde(default)]
    pub agency: BTreeMap<Spanned<String>, ContactDraft>,
    /// Folders that files are taken from.
    #[serde(default)]
    pub folder: BTreeMap<Spanned<String>, FolderDraft>,
    /// Limits.
    #[serde(default)]
    pub limits: LimitsDraft,
}

fn usual_listen() -> Spanned<String> {
    Spanned::new(0..0, "127.0.0.1:8460".to_owned())
}

fn usual_store() -> String {
    "siaga.db".to_owned()
}

/// `[email]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailDraft {
    /// The relay.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: Tls,
    /// The account.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Spanned<Secret>>,
    /// A file with its password.
    pub password_file: Option<Spanned<String>>,
    /// Who sends.
    pub from: Address,
    /// Where answers go.
    pub reply_to: Option<Address>,
    /// How the relay is greeted.
    pub hello: Option<String>,
    /// A file with certificates to trust.
    pub ca_file: Option<Spanned<String>>,
}

/// `[endpoint.<name>]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointDraft {
    /// Where to post.
    pub url: Option<Spanned<Secret>>,
    /// A file that says where.
    pub url_file: Option<Spanned<String>>,
    /// The shared key.
    pub secret: Option<Spanned<Secret>>,
    /// A file with it.
    pub secret_file: Option<Spanned<String>>,
    /// The body's format.
    #[serde(default)]
    pub format: Format,
    /// How much it tells.
    #[serde(default)]
    pub detail: Detail,
    /// Whether `http` will do.
    #[serde(default)]
    pub allow_http: bool,
    /// Ranges that are open to it.
    #[serde(default)]
    pub allow_cidrs: Vec<IpNet>,
    /// A file with certificates to trust.
    pub ca_file: Option<Spanned<String>>,
}

/// `[agency.<id>]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactDraft {
    /// Mail addresses.
    #[serde(default)]
    pub email: Vec<Spanned<String>>,
    /// Names of endpoints.
    #[serde(default)]
    pub webhook: Vec<Spanned<String>>,
}

/// `[folder.<name>]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderDraft {
    /// Where `intake`, `done` and `rejected` are.
    pub path: Spanned<String>,
    /// The sources in whose name its files come.
    pub sources: Spanned<Vec<Spanned<String>>>,
    /// The kinds that they may bring; all where it is left out.
    pub kinds: Option<Vec<Spanned<String>>>,
    /// Whether officers alone can write to it.
    #[serde(default)]
    pub officer: bool,
    /// The profile of its tables.
    pub profile: Option<Spanned<String>>,
    /// Fields that are the same in every row.
    #[serde(default)]
    pub set: BTreeMap<Spanned<String>, String>,
    /// Seconds for which a file has to lie there unchanged.
    pub still_s: Option<Spanned<u64>>,
}

/// `[limits]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsDraft {
    /// Connections at once.
    pub connections: Option<Spanned<usize>>,
    /// Seconds until a request's head is there.
    pub header_timeout_s: Option<Spanned<u64>>,
    /// Seconds until its answer.
    pub request_timeout_s: Option<Spanned<u64>>,
}

/// Reads the text; what is wrong goes to `problems`.
pub fn read(file: &str, text: &str, problems: &mut Vec<Diagnostic>) -> Option<Draft> {
    let (draft, found) = toml_file::from_text(text);
    let is_broken = !found.is_empty();
    problems.extend(found.into_iter().map(|(span, message, help)| {
        if shows_a_secret(text, &span) {
            // the message may quote the value
            at(Code::Table, file, text, span, say("config-secret-unread")).help(say("config-secret-unread-help"))
        } else {
            at(Code::Table, file, text, span, message).help(help)
        }
    }));
    draft.filter(|_| !is_broken)
}
