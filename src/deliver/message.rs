//! A notice as a mail: text and HTML, in Indonesian, threaded by alert.

use std::time::SystemTime;

use askama::Template;
use chrono::{DateTime, Locale, Utc};
use chrono_tz::Asia::Jakarta;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};

use super::Delivery;
use super::settings::{Address, EmailSettings};
use crate::alert::{CloseReason, Severity, late_hours};
use crate::notice::{Notice, Occasion};

/// As long as a SHA-256 in hex; with its prefix it just fits a MIME boundary, which has 70 at most.
const NAME_MOST_BYTES: usize = 64;

/// Why no mail can be made of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A header could be forged with it.
    #[error("the {0} holds a line break or another control character, which no mail header may")]
    Control(&'static str),
    /// It cannot stand in a message's name.
    #[error("the {0} is not made of 1 to 64 letters, digits, `.`, `-` and `_`")]
    Name(&'static str),
    /// A part could not be put together.
    #[error("the mail cannot be put together: {0}")]
    Build(String),
}

/// Makes the mail of `delivery` to one recipient; the same delivery gives the same mail but for its date.
pub fn compose(
    sender: &EmailSettings,
    delivery: &Delivery<'_>,
    to: &Address,
    sent_at: DateTime<Utc>,
) -> Result<Message, ComposeError> {
    let notice = delivery.notice;
    let from = sender.from.mailbox();
    let name = |what, local: &str| Ok(format!("<{}@{}>", plain(what, local)?, from.email.domain()));
    let thread = name("alert's id", &notice.alert)?;
    let own = name("delivery's id", delivery.id)?;
    let page = Page::of(delivery);
    let parts = MultiPart::alternative()
        .boundary(format!("siaga-{}", delivery.id))
        .singlepart(SinglePart::plain(page.text()?))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(page.html()?));
    let mut mail = Message::builder()
        .from(from.clone())
        .to(to.mailbox().clone())
        .subject(subject(notice)?)
        .message_id(Some(own))
        .in_reply_to(thread.clone())
        .references(thread)
        .date(SystemTime::from(sent_at));
    if let Some(reply_to) = &sender.reply_to {
        mail = mail.reply_to(reply_to.mailbox().clone());
    }
    mail.raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .multipart(parts)
        .map_err(|error| ComposeError::Build(error.to_string()))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// `text`, if it can stand in a `Message-ID` as it is.
fn plain<'a>(what: &'static str, text: &'a str) -> Result<&'a str, ComposeError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.is_empty() || text.len() > NAME_MOST_BYTES || !text.chars().all(allowed) {
        return Err(ComposeError::Name(what));
    }
    Ok(text)
}

/// The subject: it is read on locked screens, so it names no person.
fn subject(notice: &Notice) -> Result<String, ComposeError> {
    for (what, text) in [("title", &notice.title), ("kabupaten", &notice.kabupaten)] {
        if text.contains(char::is_control) {
            return Err(ComposeError::Control(what));
        }
    }
    let (before, after) = match notice.occasion {
        Occasion::Opened | Occasion::Trouble => ("", ""),
        Occasion::Escalated { .. } => ("", "NAIK: "),
        Occasion::Corrected => ("", "KOREKSI: "),
        Occasion::Resolved { .. } => ("", "SELESAI: "),
        Occasion::Test => ("UJI COBA ", ""),
    };
    Ok(format!(
        "{before}[{}] {after}{} · {} · {}",
        upper(notice.severity),
        notice.title,
        notice.kabupaten,
        notice.alert,
    ))
}

fn upper(severity: Severity) -> String {
    severity.word().to_uppercase()
}

/// What both parts of the mail show.
struct Page<'a> {
    notice: &'a Notice,
    delivery_id: &'a str,
    link: &'a str,
    /// Severity and how soon, or that there is nothing to do.
    banner: String,
    color: &'static str,
    /// What has changed since the last mail of the alert.
    news: Option<String>,
    /// What to do first.
    first: &'a str,
    /// Whether there is nothing to do any more: then nothing is asked of anybody.
    over: bool,
    /// Whether anything happened at all.
    happening: bool,
    link_words: &'static str,
    link_button: &'static str,
    /// The time of the record that triggered it.
    happened: String,
    /// As of when it was judged.
    judged: String,
    /// How late siaga heard of it, in a sentence.
    late: Option<String>,
}

const GREY: &str = "#4b5563";

impl<'a> Page<'a> {
    fn of(delivery: &Delivery<'a>) -> Self {
        let notice = delivery.notice;
        let severity = upper(notice.severity);
        let (soon, color) = match notice.severity {
            Severity::Siaga1 => ("bertindak sekarang", "#b3261e"),
            Severity::Siaga2 => ("tindak lanjuti hari ini atau hari kerja berikutnya", "#a35200"),
            Severity::Siaga3 => ("periksa bila sempat", "#1d5a94"),
            Severity::Silent => ("catatan", GREY),
        };
        let news = match notice.occasion {
            Occasion::Opened | Occasion::Trouble => None,
            Occasion::Escalated { from } => {
                Some(format!("Naik dari {} ke {severity}. Tahapan sekarang: {}.", upper(from), notice.phase))
            }
            Occasion::Corrected => Some(
                "Koreksi: bukti peringatan ini berubah sejak kiriman sebelumnya. Yang berlaku adalah isi surel ini."
                    .to_owned(),
            ),
            Occasion::Resolved { reason } => Some(format!("Peringatan ini selesai: {}.", over(reason))),
            Occasion::Test => Some("Ini uji coba saluran. Tidak ada kejadian apa pun.".to_owned()),
        };
        let over_now = matches!(notice.occasion, Occasion::Resolved { .. });
        let happening = !matches!(notice.occasion, Occasion::Test | Occasion::Trouble);
        let banner = match notice.occasion {
            Occasion::Resolved { .. } => format!("SELESAI · sebelumnya {severity}"),
            Occasion::Test => "UJI COBA · bukan peringatan".to_owned(),
            _ => format!("{severity} · {soon}"),
        };
        let first = match notice.occasion {
            Occasion::Test => "Buka tautan di bawah dan tekan tombolnya, supaya koordinator tahu pesan ini sampai.",
            _ => &notice.action,
        };
        let (link_words, link_button) = match notice.occasion {
            Occasion::Trouble => ("Keadaan semua saluran", "Buka siaga"),
            _ => (
                "Konfirmasi bahwa Anda menerima ini: buka tautan, lalu tekan tombol di halamannya",
                "Buka untuk konfirmasi",
            ),
        };
        Page {
            notice,
            delivery_id: delivery.id,
            link: delivery.link,
            banner,
            color: if over_now || notice.occasion == Occasion::Test { GREY } else { color },
            news,
            first,
            over: over_now,
            happening,
            link_words,
            link_button,
            happened: wib(notice.occurred_at),
            judged: wib(notice.at),
            late: late(notice),
        }
    }

    fn text(&self) -> Result<String, ComposeError> {
        rendered(TextPart { page: self }.render())
    }

    fn html(&self) -> Result<String, ComposeError> {
        rendered(HtmlPart { page: self }.render())
    }
}

#[derive(Template)]
#[template(path = "deliver/templates/notice.txt")]
struct TextPart<'a> {
    page: &'a Page<'a>,
}

#[derive(Template)]
#[template(path = "deliver/templates/notice.html")]
struct HtmlPart<'a> {
    page: &'a Page<'a>,
}

fn rendered(part: askama::Result<String>) -> Result<String, ComposeError> {
    part.map_err(|error| ComposeError::Build(error.to_string()))
}

fn over(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::FalseAlarm => "petugas sudah memeriksa; tidak perlu tindak lanjut",
        CloseReason::Handled => "petugas sudah menanganinya",
        CloseReason::Duplicate => "perkaranya tercakup dalam peringatan lain",
        CloseReason::AnsweredLate => "yang ditunggu akhirnya masuk, walau terlambat",
        CloseReason::EvidenceWithdrawn => "data yang mendasarinya dicabut atau dikoreksi, sehingga temuannya gugur",
    }
}

/// How late it was heard of, where that is longer than any source takes.
fn late(notice: &Notice) -> Option<String> {
    if notice.occasion != Occasion::Opened {
        return None;
    }
    let after = match late_hours(notice.at, notice.opened_at)? {
        hours @ ..48 => format!("{hours} jam"),
        hours => format!("{} hari", hours / 24),
    };
    Some(format!("Catatannya baru diterima {after} sesudah kejadian, dan dinilai menurut keadaan saat itu."))
}

/// A time as people in South Sumatra read it.
fn wib(at: DateTime<Utc>) -> String {
    at.with_timezone(&Jakarta).format_localized("%A, %-d %B %Y pukul %H.%M WIB", Locale::id_ID).to_string()
}

#[cfg(test)]
mod tests;
