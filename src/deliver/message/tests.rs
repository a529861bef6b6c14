//! Snapshots of the mails, and what may not stand in their headers.

use insta::assert_snapshot;

use super::*;
use crate::notice::EvidenceLine;

fn notice(occasion: Occasion) -> Notice {
    Notice {
        alert: "A-7K2M".into(),
        revision: 2,
        agency: "kanim-contoh".into(),
        agency_name: "Kantor Imigrasi Contoh".to_owned(),
        occasion,
        rule: "inap-berpindah".into(),
        title: "Pemegang izin kunjungan berpindah penginapan berulang".to_owned(),
        severity: Severity::Siaga1,
        phase: "Masa tenang".to_owned(),
        kabupaten: "Kabupaten Ogan Komering Ulu".to_owned(),
        occurred_at: "2024-11-24T21:15:00+07:00".parse().unwrap(),
        opened_at: "2024-11-24T21:16:00+07:00".parse().unwrap(),
        at: "2024-11-25T00:00:00+07:00".parse().unwrap(),
        findings: 3,
        message: "Hotel Contoh <Baturaja> & Wisma Contoh: penginapan ke-3 dalam 7 hari".into(),
        action: "Hubungi penginapan dan cocokkan buku tamu.\nBila orangnya tidak ada, telepon penjaminnya.".to_owned(),
        why: "Berpindah penginapan berulang menjelang pemungutan suara perlu dicek.".to_owned(),
        false_positives: "rombongan wisata berpindah sesuai jadwal yang diberitahukan".to_owned(),
        evidence: vec![
            EvidenceLine {
                text: "penginapan >= threshold(\"inap_berpindah\")".into(),
                value: "3".into(),
                bound: Some("2".into()),
            },
            EvidenceLine { text: "days_to_voting() <= 14".into(), value: "3".into(), bound: Some("14".into()) },
            EvidenceLine { text: "short_stay(permit())".into(), value: "ya".into(), bound: None },
        ],
        evidence_hidden: 1,
        basis: vec!["UU 6/2011 Pasal 71 huruf b".to_owned(), "Permenkumham contoh (belum diverifikasi)".to_owned()],
    }
}

fn resolved() -> Notice {
    Notice {
        evidence: vec![],
        evidence_hidden: 0,
        ..notice(Occasion::Resolved { reason: CloseReason::EvidenceWithdrawn })
    }
}

fn test() -> Notice {
    Notice {
        title: "Uji saluran surel".to_owned(),
        message: "".into(),
        evidence: vec![],
        evidence_hidden: 0,
        basis: vec![],
        severity: Severity::Siaga3,
        ..notice(Occasion::Test)
    }
}

fn delivery(notice: &Notice) -> Delivery<'_> {
    Delivery { id: "d-0123456789abcdef", notice, link: "https://siaga.contoh.example/a/token" }
}

fn sender() -> EmailSettings {
    let toml = r#"
        host = "127.0.0.1"
        tls = "none"
        from = "siaga Timpora Contoh <siaga@contoh.example>"
        reply_to = "piket@contoh.example"
    "#;
    toml::from_str(toml).unwrap()
}

fn mail(notice: &Notice) -> Result<Message, ComposeError> {
    let to: Address = "Piket Contoh <piket@kanim.contoh.example>".parse().unwrap();
    let sent_at = "2024-11-25T00:00:07+07:00".parse().unwrap();
    compose(&sender(), &delivery(notice), &to, sent_at)
}

/// The header lines, unfolded, without the body.
fn headers(notice: &Notice) -> String {
    let text = String::from_utf8(mail(notice).unwrap().formatted()).unwrap();
    let (headers, _) = text.split_once("\r\n\r\n").unwrap();
    headers.replace("\r\n ", " ").replace("\r\n", "\n")
}

#[test]
fn an_opened_alert_as_mail() {
    let notice = notice(Occasion::Opened);
    let delivery = delivery(&notice);
    assert_snapshot!("opened_headers", headers(&notice));
    assert_snapshot!("opened_text", Page::of(&delivery).text().unwrap());
    assert_snapshot!("opened_html", Page::of(&delivery).html().unwrap());
}

#[test]
fn an_escalated_alert_as_mail() {
    let notice = notice(Occasion::Escalated { from: Severity::Siaga2 });
    let delivery = delivery(&notice);
    assert_snapshot!("escalated_text", Page::of(&delivery).text().unwrap());
    assert_snapshot!("escalated_html", Page::of(&delivery).html().unwrap());
}

#[test]
fn a_resolved_alert_as_mail() {
    let notice = resolved();
    let delivery = delivery(&notice);
    assert_snapshot!("resolved_text", Page::of(&delivery).text().unwrap());
    assert_snapshot!("resolved_html", Page::of(&delivery).html().unwrap());
}

#[test]
fn a_resolved_alert_asks_for_nothing() {
    let notice = Notice { evidence_hidden: 3, ..resolved() };
    let delivery = delivery(&notice);
    for part in [Page::of(&delivery).text().unwrap(), Page::of(&delivery).html().unwrap()] {
        for words in [&*notice.action, "/a/token", "tidak ditampilkan", &notice.basis[0], &notice.false_positives] {
            assert!(!part.contains(words), "{words:?} is in {part}");
        }
    }
}

#[test]
fn hidden_evidence_is_other_evidence_only_beside_some_that_is_shown() {
    for (evidence, words) in [(notice(Occasion::Opened).evidence, "1 bukti lain di luar"), (vec![], "1 bukti di luar")]
    {
        let notice = Notice { evidence, ..notice(Occasion::Opened) };
        let delivery = delivery(&notice);
        assert!(Page::of(&delivery).text().unwrap().contains(words));
        assert!(Page::of(&delivery).html().unwrap().contains(words));
    }
}

#[test]
fn a_test_of_the_channel_as_mail() {
    let notice = test();
    let delivery = delivery(&notice);
    assert_snapshot!("test_text", Page::of(&delivery).text().unwrap());
    assert_snapshot!("test_html", Page::of(&delivery).html().unwrap());
}

#[test]
fn a_channel_s_trouble_as_mail() {
    let notice = Notice {
        alert: "SALURAN-01234567-gone-20241125".into(),
        title: "Saluran kanim-contoh bermasalah".to_owned(),
        severity: Severity::Siaga2,
        kabupaten: "seluruh wilayah".to_owned(),
        action: "Periksa saluran ini.".to_owned(),
        message: "Penerima menyatakan saluran ini sudah tidak ada.".into(),
        ..Notice { occasion: Occasion::Trouble, ..test() }
    };
    let delivery = Delivery { link: "https://siaga.contoh.example/", ..delivery(&notice) };
    assert_snapshot!("trouble_text", Page::of(&delivery).text().unwrap());
}

#[test]
fn subjects_say_what_happened_and_name_nobody() {
    let rest = "Kabupaten Ogan Komering Ulu · A-7K2M";
    let title = "Pemegang izin kunjungan berpindah penginapan berulang";
    let from = Severity::Siaga2;
    let rows = [
        (notice(Occasion::Opened), format!("[SIAGA-1] {title} · {rest}")),
        (notice(Occasion::Escalated { from }), format!("[SIAGA-1] NAIK: {title} · {rest}")),
        (notice(Occasion::Corrected), format!("[SIAGA-1] KOREKSI: {title} · {rest}")),
        (resolved(), format!("[SIAGA-1] SELESAI: {title} · {rest}")),
        (test(), format!("UJI COBA [SIAGA-3] Uji saluran surel · {rest}")),
    ];
    for (notice, expected) in rows {
        assert_eq!(subject(&notice).unwrap(), expected);
    }
}

#[test]
fn a_retry_is_the_same_mail_to_the_byte() {
    let notice = notice(Occasion::Opened);
    let once = mail(&notice).unwrap().formatted();
    assert_eq!(once, mail(&notice).unwrap().formatted());
}

#[test]
fn line_breaks_never_reach_a_header() {
    let opened = || notice(Occasion::Opened);
    let forged = "x\r\nBcc: lain@contoh.example";
    let rows = [
        (Notice { title: forged.to_owned(), ..opened() }, ComposeError::Control("title")),
        (Notice { title: "x\ny".to_owned(), ..opened() }, ComposeError::Control("title")),
        (Notice { kabupaten: forged.to_owned(), ..opened() }, ComposeError::Control("kabupaten")),
        (Notice { alert: forged.into(), ..opened() }, ComposeError::Name("alert's id")),
        (Notice { alert: "".into(), ..opened() }, ComposeError::Name("alert's id")),
    ];
    for (notice, expected) in rows {
        assert_eq!(mail(&notice).unwrap_err(), expected);
    }
    let notice = opened();
    let delivery = Delivery { id: "d\r\nBcc: lain@contoh.example", ..delivery(&notice) };
    let to: Address = "piket@contoh.example".parse().unwrap();
    let error = compose(&sender(), &delivery, &to, notice.at).unwrap_err();
    assert_eq!(error, ComposeError::Name("delivery's id"));
}

/// The names of the header lines of a mail.
fn header_names(notice: &Notice) -> Vec<String> {
    headers(notice).lines().map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

proptest::proptest! {
    #[test]
    fn no_words_of_a_rule_add_a_header(title in "\\PC{0,200}|[\\x00-\\x7f]{0,80}", place in "\\PC{0,40}") {
        let usual = notice(Occasion::Opened);
        let odd = Notice { title: title.clone(), kabupaten: place, ..usual.clone() };
        match mail(&odd) {
            Ok(_) => proptest::prop_assert_eq!(header_names(&odd), header_names(&usual)),
            Err(error) => {
                proptest::prop_assert_eq!(error, ComposeError::Control("title"));
                proptest::prop_assert!(title.contains(char::is_control));
            }
        }
    }
}

#[test]
fn addresses_are_ascii_on_one_line() {
    for (text, usable) in [
        ("piket@contoh.example", true),
        ("Piket Contoh <piket@contoh.example>", true),
        ("Kantor Ségara <piket@contoh.example>", true),
        ("piket", false),
        ("", false),
        ("a@contoh.example, b@contoh.example", false),
        ("pikét@contoh.example", false),
        ("piket@contoh.example\r\nBcc: lain@contoh.example", false),
        ("Piket\r\nBcc: lain@contoh.example <piket@contoh.example>", false),
        ("\"Piket\r\n\" <piket@contoh.example>", false),
    ] {
        assert_eq!(text.parse::<Address>().is_ok(), usable, "{text:?}");
    }
}

#[test]
fn a_late_record_says_how_late() {
    let line = |received: &str| {
        let at = notice(Occasion::Opened).occurred_at;
        let notice = Notice { opened_at: received.parse().unwrap(), at, ..notice(Occasion::Opened) };
        let text = Page::of(&delivery(&notice)).text().unwrap();
        let html = Page::of(&delivery(&notice)).html().unwrap();
        let line = text.lines().find(|line| line.contains("baru diterima")).map(str::to_owned);
        assert_eq!(line.as_deref().is_some_and(|line| html.contains(line)), line.is_some());
        line
    };
    assert_eq!(line("2024-11-25T21:14:59+07:00"), None);
    assert_eq!(
        line("2024-11-26T03:15:00+07:00").as_deref(),
        Some("Catatannya baru diterima 30 jam sesudah kejadian, dan dinilai menurut keadaan saat itu.")
    );
    assert_eq!(
        line("2024-11-28T08:00:00+07:00").as_deref(),
        Some("Catatannya baru diterima 3 hari sesudah kejadian, dan dinilai menurut keadaan saat itu.")
    );
}

#[test]
fn times_are_indonesian_and_local() {
    for (at, expected) in [
        ("2024-08-16T17:05:00Z", "Sabtu, 17 Agustus 2024 pukul 00.05 WIB"),
        ("2024-11-27T07:00:00+07:00", "Rabu, 27 November 2024 pukul 07.00 WIB"),
        ("2024-02-02T00:00:00+07:00", "Jumat, 2 Februari 2024 pukul 00.00 WIB"),
    ] {
        assert_eq!(wib(at.parse().unwrap()), expected);
    }
}
