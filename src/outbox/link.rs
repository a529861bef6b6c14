//! The links in messages: in a mail with a secret that stands for the recipient, in a webhook without.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::address::AddressBook;
use crate::deliver::settings::Secret;
use crate::notice::Occasion;
use crate::store::Digest;
use crate::store::access::MailLink;
use crate::store::outbox::{Channel, Claimed};

/// How long a link in a mail is good, from the first attempt to send it: as long as sending is tried.
pub const LINK_GOOD_FOR: TimeDelta = TimeDelta::hours(72);

/// The secret in the link of a delivery: the same for every attempt, without being kept anywhere.
pub fn token(secret: &Secret, delivery_id: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("a key of any length");
    mac.update(delivery_id.as_bytes());
    BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
}

/// What the store keeps of a token.
pub fn token_hash(token: &str) -> Digest {
    Sha256::digest(token.as_bytes()).into()
}

/// The link of a delivery.
pub fn link(book: &AddressBook, claimed: &Claimed) -> String {
    let base = book.public_url.trim_end_matches('/');
    match (claimed.channel, &claimed.notice.occasion) {
        (_, Occasion::Trouble) | (Channel::Webhook, Occasion::Test) => format!("{base}/"),
        (Channel::Webhook, _) => format!("{base}/v1/alerts/{}", claimed.alert),
        (Channel::Email, _) => format!("{base}/a/{}", token(&book.link_secret, &claimed.id)),
    }
}

/// What has to be in the store before the delivery goes out, for its link to open.
pub(super) fn mail_link(book: &AddressBook, claimed: &Claimed) -> Option<MailLink> {
    if claimed.channel != Channel::Email || claimed.notice.occasion == Occasion::Trouble {
        return None;
    }
    Some(MailLink {
        hash: token_hash(&token(&book.link_secret, &claimed.id)),
        alert: claimed.alert.to_string(),
        agency: claimed.agency.to_string(),
        expires_at: good_until(claimed.first_attempt_at),
    })
}

fn good_until(first_attempt_at: DateTime<Utc>) -> DateTime<Utc> {
    first_attempt_at + LINK_GOOD_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_the_delivery_and_the_key_and_fits_a_url() {
        let secret = Secret::from("kunci contoh");
        let own = token(&secret, "d-1");
        assert_eq!(own, token(&secret, "d-1"));
        assert_ne!(own, token(&secret, "d-2"));
        assert_ne!(own, token(&Secret::from("kunci lain"), "d-1"));
        assert_eq!(own.len(), 43);
        assert!(own.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "{own}");
    }

    #[test]
    fn the_token_is_hmac_sha_256() {
        // RFC 4231, test case 2
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let token = token(&Secret::from("Jefe"), "what do ya want for nothing?");
        assert_eq!(hex::encode(BASE64URL_NOPAD.decode(token.as_bytes()).unwrap()), expected);
    }
}
