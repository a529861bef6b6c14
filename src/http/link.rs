//! `/a/{token}`: the page behind a mail's link. Looking changes nothing, because mail scanners look too; the button does.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Locale, Utc};

use super::App;
use super::alerts::append;
use super::problem::{Fatal, Problem};
use super::view::area;
use crate::alert::{Act, Alert, AlertEvent, AlertEventKind, CloseReason, Severity, Status, late_hours};
use crate::clock;
use crate::outbox::link::token_hash;
use crate::outbox::send_test::TEST_PREFIX;
use crate::store::access::MailLink;
use crate::store::{Scope, StoreError};

/// What the page needs: its own styles and a form that goes back to it.
const POLICY: (HeaderName, &str) = (
    CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// Far more than a link's token has.
const MAX_TOKEN_BYTES: usize = 200;

/// What the page says. It holds nothing about a person: whoever has the mail can pass the link on.
#[derive(Template)]
#[template(path = "http/templates/alert.html")]
struct Page {
    title: String,
    banner: String,
    color: &'static str,
    /// What stands above everything else.
    news: String,
    facts: Vec<(&'static str, String)>,
    action: String,
    button: Option<&'static str>,
    /// Which agencies have acknowledged, and when.
    takers: Vec<(String, String)>,
}

const GREY: &str = "#4b5563";
const GREEN: &str = "#17633a";

/// Where a link leads.
enum Target {
    /// To an alert.
    Alert(Box<Sight>),
    /// To a message that stands for no alert: a test of the channel.
    Test(MailLink),
}

/// An alert as the agency of a link looks at it.
struct Sight {
    alert: Alert,
    /// The agency that got the mail.
    agency: String,
    /// Who has acknowledged, each agency once, with the time of its first press.
    takers: Vec<(Arc<str>, DateTime<Utc>)>,
}

impl Sight {
    fn of(alert: Alert, agency: String, events: &[AlertEvent]) -> Self {
        let mut takers: Vec<(Arc<str>, DateTime<Utc>)> = Vec::new();
        for event in events {
            if let AlertEventKind::Acted { by, act: Act::Acknowledge } = &event.what
                && !takers.iter().any(|(known, _)| known == by)
            {
                takers.push((by.clone(), event.at));
            }
        }
        Sight { alert, agency, takers }
    }

    /// Whether this agency still has to say that it got the mail; what others said does not answer for it.
    fn is_asked(&self) -> bool {
        self.alert.status.is_open() && !self.takers.iter().any(|(by, _)| **by == *self.agency)
    }
}

/// Shows the page.
pub async fn show(State(app): State<App>, Path(token): Path<String>) -> Response {
    match target(&app, &token).await {
        Ok(Target::Alert(sight)) => page(StatusCode::OK, &about(&app, &sight, false)),
        Ok(Target::Test(_)) => page(StatusCode::OK, &test(false)),
        Err(problem) => refused(&problem),
    }
}

/// The button: the agency that got the mail has it. Each agency answers for itself, and pressing twice is pressing once.
pub async fn acknowledge(State(app): State<App>, Path(token): Path<String>) -> Response {
    match press(&app, &token).await {
        Ok(done) => page(StatusCode::OK, &done),
        Err(problem) => refused(&problem),
    }
}

async fn press(app: &App, token: &str) -> Result<Page, Problem> {
    match target(app, token).await? {
        Target::Test(link) => {
            tracing::info!(agency = link.agency, "a test of the channel was confirmed");
            Ok(test(true))
        }
        Target::Alert(sight) => {
            if sight.is_asked() {
                append(app, &sight.alert, &sight.agency, vec![Act::Acknowledge]).await?;
            }
            Ok(about(app, &sight, true))
        }
    }
}

async fn target(app: &App, token: &str) -> Result<Target, Problem> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Problem::NotFound("link"));
    }
    let hash = token_hash(token);
    let found = app
        .read(move |store| {
            // as of the beginning of time, so that one that has run out is told from one that never was
            let Some(link) = store.link(&hash, DateTime::<Utc>::MIN_UTC)? else { return Ok(None) };
            let scope = Scope::Agency(link.agency.clone());
            let alert = store.alert(&link.alert, &scope)?;
            let events = store.alert_events(&link.alert, &scope)?;
            Ok(Some((link, alert, events)))
        })
        .await?;
    let (link, alert, events) = found.ok_or(Problem::NotFound("link"))?;
    // links are made by the outbox, which lives by the machine's clock
    if link.expires_at <= clock::now() {
        return Err(Problem::Gone("link"));
    }
    match alert {
        Some(alert) => Ok(Target::Alert(Box::new(Sight::of(alert, link.agency, &events)))),
        None if link.alert.starts_with(TEST_PREFIX) => Ok(Target::Test(link)),
        None => Err(Problem::NotFound("link")),
    }
}

fn about(app: &App, sight: &Sight, pressed: bool) -> Page {
    let Sight { alert, agency, takers } = sight;
    let pack = &app.pack();
    let rule = pack.rule(&alert.rule);
    let (soon, color) = match alert.severity {
        Severity::Siaga1 => ("bertindak sekarang", "#b3261e"),
        Severity::Siaga2 => ("tindak lanjuti hari ini atau hari kerja berikutnya", "#a35200"),
        Severity::Siaga3 => ("periksa bila sempat", "#1d5a94"),
        Severity::Silent => ("catatan", GREY),
    };
    let severity = alert.severity.word().to_uppercase();
    let open = alert.status.is_open();
    let just_taken = pressed && sight.is_asked();
    let news = match &alert.status {
        Status::Ditutup { reason, .. } => over(*reason),
        _ if just_taken => "Tercatat: instansi Anda sudah menerima pesan ini. Terima kasih.",
        _ if !sight.is_asked() => "Instansi Anda sudah menerima pesan ini.",
        _ => "",
    };
    let name = |id: &str| {
        let known = pack.agencies.iter().find(|agency| *agency.id == *id);
        known.map_or_else(|| id.to_owned(), |agency| agency.name.clone())
    };
    let mut takers: Vec<(String, String)> = takers.iter().map(|(by, at)| (name(by), local(app, *at))).collect();
    takers.extend(just_taken.then(|| (name(agency), "baru saja".to_owned())));
    Page {
        title: rule.map_or_else(|| alert.rule.to_string(), |rule| rule.title.clone()),
        banner: if open { format!("{severity} · {soon}") } else { format!("SELESAI · sebelumnya {severity}") },
        color: if open { color } else { GREY },
        news: news.to_owned(),
        facts: facts(app, alert, just_taken),
        action: rule.filter(|_| open).map(|rule| rule.action.clone()).unwrap_or_default(),
        button: (sight.is_asked() && !pressed).then_some("Pesan ini sudah saya terima"),
        takers,
    }
}

fn facts(app: &App, alert: &Alert, just_taken: bool) -> Vec<(&'static str, String)> {
    let pack = &app.pack();
    let finding = alert.newest();
    let phase = finding.and_then(|finding| pack.timeline.phase(pack.timeline.phase_id(&finding.about.phase)?));
    let state = match &alert.status {
        Status::Baru if just_taken => "diterima",
        Status::Baru => "baru, belum ada yang menerima",
        status => status.word(),
    };
    let mut facts = vec![
        ("Status", state.to_owned()),
        ("Wilayah", area(pack, finding.and_then(|finding| finding.about.kabupaten.as_deref()))),
        ("Tahapan", phase.map(|phase| phase.name.clone()).unwrap_or_default()),
        ("Peringatan dibuat", local(app, alert.opened_at)),
    ];
    let first = alert.findings.first();
    if let Some(hours) = first.and_then(|first| late_hours(first.about.at, alert.opened_at)) {
        facts.push(("Terlambat diketahui", format!("{hours} jam sesudah kejadian")));
    }
    if alert.updated_at != alert.opened_at {
        facts.push(("Berubah", local(app, alert.updated_at)));
    }
    facts.push(("Nomor", alert.id.to_string()));
    facts
}

fn over(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::FalseAlarm => "Selesai: petugas sudah memeriksa; tidak perlu tindak lanjut.",
        CloseReason::Handled => "Selesai: petugas sudah menanganinya.",
        CloseReason::Duplicate => "Selesai: perkaranya tercakup dalam peringatan lain.",
        CloseReason::AnsweredLate => "Selesai: yang ditunggu akhirnya masuk, walau terlambat.",
        CloseReason::EvidenceWithdrawn => "Selesai: data yang mendasarinya dicabut atau dikoreksi.",
    }
}

fn test(pressed: bool) -> Page {
    let (news, button) = match pressed {
        true => ("Tercatat: pesan uji coba sampai. Terima kasih.", None),
        false => (
            "Tautan ini tidak menunjuk peringatan: pesannya uji coba saluran. Tidak ada kejadian apa pun.",
            Some("Pesan sampai"),
        ),
    };
    Page {
        title: "Uji coba saluran".to_owned(),
        banner: "UJI COBA · bukan peringatan".to_owned(),
        color: GREY,
        news: news.to_owned(),
        facts: Vec::new(),
        action: String::new(),
        button,
        takers: Vec::new(),
    }
}

/// A problem as a page, because people open links in browsers.
fn refused(problem: &Problem) -> Response {
    let (status, title, news) = match problem {
        Problem::NotFound(_) => (
            StatusCode::NOT_FOUND,
            "Tautan tidak dikenal",
            "Periksa apakah tautan disalin utuh dari surel. Bila tetap tidak terbuka, hubungi koordinator.",
        ),
        Problem::Gone(_) => (
            StatusCode::GONE,
            "Tautan sudah tidak berlaku",
            "Masa berlaku tautan ini habis. Hubungi koordinator bila peringatannya belum ditangani.",
        ),
        problem => {
            (problem.told().0, "Belum bisa dibuka", "Sistem sedang tidak dapat menjawab. Coba lagi sebentar lagi.")
        }
    };
    let mut response = page(
        status,
        &Page {
            title: title.to_owned(),
            banner: "SIAGA".to_owned(),
            color: if status.is_server_error() { GREY } else { GREEN },
            news: news.to_owned(),
            facts: Vec::new(),
            action: String::new(),
            button: None,
            takers: Vec::new(),
        },
    );
    if let Problem::Store(error) = problem {
        told_the_daemon(&mut response, error);
    }
    response
}

fn told_the_daemon(response: &mut Response, error: &StoreError) {
    if error.is_fatal() {
        response.extensions_mut().insert(Fatal(error.clone()));
    }
}

fn page(status: StatusCode, page: &Page) -> Response {
    match page.render() {
        Ok(html) => (status, [POLICY], Html(html)).into_response(),
        Err(_) => Problem::Internal("the page could not be written").into_response(),
    }
}

fn local(app: &App, at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&app.pack().timeline.zone);
    at.format_localized("%A, %-d %B %Y pukul %H.%M WIB", Locale::id_ID).to_string()
}
