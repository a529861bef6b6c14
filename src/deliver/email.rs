//! One mail to one recipient in one SMTP transaction, and what the relay's answers mean.

use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use tokio::time::{Instant, timeout_at};

use super::cause::{self, TlsFault};
use super::message::compose;
use super::settings::{Address, EmailSettings, SettingsError, Tls, certificates};
use super::{Delivery, Outcome};

/// A whole transaction takes no longer: a stuck relay must not hold the outbox.
pub const EMAIL_TIMEOUT: Duration = Duration::from_secs(15);

/// How long taking leave may take; the outcome is known by then.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// The mail relay, ready to send.
pub struct Relay {
    settings: EmailSettings,
    port: u16,
    hello: ClientId,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    timeout: Duration,
}

impl Relay {
    /// Checks the settings.
    pub fn new(settings: &EmailSettings) -> Result<Self, SettingsError> {
        let (tls, usual_port) = match settings.tls {
            Tls::None if !is_loopback(&settings.host) => return Err(SettingsError::PlainRelay),
            Tls::None => (None, SMTP_PORT),
            Tls::Starttls => (Some(tls_parameters(settings)?), SUBMISSION_PORT),
            Tls::Required => (Some(tls_parameters(settings)?), SUBMISSIONS_PORT),
        };
        let credentials = match (&settings.user, &settings.password) {
            (None, None) => None,
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.reveal().to_owned())),
            _ => return Err(SettingsError::HalfAnAccount),
        };
        let domain = settings.from.mailbox().email.domain();
        let hello = settings.hello.as_deref().unwrap_or(domain);
        let in_host_names = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if hello.is_empty() || !hello.chars().all(in_host_names) {
            return Err(SettingsError::Hello);
        }
        Ok(Relay {
            port: settings.port.unwrap_or(usual_port),
            hello: ClientId::Domain(hello.to_owned()),
            tls,
            credentials,
            timeout: EMAIL_TIMEOUT,
            settings: settings.clone(),
        })
    }

    /// The same relay with another limit on a transaction.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Relay { timeout, ..self }
    }

    /// Makes one attempt at `now`.
    pub async fn deliver(&self, delivery: &Delivery<'_>, to: &Address, now: DateTime<Utc>) -> Outcome {
        let mail = match compose(&self.settings, delivery, to, now) {
            Ok(mail) => mail,
            Err(error) => {
                let reason = error.to_string();
                return Outcome::Dead { reason };
            }
        };
        match self.transact(&mail).await {
            Ok(()) => Outcome::Delivered,
            Err(failure) => failure.outcome(),
        }
    }

    async fn transact(&self, mail: &Message) -> Result<(), Failure> {
        let deadline = Instant::now() + self.timeout;
        let mut connection = self.connect(deadline).await?;
        let sent = self.hand_over(&mut connection, mail, deadline).await;
        // without QUIT a relay may take the connection for a broken one; its answer changes nothing
        let leave = deadline.min(Instant::now() + QUIT_TIMEOUT);
        match &sent {
            Ok(()) => drop(timeout_at(leave, connection.quit()).await),
            Err(failure) if failure.connected() => {
                drop(timeout_at(leave, connection.abort()).await);
            }
            Err(_) => {}
        }
        sent
    }

    async fn connect(&self, deadline: Instant) -> Result<AsyncSmtpConnection, Failure> {
        let from_the_start = match self.settings.tls {
            Tls::Required => self.tls.clone(),
            Tls::Starttls | Tls::None => None,
        };
        let server = (self.settings.host.as_str(), self.port);
        let timeout = Some(self.timeout);
        let connect = AsyncSmtpConnection::connect_tokio1(server, timeout, &self.hello, from_the_start, None);
        let mut connection = within(deadline, Step::Connect, connect).await?;
        if let (Tls::Starttls, Some(tls)) = (self.settings.tls, &self.tls) {
            let starttls = connection.starttls(tls.clone(), &self.hello);
            within(deadline, Step::Starttls, starttls).await?;
        }
        Ok(connection)
    }

    /// The commands one by one, because lettre's own `send` does not tell which one was refused.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        mail: &Message,
        deadline: Instant,
    ) -> Result<(), Failure> {
        if let Some(credentials) = &self.credentials {
            let auth = connection.auth(DEFAULT_MECHANISMS, credentials);
            within(deadline, Step::Auth, auth).await?;
        }
        let from = Mail::new(mail.envelope().from().cloned(), vec![]);
        within(deadline, Step::Mail, connection.command(from)).await?;
        for recipient in mail.envelope().to() {
            let to = Rcpt::new(recipient.clone(), vec![]);
            within(deadline, Step::Rcpt, connection.command(to)).await?;
        }
        within(deadline, Step::Data, connection.command(Data)).await?;
        let text = mail.formatted();
        within(deadline, Step::Text, connection.message(&text)).await?;
        Ok(())
    }
}

fn is_loopback(host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

fn tls_parameters(settings: &EmailSettings) -> Result<TlsParameters, SettingsError> {
    let mut tls = TlsParameters::builder(settings.host.clone());
    for certificate in settings.ca_pem.as_deref().map_or(Ok(vec![]), certificates)? {
        let certificate = Certificate::from_der(certificate).map_err(|_| SettingsError::Certificates)?;
        tls = tls.add_root_certificate(certificate);
    }
    tls.build().map_err(|error| SettingsError::Tls(error.to_string()))
}

/// Where in the conversation it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Connecting, TLS from the start, greeting and EHLO.
    Connect,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The text and the final dot.
    Text,
}

impl Step {
    fn words(self) -> &'static str {
        match self {
            Step::Connect => "connecting",
            Step::Starttls => "STARTTLS",
            Step::Auth => "AUTH",
            Step::Mail => "MAIL FROM",
            Step::Rcpt => "RCPT TO",
            Step::Data => "DATA",
            Step::Text => "the message's end",
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Cause {
    /// The relay answered with this code.
    Refused(u16),
    TimedOut,
    Tls(TlsFault),
    /// Refused, reset, closed or unresolvable.
    Network,
    /// An answer that is no SMTP, or none at all: a closed connection looks so to lettre.
    Garbled,
    /// Something the relay does not offer.
    Unsupported,
}

#[derive(Debug, PartialEq, Eq)]
struct Failure {
    step: Step,
    cause: Cause,
}

async fn within<T>(deadline: Instant, step: Step, work: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match timeout_at(deadline, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Failure { step, cause: Cause::of(&error) }),
        Err(_) => Err(Failure { step, cause: Cause::TimedOut }),
    }
}

impl Cause {
    /// Only the kind and the code: a relay's words often repeat the recipient's address.
    fn of(error: &Error) -> Self {
        if let Some(fault) = cause::tls(error) {
            return Cause::Tls(fault);
        }
        match error.status() {
            Some(code) => Cause::Refused(code.into()),
            None if error.is_timeout() => Cause::TimedOut,
            None if error.is_tls() => Cause::Tls(TlsFault::Other),
            None if error.is_response() => Cause::Garbled,
            None if error.is_client() => Cause::Unsupported,
            None => Cause::Network,
        }
    }
}

impl Failure {
    /// Whether the relay still listens.
    fn connected(&self) -> bool {
        matches!(self.cause, Cause::Refused(_) | Cause::Unsupported)
    }

    fn outcome(&self) -> Outcome {
        let at = self.step.words();
        let retry = |reason| Outcome::Retry { reason, wait: None };
        match self.cause {
            // the account: every mail would meet the same answer
            Cause::Refused(code @ (530 | 534 | 535 | 538)) => {
                Outcome::Circuit { reason: format!("the relay refuses the account ({code} at {at})") }
            }
            Cause::Refused(code @ 500..) => match self.step {
                Step::Connect | Step::Starttls => retry(format!("the relay takes no mail now ({code} at {at})")),
                Step::Auth => Outcome::Circuit { reason: format!("the relay refuses the account ({code} at {at})") },
                Step::Rcpt => Outcome::Dead { reason: format!("recipient refused ({code})") },
                Step::Mail | Step::Data | Step::Text => {
                    Outcome::Dead { reason: format!("mail refused ({code} at {at})") }
                }
            },
            Cause::Refused(code) => retry(format!("put off by the relay ({code} at {at})")),
            Cause::TimedOut => retry(format!("time-out at {at}")),
            Cause::Tls(TlsFault::Certificate) => retry(format!("the relay's certificate is not accepted at {at}")),
            Cause::Tls(TlsFault::Other) => retry(format!("TLS failed at {at}")),
            Cause::Network | Cause::Garbled => retry(format!("no connection, or lost, at {at}")),
            Cause::Unsupported if self.step == Step::Auth => {
                Outcome::Circuit { reason: "the relay offers no way to log in that is known here".to_owned() }
            }
            Cause::Unsupported => retry(format!("the relay does not offer {at}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str) -> EmailSettings {
        toml::from_str(&format!("from = \"siaga@contoh.example\"\n{toml}")).unwrap()
    }

    fn fault(toml: &str) -> Option<SettingsError> {
        Relay::new(&settings(toml)).err()
    }

    #[test]
    fn mail_travels_in_the_open_only_within_this_machine() {
        for host in ["127.0.0.1", "127.8.8.8", "::1", "localhost"] {
            let toml = format!("host = \"{host}\"\ntls = \"none\"");
            assert_eq!(fault(&toml), None, "{host}");
        }
        for host in ["mail.contoh.example", "10.0.0.1", "localhost.contoh.example"] {
            let toml = format!("host = \"{host}\"\ntls = \"none\"");
            assert_eq!(fault(&toml), Some(SettingsError::PlainRelay), "{host}");
            for tls in ["required", "starttls"] {
                let toml = format!("host = \"{host}\"\ntls = \"{tls}\"");
                assert_eq!(fault(&toml), None, "{host} with {tls}");
            }
        }
    }

    #[test]
    fn tls_is_required_unless_said_otherwise_and_each_kind_has_its_port() {
        for (tls, port) in [
            ("", 465),
            ("tls = \"required\"", 465),
            ("tls = \"starttls\"", 587),
            ("tls = \"none\"", 25),
            ("port = 2525", 2525),
        ] {
            let relay = Relay::new(&settings(&format!("host = \"127.0.0.1\"\n{tls}"))).unwrap();
            assert_eq!(relay.port, port, "{tls}");
        }
    }

    #[test]
    fn faults_in_the_settings_are_told() {
        let rows = [
            ("user = \"siaga\"", SettingsError::HalfAnAccount),
            ("password = \"rahasia\"", SettingsError::HalfAnAccount),
            ("ca_pem = \"no certificate\"", SettingsError::Certificates),
            ("hello = \"\"", SettingsError::Hello),
            ("hello = \"x\\r\\nMAIL FROM:<>\"", SettingsError::Hello),
        ];
        for (line, expected) in rows {
            let got = fault(&format!("host = \"mail.contoh.example\"\n{line}"));
            assert_eq!(got, Some(expected), "{line}");
        }
    }

    #[test]
    fn neither_password_nor_address_is_ever_printed() {
        let settings = settings("host = \"h\"\nuser = \"u\"\npassword = \"rahasia\"");
        let printed = format!("{settings:?}");
        assert!(!printed.contains("rahasia"), "{printed}");
        assert!(!printed.contains("contoh.example"), "{printed}");
    }

    #[test]
    fn codes_of_the_account_open_the_circuit_wherever_they_come() {
        for step in [Step::Connect, Step::Auth, Step::Mail, Step::Rcpt, Step::Data] {
            for code in [530, 534, 535, 538] {
                let cause = Cause::Refused(code);
                let outcome = Failure { step, cause }.outcome();
                assert_eq!(outcome.word(), "circuit", "{code} at {step:?}");
            }
        }
    }
}
