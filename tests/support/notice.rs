//! A notice to send.

use siaga::alert::Severity;
use siaga::notice::{EvidenceLine, Notice, Occasion};

pub fn notice(occasion: Occasion) -> Notice {
    Notice {
        alert: "A-7K2M".into(),
        revision: 1,
        agency: "kanim-contoh".into(),
        agency_name: "Kantor Imigrasi Contoh".to_owned(),
        occasion,
        rule: "inap-berpindah".into(),
        title: "Berpindah penginapan berulang".to_owned(),
        severity: Severity::Siaga1,
        phase: "Masa tenang".to_owned(),
        kabupaten: "Kabupaten Ogan Komering Ulu".to_owned(),
        occurred_at: "2024-11-24T21:15:00+07:00".parse().unwrap(),
        opened_at: "2024-11-24T21:16:00+07:00".parse().unwrap(),
        at: "2024-11-25T00:00:00+07:00".parse().unwrap(),
        findings: 3,
        message: "Hotel Contoh: penginapan ke-3 dalam 7 hari".into(),
        action: "Hubungi penginapan dan cocokkan buku tamu.".to_owned(),
        why: "Berpindah penginapan berulang perlu dicek.".to_owned(),
        false_positives: "rombongan wisata".to_owned(),
        evidence: vec![EvidenceLine {
            text: "penginapan >= threshold(\"inap_berpindah\")".into(),
            value: "3".into(),
            bound: Some("2".into()),
        }],
        evidence_hidden: 0,
        basis: vec!["UU 6/2011 Pasal 71 huruf b".to_owned()],
    }
}
