//! One signed POST to one endpoint, and what its answer means.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, StatusCode, Url};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

use super::cause::{self, TlsFault};
use super::guard::{Guard, GuardedResolver, Refused};
use super::settings::{Detail, EndpointSettings, Format, Secret, SettingsError, certificates};
use super::{Delivery, Outcome};

mod event;

/// A receiver answers at once and works afterwards.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// A receiver that is there takes a connection within this.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// No more of a reply is read; nothing in it is used.
pub const REPLY_MOST_BYTES: usize = 64 * 1024;

/// The sizes of key that Standard Webhooks allows.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// One endpoint, ready to be called.
pub struct Endpoint {
    url: Url,
    format: Format,
    detail: Detail,
    signer: Webhook,
    client: Client,
    timeout: Duration,
}

impl Endpoint {
    /// Checks the settings. The address behind a name is checked at each connection.
    pub fn new(settings: &EndpointSettings) -> Result<Self, SettingsError> {
        let guard = Arc::new(Guard::new(&settings.allow_cidrs));
        Ok(Endpoint {
            url: target(settings, &guard)?,
            format: settings.format,
            detail: settings.detail,
            signer: signer(&settings.secret)?,
            client: client(settings, guard)?,
            timeout: WEBHOOK_TIMEOUT,
        })
    }

    /// The same endpoint with another limit on a call.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Endpoint { timeout, ..self }
    }

    /// Makes one attempt at `now`, which the signature is good for.
    pub async fn deliver(&self, delivery: &Delivery<'_>, now: DateTime<Utc>) -> Outcome {
        let body = match self.format {
            Format::Cloudevents => event::cloudevent(delivery, self.detail),
        };
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                let reason = format!("the body cannot be written: {error}");
                return Outcome::Dead { reason };
            }
        };
        let timestamp = now.timestamp();
        let Ok(signature) = self.signer.sign(delivery.id, timestamp, &body) else {
            let reason = "the body cannot be signed".to_owned();
            return Outcome::Dead { reason };
        };
        let request = self
            .client
            .post(self.url.clone())
            .timeout(self.timeout)
            .header(CONTENT_TYPE, event::CONTENT_TYPE)
            .header(HEADER_WEBHOOK_ID, delivery.id)
            .header(HEADER_WEBHOOK_TIMESTAMP, timestamp)
            .header(HEADER_WEBHOOK_SIGNATURE, signature)
            .body(body);
        match request.send().await {
            Ok(reply) => {
                let outcome = judge(reply.status(), retry_after(&reply, now));
                drain(reply).await;
                outcome
            }
            Err(error) => unanswered(&error),
        }
    }
}

fn target(settings: &EndpointSettings, guard: &Guard) -> Result<Url, SettingsError> {
    let url = Url::parse(&settings.url).map_err(|_| SettingsError::Url)?;
    let host = url.host_str().ok_or(SettingsError::Url)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SettingsError::Url);
    }
    match url.scheme() {
        "https" => {}
        "http" if settings.allow_http => {}
        "http" => return Err(SettingsError::NotHttps),
        _ => return Err(SettingsError::Url),
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        guard.check(address).map_err(SettingsError::Target)?;
    }
    Ok(url)
}

fn signer(secret: &Secret) -> Result<Webhook, SettingsError> {
    let encoded = secret.reveal().strip_prefix("whsec_").ok_or(SettingsError::Secret)?;
    let key = data_encoding::BASE64.decode(encoded.as_bytes()).map_err(|_| SettingsError::Secret)?;
    if !KEY_BYTES.contains(&key.len()) {
        return Err(SettingsError::Secret);
    }
    Webhook::from_bytes(key).map_err(|_| SettingsError::Secret)
}

fn client(settings: &EndpointSettings, guard: Arc<Guard>) -> Result<Client, SettingsError> {
    // reqwest takes the process's provider; an error says that one is installed already
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = Client::builder()
        .user_agent(concat!("siaga/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .https_only(!settings.allow_http)
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(GuardedResolver(guard));
    if let Some(pem) = &settings.ca_pem {
        let trusted: Result<Vec<_>, _> =
            certificates(pem)?.iter().map(|certificate| Certificate::from_der(certificate)).collect();
        builder = builder.tls_certs_merge(trusted.map_err(|_| SettingsError::Certificates)?);
    }
    builder.build().map_err(|error| SettingsError::Client(error.without_url().to_string()))
}

/// Reads what little there is, so that the connection can be used again, and lets go of anything longer.
///
/// The status has been judged by then: a receiver that says 2xx has the event, however it goes on.
async fn drain(mut reply: Response) {
    let mut read = 0;
    while read < REPLY_MOST_BYTES {
        match reply.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

fn judge(status: StatusCode, wait: Option<Duration>) -> Outcome {
    let code = status.as_u16();
    match code {
        200..=299 => Outcome::Delivered,
        410 => Outcome::Gone { reason: "the endpoint says that it is gone (410)".to_owned() },
        401 | 403 => Outcome::Misconfigured { reason: format!("the endpoint does not let siaga in ({code})") },
        404 => Outcome::Misconfigured { reason: "the endpoint is not at its address (404)".to_owned() },
        429 => Outcome::Retry { reason: "the endpoint asks for fewer calls (429)".to_owned(), wait },
        503 => Outcome::Retry { reason: "the endpoint is not available (503)".to_owned(), wait },
        300..=399 => Outcome::Retry {
            reason: format!("the endpoint points elsewhere, which is not followed ({code})"),
            wait: None,
        },
        _ => Outcome::Retry { reason: format!("the endpoint answers {code}"), wait: None },
    }
}

fn retry_after(reply: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let value = reply.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    until.duration_since(SystemTime::from(now)).ok()
}

fn unanswered(error: &reqwest::Error) -> Outcome {
    let reason = if let Some(refused) = cause::find::<Refused>(error) {
        format!("the endpoint's name leads to {refused}")
    } else if let Some(fault) = cause::tls(error) {
        match fault {
            TlsFault::Certificate => "the endpoint's certificate is not accepted".to_owned(),
            TlsFault::Other => "no TLS with the endpoint".to_owned(),
        }
    } else {
        let words = match (error.is_timeout(), error.is_connect()) {
            (true, true) => "time-out while connecting to the endpoint",
            (true, false) => "time-out while waiting for the endpoint",
            (false, _) if error.is_dns() => "the endpoint's name is not known",
            (false, true) => "no connection to the endpoint",
            (false, false) => "the connection to the endpoint broke",
        };
        words.to_owned()
    };
    Outcome::Retry { reason, wait: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    fn fault(url: &str, more: &str) -> Option<String> {
        let toml = format!("url = \"{url}\"\nsecret = \"{KEY}\"\n{more}");
        let settings: EndpointSettings = toml::from_str(&toml).unwrap();
        Endpoint::new(&settings).err().map(|error| {
            let words = error.to_string();
            assert!(!words.contains(url), "the url is told: {words}");
            words.split("; help:").next().unwrap_or_default().to_owned()
        })
    }

    #[test]
    fn targets_are_https_and_public_unless_allowed() {
        let not_https = Some("`url` is not https".to_owned());
        let no_url = Some("`url` is not an absolute http or https URL without user and password".to_owned());
        let to = |kind: &str| Some(format!("`url` points to {kind} address"));
        let http = "allow_http = true";
        let own = "allow_cidrs = [\"127.0.0.0/8\"]";
        let rows = [
            ("https://timpora.contoh.example/siaga", "", None),
            ("http://timpora.contoh.example/siaga", "", not_https),
            ("http://timpora.contoh.example/siaga", http, None),
            ("ftp://timpora.contoh.example/", http, no_url.clone()),
            ("timpora.contoh.example", "", no_url.clone()),
            ("https://a:b@timpora.contoh.example/", "", no_url.clone()),
            ("https://a@timpora.contoh.example/", "", no_url),
            ("https://127.0.0.1/", "", to("a loopback")),
            ("https://127.0.0.1/", own, None),
            ("https://127.1/", "", to("a loopback")),
            ("https://0x7f000001/", "", to("a loopback")),
            ("https://2130706433/", "", to("a loopback")),
            ("https://10.0.0.1/", own, to("a private")),
            ("https://169.254.169.254/latest", "", to("a link-local")),
            ("https://[::1]/", "", to("a loopback")),
            ("https://[::ffff:10.0.0.1]/", "", to("a private")),
            ("https://[fe80::1]/", "", to("a link-local")),
            ("https://0/", "", to("an unspecified")),
        ];
        for (url, more, expected) in rows {
            assert_eq!(fault(url, more), expected, "{url} {more}");
        }
    }

    #[test]
    fn keys_are_as_standard_webhooks_has_them() {
        let usable = |secret: &str| signer(&Secret::from(secret)).is_ok();
        assert!(usable(KEY));
        assert!(!usable("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="));
        assert!(!usable("whsec_c2hvcnQ="));
        assert!(!usable("whsec_not base64"));
        assert!(!usable(""));
    }

    #[test]
    fn each_status_has_its_outcome() {
        let wait = Some(Duration::from_secs(7));
        let rows = [
            (200, "delivered"),
            (201, "delivered"),
            (202, "delivered"),
            (204, "delivered"),
            (299, "delivered"),
            (301, "retry"),
            (302, "retry"),
            (308, "retry"),
            (400, "retry"),
            (401, "misconfigured"),
            (403, "misconfigured"),
            (404, "misconfigured"),
            (405, "retry"),
            (408, "retry"),
            (409, "retry"),
            (410, "gone"),
            (413, "retry"),
            (422, "retry"),
            (429, "retry"),
            (500, "retry"),
            (502, "retry"),
            (503, "retry"),
            (504, "retry"),
            (599, "retry"),
        ];
        for (code, expected) in rows {
            let outcome = judge(StatusCode::from_u16(code).unwrap(), wait);
            assert_eq!(outcome.word(), expected, "{code}");
            if let Outcome::Retry { wait: kept, .. } = outcome {
                let honoured = matches!(code, 429 | 503);
                assert_eq!(kept, wait.filter(|_| honoured), "{code}");
            }
        }
    }
}
