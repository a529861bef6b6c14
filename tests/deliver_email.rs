//! Mail against SMTP servers that misbehave at every step, and against a real one.

#![expect(clippy::unwrap_used, reason = "what a test sets up has to work")]

mod support {
    pub mod aiosmtpd;
    pub mod notices;
    pub mod smtp;
}

use std::time::Duration;

use chrono::{DateTime, Utc};
use mail_parser::{HeaderValue, MessageParser};
use siaga::deliver::Outcome;
use siaga::deliver::email::Relay;
use siaga::deliver::settings::{Address, EmailSettings};
use siaga::notice::Occasion;
use support::aiosmtpd::Aiosmtpd;
use support::notices::{LINK, certificate, delivery, notice};
use support::smtp::{Answer, Heard, Script, Step, serve};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Long enough for a busy machine, short enough to wait for.
const TEST_TIMEOUT: Duration = Duration::from_secs(3);

const ACCOUNT: &str = "user = \"siaga\"\npassword = \"rahasia\"";

fn relay(port: u16, more: &str) -> Relay {
    let from = "siaga Timpora Contoh <siaga@contoh.example>";
    let toml = format!("host = \"127.0.0.1\"\nport = {port}\nfrom = \"{from}\"\n{more}");
    let settings: EmailSettings = toml::from_str(&toml).unwrap();
    Relay::new(&settings).unwrap().with_timeout(TEST_TIMEOUT)
}

fn to() -> Address {
    "Piket Contoh <piket@kanim.contoh.example>".parse().unwrap()
}

fn now() -> DateTime<Utc> {
    "2024-11-25T00:00:07+07:00".parse().unwrap()
}

/// One attempt against one scripted connection.
async fn attempt(script: Script, more: &str) -> (Outcome, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = relay(listener.local_addr().unwrap().port(), more);
    let notice = notice(Occasion::Opened);
    let (delivery, to) = (delivery(&notice), to());
    tokio::join!(relay.deliver(&delivery, &to, now()), serve(listener, script))
}

fn plain_with_account() -> String {
    format!("tls = \"none\"\n{ACCOUNT}")
}

fn retry(reason: &str) -> Outcome {
    Outcome::Retry { reason: reason.to_owned(), wait: None }
}

fn dead(reason: &str) -> Outcome {
    Outcome::Dead { reason: reason.to_owned() }
}

fn circuit(reason: &str) -> Outcome {
    Outcome::Circuit { reason: reason.to_owned() }
}

#[tokio::test]
async fn a_willing_relay_gets_the_mail_once() {
    let (outcome, heard) = attempt(Script::default(), &plain_with_account()).await;
    assert_eq!(outcome, Outcome::Delivered);
    let verbs: Vec<_> = heard.commands.iter().map(|command| command.split(' ').next().unwrap()).collect();
    assert_eq!(verbs, ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]);
    assert_eq!(heard.commands[0], "EHLO contoh.example");
    assert_eq!(heard.commands[2], "MAIL FROM:<siaga@contoh.example>");
    assert_eq!(heard.commands[3], "RCPT TO:<piket@kanim.contoh.example>");
    assert!(heard.mail.unwrap().contains("In-Reply-To: <A-7K2M@contoh.example>"));
}

#[tokio::test]
async fn each_answer_at_each_step_has_its_outcome() {
    use Answer::{Drop, Say};
    use Step::{Auth, Data, Dot, Ehlo, Greeting, Mail, Quit, Rcpt};
    let lost = |at: &str| retry(&format!("no connection, or lost, at {at}"));
    let later = |code: u16, at: &str| retry(&format!("put off by the relay ({code} at {at})"));
    let no = |code: u16, at: &str| retry(&format!("the relay takes no mail now ({code} at {at})"));
    let account = |code: u16, at: &str| circuit(&format!("the relay refuses the account ({code} at {at})"));
    let refused = |code: u16, at: &str| dead(&format!("mail refused ({code} at {at})"));
    let end = "the message's end";
    let rows = [
        (Greeting, Say("220 hello"), Outcome::Delivered),
        (Greeting, Say("421 busy"), later(421, "connecting")),
        (Greeting, Say("554 no service"), no(554, "connecting")),
        (Greeting, Say("SSH-2.0-x"), lost("connecting")),
        (Greeting, Drop, lost("connecting")),
        (Ehlo, Say("421 busy"), later(421, "connecting")),
        (Ehlo, Say("550 no"), no(550, "connecting")),
        (Ehlo, Drop, lost("connecting")),
        (Auth, Say("235 welcome"), Outcome::Delivered),
        (Auth, Say("454 later"), later(454, "AUTH")),
        (Auth, Say("504 no such mechanism"), account(504, "AUTH")),
        (Auth, Say("535 wrong"), account(535, "AUTH")),
        (Auth, Drop, lost("AUTH")),
        (Mail, Say("250 ok"), Outcome::Delivered),
        (Mail, Say("451 later"), later(451, "MAIL FROM")),
        (Mail, Say("530 log in first"), account(530, "MAIL FROM")),
        (Mail, Say("550 no"), refused(550, "MAIL FROM")),
        (Mail, Drop, lost("MAIL FROM")),
        (Rcpt, Say("251 forwarded"), Outcome::Delivered),
        (Rcpt, Say("450 box is busy"), later(450, "RCPT TO")),
        (Rcpt, Say("452 box is full"), later(452, "RCPT TO")),
        (Rcpt, Say("550 piket@kanim.contoh.example is unknown"), dead("recipient refused (550)")),
        (Rcpt, Say("553 no"), dead("recipient refused (553)")),
        (Rcpt, Drop, lost("RCPT TO")),
        (Data, Say("421 bye"), later(421, "DATA")),
        (Data, Say("451 later"), later(451, "DATA")),
        (Data, Say("554 no"), refused(554, "DATA")),
        (Data, Drop, lost("DATA")),
        (Dot, Say("250 taken"), Outcome::Delivered),
        (Dot, Say("451 later"), later(451, end)),
        (Dot, Say("554 spam"), refused(554, end)),
        // the relay may have it: the retry carries the same Message-ID
        (Dot, Drop, lost(end)),
        (Quit, Say("421 bye"), Outcome::Delivered),
        (Quit, Drop, Outcome::Delivered),
    ];
    for (step, answer, expected) in rows {
        let script = Script { at: Some((step, answer)), ..Script::default() };
        let (outcome, _) = attempt(script, &plain_with_account()).await;
        assert_eq!(outcome, expected, "{answer:?} at {step:?}");
    }
}

#[tokio::test]
async fn a_relay_that_falls_silent_is_left_in_time() {
    use Step::{Auth, Data, Dot, Ehlo, Greeting, Mail, Quit, Rcpt};
    let mut attempts = JoinSet::new();
    for (step, at) in [
        (Greeting, Some("connecting")),
        (Ehlo, Some("connecting")),
        (Auth, Some("AUTH")),
        (Mail, Some("MAIL FROM")),
        (Rcpt, Some("RCPT TO")),
        (Data, Some("DATA")),
        (Dot, Some("the message's end")),
        (Quit, None),
    ] {
        attempts.spawn(async move {
            let script = Script { at: Some((step, Answer::Hang)), ..Script::default() };
            let (outcome, _) = attempt(script, &plain_with_account()).await;
            let expected = at.map_or(Outcome::Delivered, |at| retry(&format!("time-out at {at}")));
            assert_eq!(outcome, expected, "silent at {step:?}");
        });
    }
    while let Some(attempt) = attempts.join_next().await {
        attempt.unwrap();
    }
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = relay(listener.local_addr().unwrap().port(), "tls = \"none\"");
    drop(listener);
    let notice = notice(Occasion::Opened);
    let outcome = relay.deliver(&delivery(&notice), &to(), now()).await;
    assert_eq!(outcome, retry("no connection, or lost, at connecting"));
}

#[tokio::test]
async fn a_reply_lost_after_the_final_dot_is_retried_under_the_same_name() {
    let lost = Script { at: Some((Step::Dot, Answer::Drop)), ..Script::default() };
    let (outcome, first) = attempt(lost, &plain_with_account()).await;
    assert_eq!(outcome.word(), "retry");
    let (outcome, second) = attempt(Script::default(), &plain_with_account()).await;
    assert_eq!(outcome, Outcome::Delivered);
    let name = "Message-ID: <d-0123456789abcdef@contoh.example>\r\n";
    assert!(first.mail.unwrap().contains(name));
    assert!(second.mail.unwrap().contains(name));
}

#[tokio::test]
async fn without_a_way_to_log_in_everything_waits() {
    let script = Script { no_auth: true, ..Script::default() };
    let (outcome, heard) = attempt(script, &plain_with_account()).await;
    let reason = "the relay offers no way to log in that is known here";
    assert_eq!(outcome, circuit(reason));
    assert_eq!(heard.mail, None);
}

#[tokio::test]
async fn tls_comes_before_the_password_and_only_with_a_trusted_certificate() {
    let (pem, tls) = certificate("127.0.0.1");
    let (_, stranger) = certificate("127.0.0.1");
    let (other_pem, other_name) = certificate("lain.contoh.example");
    let trust = |tls: &str, pem: &str| format!("tls = \"{tls}\"\nca_pem = '''{pem}'''\n{ACCOUNT}");
    let wrapped = |tls: &tokio_rustls::TlsAcceptor| Script { wrapped: Some(tls.clone()), ..Script::default() };
    let starttls = |tls: &tokio_rustls::TlsAcceptor| Script { starttls: Some(tls.clone()), ..Script::default() };
    let failed = |at: &str| retry(&format!("TLS failed at {at}"));
    let untrusted = |at: &str| retry(&format!("the relay's certificate is not accepted at {at}"));
    let not_offered = retry("the relay does not offer STARTTLS");
    let rows = [
        ("required", &pem, wrapped(&tls), Outcome::Delivered),
        ("required", &pem, wrapped(&stranger), untrusted("connecting")),
        ("required", &other_pem, wrapped(&other_name), untrusted("connecting")),
        ("required", &pem, Script::default(), failed("connecting")),
        ("starttls", &pem, starttls(&tls), Outcome::Delivered),
        ("starttls", &pem, starttls(&stranger), untrusted("STARTTLS")),
        ("starttls", &other_pem, starttls(&other_name), untrusted("STARTTLS")),
        ("starttls", &pem, Script::default(), not_offered),
    ];
    for (index, (setting, pem, script, expected)) in rows.into_iter().enumerate() {
        let (outcome, heard) = attempt(script, &trust(setting, pem)).await;
        assert_eq!(outcome, expected, "row {index}, {setting}");
        let logged_in = heard.commands.iter().any(|command| command.starts_with("AUTH"));
        assert_eq!(logged_in, outcome == Outcome::Delivered, "row {index}");
        assert!(heard.encrypted || !logged_in, "row {index}: in the open");
    }
}

#[tokio::test]
async fn a_real_server_stores_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let server = Aiosmtpd::start(folder.path()).await;
    let relay = relay(server.port, "tls = \"none\"");
    let notice = notice(Occasion::Opened);
    let outcome = relay.deliver(&delivery(&notice), &to(), now()).await;
    assert_eq!(outcome, Outcome::Delivered);

    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = MessageParser::default().parse(&mails[0]).unwrap();
    assert_eq!(
        mail.subject().unwrap(),
        "[SIAGA-1] Berpindah penginapan berulang · Kabupaten Ogan Komering Ulu · A-7K2M"
    );
    assert_eq!(mail.message_id().unwrap(), "d-0123456789abcdef@contoh.example");
    assert_eq!(mail.in_reply_to().as_text().unwrap(), "A-7K2M@contoh.example");
    assert_eq!(mail.references().as_text().unwrap(), "A-7K2M@contoh.example");
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2024-11-24T17:00:07Z");
    let sender = mail.from().unwrap().first().unwrap();
    assert_eq!(sender.name().unwrap(), "siaga Timpora Contoh");
    assert_eq!(sender.address().unwrap(), "siaga@contoh.example");
    let recipient = mail.to().unwrap().first().unwrap();
    assert_eq!(recipient.address().unwrap(), "piket@kanim.contoh.example");
    let text_of = |name: &'static str| match mail.header(name) {
        Some(HeaderValue::Text(text)) => text.to_string(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(text_of("Auto-Submitted"), "auto-generated");
    assert_eq!(text_of("X-Auto-Response-Suppress"), "All");

    assert_eq!((mail.text_body_count(), mail.html_body_count()), (1, 1));
    let text = mail.body_text(0).unwrap();
    let html = mail.body_html(0).unwrap();
    for part in [&text, &html] {
        for words in [
            "SIAGA-1 · bertindak sekarang",
            "Hubungi penginapan dan cocokkan buku tamu.",
            "Hotel Contoh: penginapan ke-3 dalam 7 hari",
            "Ini pemberitahuan untuk dicek, bukan keputusan tentang siapa pun.",
            "UU 6/2011 Pasal 71 huruf b",
            "Senin, 25 November 2024 pukul 00.00 WIB",
            LINK,
        ] {
            assert!(part.contains(words), "{words:?} is not in {part}");
        }
    }
    assert!(text.contains("penginapan >= threshold(\"inap_berpindah\")"));
    assert!(html.contains("penginapan &#62;= threshold(&#34;inap_berpindah&#34;)"));
}
