//! A notice to send, and certificates for receivers that the tests stand up.

use std::sync::Arc;

use siaga::alert::Severity;
use siaga::deliver::Delivery;
use siaga::notice::{EvidenceLine, Notice, Occasion};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

pub const DELIVERY_ID: &str = "d-0123456789abcdef";
pub const LINK: &str = "https://siaga.contoh.example/a/token";

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

pub fn delivery(notice: &Notice) -> Delivery<'_> {
    Delivery { id: DELIVERY_ID, notice, link: LINK }
}

/// A self-signed certificate for `name` in PEM, and a server that shows it.
pub fn certificate(name: &str) -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}
