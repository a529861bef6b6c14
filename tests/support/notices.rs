//! A notice to send, and certificates for receivers that the tests stand up.

use std::sync::Arc;

use siaga::deliver::Delivery;
use siaga::notice::Notice;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

#[path = "notice.rs"]
mod made;

pub use made::notice;

pub const DELIVERY_ID: &str = "d-0123456789abcdef";
pub const LINK: &str = "https://siaga.contoh.example/a/token";

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
