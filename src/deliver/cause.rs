//! What lies beneath an error: found by type, because words change and may hold addresses.

use std::error::Error;
use std::io;

/// The first cause of type `T`, also where an I/O error carries it without naming it as its source.
pub fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        let carried = error.downcast_ref().and_then(io::Error::get_ref);
        let carried = carried.and_then(|carried| find(carried));
        if let Some(found) = error.downcast_ref().or(carried) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// How TLS failed, if that is what happened.
pub fn tls(error: &(dyn Error + 'static)) -> Option<TlsFault> {
    find(error).map(|error| match error {
        rustls::Error::InvalidCertificate(_) => TlsFault::Certificate,
        _ => TlsFault::Other,
    })
}

/// How TLS failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The other side's certificate is not trusted, out of date, or another's.
    Certificate,
    /// Anything else.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_found_through_errors_that_hide_them() {
        let inner = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        assert_eq!(tls(&inner), Some(TlsFault::Certificate));
        let wrapped = io::Error::other(io::Error::other(inner));
        assert_eq!(tls(&wrapped), Some(TlsFault::Certificate));
        let other = io::Error::other(rustls::Error::DecryptError);
        assert_eq!(tls(&other), Some(TlsFault::Other));
        assert_eq!(tls(&io::Error::other("plain")), None);
    }
}
