//! What the deployment says about the mail relay and the webhook endpoints.

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;
use lettre::message::Mailbox;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

/// The mail relay and the sender.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailSettings {
    /// The relay's name or address.
    pub host: String,
    /// Its port; the usual one of `tls` when left out.
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: Tls,
    /// The account, where the relay asks for one.
    pub user: Option<String>,
    /// The account's password.
    pub password: Option<Secret>,
    /// Who sends; its domain also names the messages.
    pub from: Address,
    /// Where answers go, where that is not the sender.
    pub reply_to: Option<Address>,
    /// The name that the relay is greeted with; the sender's domain when left out.
    pub hello: Option<String>,
    /// Certificates (PEM) to trust beside the system's.
    pub ca_pem: Option<String>,
}

/// How the connection to the relay is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// TLS from the first byte, usually on port 465.
    #[default]
    Required,
    /// TLS by `STARTTLS` before anything else is said, usually on port 587; without it nothing is sent.
    Starttls,
    /// None: only to this machine itself.
    None,
}

/// One webhook endpoint.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSettings {
    /// Where to post.
    pub url: String,
    /// The shared key of Standard Webhooks, `whsec_` and 24 to 64 bytes in base64.
    pub secret: Secret,
    /// The body's format.
    #[serde(default)]
    pub format: Format,
    /// How much the body tells.
    #[serde(default)]
    pub detail: Detail,
    /// Whether `http` will do.
    #[serde(default)]
    pub allow_http: bool,
    /// Address ranges that are open to this endpoint although they are not public.
    #[serde(default)]
    pub allow_cidrs: Vec<IpNet>,
    /// Certificates (PEM) to trust beside the system's.
    pub ca_pem: Option<String>,
}

/// The format of a webhook's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// CloudEvents 1.0, structured JSON.
    #[default]
    Cloudevents,
}

/// How much a webhook's body tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// That there is something, where, how urgent, and the link.
    #[default]
    Thin,
    /// Also the message, what to do, the evidence and the legal basis.
    Full,
}

impl fmt::Debug for EndpointSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointSettings")
            .field("url", &HIDDEN)
            .field("format", &self.format)
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

/// What stands in the place of something that no log may show.
const HIDDEN: &str = "•••";

/// A password or key; it is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for its one use.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Secret(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// A mail address, with or without a name before it; it is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Address(Mailbox);

impl Address {
    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    /// The address with its name, for the outbox to keep; it parses to the same address again.
    pub fn reveal(&self) -> String {
        self.0.to_string()
    }
}

impl FromStr for Address {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        // plain ASCII, because a relay without SMTPUTF8 could not pass it on
        let mailbox: Mailbox = text.parse().map_err(|_| SettingsError::Address)?;
        let named_cleanly = !mailbox.name.as_deref().is_some_and(|name| name.contains(char::is_control));
        if text.contains(char::is_control) || !named_cleanly {
            return Err(SettingsError::Address);
        }
        let address: &str = mailbox.email.as_ref();
        if !address.is_ascii() {
            return Err(SettingsError::Address);
        }
        Ok(Address(mailbox))
    }
}

impl TryFrom<String> for Address {
    type Error = SettingsError;

    fn try_from(text: String) -> Result<Self, SettingsError> {
        text.parse()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// The certificates (DER) of a `ca_pem`; at least one, because none at all is a mistake.
pub(super) fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, SettingsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|certificate| certificate.map(|certificate| certificate.to_vec()))
        .collect();
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(SettingsError::Certificates),
    }
}

/// Why a setting cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an address.
    #[error("not a mail address; help: write `name@domain` or `Name <name@domain>` in ASCII, on one line")]
    Address,
    /// Mail would travel in the open.
    #[error(
        "`tls = \"none\"` is for a relay on this machine only; help: use `required` or `starttls`, or a loopback host"
    )]
    PlainRelay,
    /// The relay could be given commands with it.
    #[error("`hello` is not a host name; help: letters, digits, `.` and `-`")]
    Hello,
    /// An account without a password, or the other way round.
    #[error("`user` and `password` come together; help: set both or neither")]
    HalfAnAccount,
    /// The certificates cannot be read.
    #[error("`ca_pem` cannot be used as certificates; help: give PEM blocks `BEGIN CERTIFICATE`")]
    Certificates,
    /// The relay's certificate could not be verified, whatever it is.
    #[error("TLS cannot be set up: {0}; help: install the system's root certificates, and check `ca_pem`")]
    Tls(String),
    /// Not a URL.
    #[error("`url` is not an absolute http or https URL without user and password")]
    Url,
    /// Personal data would travel in the open.
    #[error("`url` is not https; help: set `allow_http = true` if the network in between is your own")]
    NotHttps,
    /// The target is not on the public network.
    #[error("`url` points to {0}; help: list its range in `allow_cidrs` if it is meant")]
    Target(super::guard::Refused),
    /// Not a key.
    #[error("`secret` is not a Standard Webhooks key; help: `whsec_` and 24 to 64 random bytes in base64")]
    Secret,
    /// The HTTP client cannot be set up.
    #[error("no HTTP client can be set up: {0}")]
    Client(String),
}
