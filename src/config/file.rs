//! The configuration as it is written, with the place of each value that is checked later.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Deserialize;
use toml::Spanned;

use super::ClockChoice;
use super::secrets::{at, shows_a_secret};
use crate::deliver::settings::{Address, Detail, Format, Secret, Tls};
use crate::pack::diagnostic::{Code, Diagnostic, did_you_mean};

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

/// What to do about a slip that the reader's own words leave people alone with.
fn slip(message: &str) -> Option<&'static str> {
    if message.contains("duplicate key") {
        Some("it stands twice: put everything into one, and take the other out")
    } else if message.contains("quoted") || message.contains("literal") {
        Some("write text between quotes, such as `store = \"siaga.db\"`")
    } else {
        None
    }
}

/// Reads the text; what is wrong goes to `problems`.
pub fn read(file: &str, text: &str, problems: &mut Vec<Diagnostic>) -> Option<Draft> {
    match toml::from_str(text) {
        Ok(draft) => Some(draft),
        Err(error) => {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
            let meant = message.split('`').nth(1).and_then(|word| did_you_mean(word, known.iter().copied()));
            let (message, help) = match message.split_once("; help: ") {
                Some((what, help)) => (what.to_owned(), Some(help.to_owned())),
                None => {
                    let help = meant.or_else(|| slip(&message).map(str::to_owned));
                    (message, help)
                }
            };
            let span = error.span().unwrap_or(0..0);
            let mut problem = at(Code::Table, file, text, span.clone(), message);
            problem.help = help;
            if shows_a_secret(text, &span) {
                // the message may quote the value
                problem = at(Code::Table, file, text, span, "a value cannot be read; it is not repeated here")
                    .help("write secrets as text between quotes");
            }
            problems.push(problem);
            None
        }
    }
}
