//! From what is written to what holds: names that must be known, addresses, secrets, all faults at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::file::{ContactDraft, Draft, EmailDraft, EndpointDraft, LimitsDraft};
use super::limits::Limits;
use super::secrets::{at, endpoint_variable, read_file};
use super::{Config, Contact};
use crate::deliver::email::Relay;
use crate::deliver::settings::{Address, EmailSettings, EndpointSettings, Secret};
use crate::deliver::webhook::Endpoint;
use crate::pack::Pack;
use crate::pack::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::words::{Text, say};

/// Where one configuration is checked.
pub struct Desk<'a> {
    /// Its name in messages.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Where relative paths start.
    pub folder: &'a Path,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// What is wrong so far.
    pub problems: Vec<Diagnostic>,
}

impl Desk<'_> {
    /// Checks everything; none where something without which nothing goes on is wrong.
    pub fn check(&mut self, draft: Draft, rules: Option<PathBuf>, pack: Option<&Pack>) -> Option<Config> {
        let listen = self.listen(&draft.listen);
        let public_url = self.public_url(draft.public_url.as_ref(), listen);
        let link_secret = (self.env)("SIAGA_LINK_SECRET").or_else(|| self.file(draft.link_secret_file.as_ref()?));
        let has_relay = draft.email.is_some();
        let email = draft.email.and_then(|email| self.email(email));
        let names: Vec<String> = draft.endpoint.keys().map(|name| name.get_ref().clone()).collect();
        let endpoints = draft.endpoint.into_iter().filter_map(|(name, draft)| self.endpoint(&name, draft)).collect();
        let agencies = self.agencies(&draft.agency, &names, has_relay, pack);
        if let (Some(coordinator), Some(pack)) = (&draft.coordinator, pack) {
            self.known_agency(coordinator, pack);
        }
        let folders = self.folders(draft.folder, pack);
        Some(Config {
            listen: listen?,
            store: self.folder.join(draft.store),
            rules,
            clock: draft.clock,
            public_url,
            link_secret: link_secret.map(|text| Secret::from(text.as_str())),
            email,
            endpoints,
            agencies,
            coordinator: draft.coordinator.map(|coordinator| coordinator.into_inner().into()),
            folders,
            limits: self.limits(&draft.limits),
        })
    }

    pub(super) fn error(&mut self, code: Code, span: Range<usize>, message: Text) -> &mut Diagnostic {
        self.note(at(code, self.file, self.text, span, message))
    }

    fn note(&mut self, problem: Diagnostic) -> &mut Diagnostic {
        let index = self.problems.len();
        self.problems.push(problem);
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now")]
        &mut self.problems[index]
    }

    /// A message that says where the value comes from, where the environment gives it.
    fn told_by(&self, variable: &str, message: Text) -> Text {
        match (self.env)(variable) {
            Some(_) => say("config-from").with("message", message).with("variable", variable),
            None => message,
        }
    }

    /// A message of settings, whose help stands behind a semicolon.
    fn fault(&mut self, span: Range<usize>, message: &str) {
        let (what, help) = message.split_once("; help: ").unwrap_or((message, ""));
        let problem = self.error(Code::Table, span, Text::Plain(what.to_owned()));
        problem.help = Some(Text::Plain(help.to_owned())).filter(|_| !help.is_empty());
    }

    fn listen(&mut self, listen: &Spanned<String>) -> Option<SocketAddr> {
        match listen.get_ref().parse() {
            Ok(address) => Some(address),
            Err(_) => {
                let message = say("config-listen").with("text", listen.get_ref().as_str());
                let message = self.told_by("SIAGA_LISTEN", message);
                let problem = self.error(Code::Table, listen.span(), message);
                problem.help = Some(say("config-listen-help"));
                None
            }
        }
    }

    fn public_url(&mut self, url: Option<&Spanned<String>>, listen: Option<SocketAddr>) -> String {
        let Some(url) = url else {
            return listen.map(|listen| format!("http://{listen}")).unwrap_or_default();
        };
        let known = reqwest::Url::parse(url.get_ref()).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        if !known {
            let message = self.told_by("SIAGA_PUBLIC_URL", say("config-public-url"));
            let problem = self.error(Code::Table, url.span(), message);
            problem.help = Some(say("config-public-url-help"));
        }
        url.get_ref().trim_end_matches('/').to_owned()
    }

    fn email(&mut self, draft: Spanned<EmailDraft>) -> Option<EmailSettings> {
        let span = draft.span();
        let draft = draft.into_inner();
        let password = (self.env)("SIAGA_EMAIL_PASSWORD").map(|text| Secret::from(text.as_str()));
        let password =
            password.or_else(|| self.secret("password", draft.password.as_ref(), draft.password_file.as_ref()));
        let settings = EmailSettings {
            host: draft.host,
            port: draft.port,
            tls: draft.tls,
            user: draft.user,
            password,
            from: draft.from,
            reply_to: draft.reply_to,
            hello: draft.hello,
            ca_pem: draft.ca_file.and_then(|file| self.file(&file)),
        };
        match Relay::new(&settings) {
            Ok(_) => Some(settings),
            Err(error) => {
                self.fault(span, &error.to_string());
                None
            }
        }
    }

    fn endpoint(
        &mut self,
        name: &Spanned<String>,
        draft: Spanned<EndpointDraft>,
    ) -> Option<(String, EndpointSettings)> {
        let span = name.span();
        let draft = draft.into_inner();
        let from_env = |setting| (self.env)(&endpoint_variable(name.get_ref(), setting));
        let (url, secret) = (from_env("URL"), from_env("SECRET"));
        let url = match url {
            Some(url) => Some(url),
            None => match (&draft.url, &draft.url_file) {
                (Some(url), None) => Some(url.get_ref().reveal().to_owned()),
                (None, Some(file)) => self.file(file),
                _ => self.one_of_two(span.clone(), "url"),
            },
        };
        let secret = match secret {
            Some(secret) => Some(Secret::from(secret.as_str())),
            None => match (&draft.secret, &draft.secret_file) {
                (None, None) => self.one_of_two(span.clone(), "secret"),
                (plain, file) => self.secret("secret", plain.as_ref(), file.as_ref()),
            },
        };
        let settings = EndpointSettings {
            url: url?,
            secret: secret?,
            format: draft.format,
            detail: draft.detail,
            allow_http: draft.allow_http,
            allow_cidrs: draft.allow_cidrs,
            ca_pem: draft.ca_file.and_then(|file| self.file(&file)),
        };
        match Endpoint::new(&settings) {
            Ok(_) => Some((name.get_ref().clone(), settings)),
            Err(error) => {
                self.fault(span, &error.to_string());
                None
            }
        }
    }

    fn one_of_two<T>(&mut self, span: Range<usize>, what: &str) -> Option<T> {
        let message = say("config-one-of-two").with("what", what);
        self.error(Code::Table, span, message);
        None
    }

    /// A secret that is written or in a file; a written one is warned of.
    fn secret(
        &mut self,
        what: &str,
        plain: Option<&Spanned<Secret>>,
        file: Option<&Spanned<String>>,
    ) -> Option<Secret> {
        match (plain, file) {
            (Some(plain), None) => {
                let message = say("config-plain-secret").with("what", what);
                let warning = at(Code::Lint, self.file, self.text, plain.span(), message).warning();
                self.note(warning.help(say("config-plain-secret-help").with("what", what)));
                Some(plain.get_ref().clone())
            }
            (None, Some(file)) => self.file(file).map(|text| Secret::from(text.as_str())),
            (Some(_), Some(file)) => {
                self.error(Code::Table, file.span(), say("config-both").with("what", what));
                None
            }
            (None, None) => None,
        }
    }

    fn file(&mut self, path: &Spanned<String>) -> Option<String> {
        match read_file(&self.folder.join(path.get_ref())) {
            Ok(text) => Some(text),
            Err(reason) => {
                let problem = self.error(Code::File, path.span(), Text::Plain(reason));
                problem.help = Some(say("config-file-help"));
                None
            }
        }
    }

    fn agencies(
        &mut self,
        drafts: &BTreeMap<Spanned<String>, ContactDraft>,
        endpoints: &[String],
        has_relay: bool,
        pack: Option<&Pack>,
    ) -> BTreeMap<Arc<str>, Contact> {
        let mut agencies = BTreeMap::new();
        for (id, draft) in drafts {
            if let Some(pack) = pack {
                self.known_agency(id, pack);
            }
            agencies.insert(Arc::from(id.get_ref().as_str()), self.contact(draft, endpoints, has_relay));
        }
        agencies
    }

    fn contact(&mut self, draft: &ContactDraft, endpoints: &[String], has_relay: bool) -> Contact {
        for address in &draft.email {
            if let Err(error) = Address::from_str(address.get_ref()) {
                self.fault(address.span(), &error.to_string());
            }
        }
        if let (Some(first), false) = (draft.email.first(), has_relay) {
            let problem = self.error(Code::Table, first.span(), say("config-no-relay"));
            problem.help = Some(say("config-section-help").with("section", "email"));
        }
        for name in draft.webhook.iter().filter(|name| !endpoints.contains(name.get_ref())) {
            let help = did_you_mean(name.get_ref(), endpoints.iter().map(String::as_str));
            let message = say("unknown").with("thing", say("thing-endpoint")).with("word", name.get_ref().as_str());
            let problem = self.error(Code::Name, name.span(), message);
            let section = format!("endpoint.{}", name.get_ref());
            problem.help = help.or_else(|| Some(say("config-section-help").with("section", section)));
        }
        let plain = |words: &[Spanned<String>]| words.iter().map(|word| word.get_ref().clone()).collect();
        Contact { email: plain(&draft.email), webhook: plain(&draft.webhook) }
    }

    fn known_agency(&mut self, id: &Spanned<String>, pack: &Pack) {
        if pack.agency(id.get_ref()).is_some() {
            return;
        }
        let help = did_you_mean(id.get_ref(), pack.agencies.iter().map(|agency| agency.id.as_ref()));
        let message = say("config-agency").with("pack", pack.name.as_str()).with("agency", id.get_ref().as_str());
        let problem = self.error(Code::Name, id.span(), message);
        problem.help = help.or_else(|| Some(say("config-agency-help")));
    }

    fn limits(&mut self, draft: &LimitsDraft) -> Limits {
        let usual = Limits::default();
        let mut seconds = |value: Option<&Spanned<u64>>, usual: Duration, most: u64| match value {
            None => usual,
            Some(value) if (1..=most).contains(value.get_ref()) => Duration::from_secs(*value.get_ref()),
            Some(value) => {
                self.error(Code::Table, value.span(), say("config-seconds").with("most", most.to_string()));
                usual
            }
        };
        let header_timeout = seconds(draft.header_timeout_s.as_ref(), usual.header_timeout, 60);
        let request_timeout = seconds(draft.request_timeout_s.as_ref(), usual.request_timeout, 300);
        let connections = match &draft.connections {
            None => usual.connections,
            Some(value) if (1..=65_536).contains(value.get_ref()) => *value.get_ref(),
            Some(value) => {
                self.error(Code::Table, value.span(), say("config-connections").with("most", "65536"));
                usual.connections
            }
        };
        Limits { connections, header_timeout, request_timeout, ..usual }
    }
}
