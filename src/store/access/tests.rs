//! Tokens and links end when they should.

use chrono::TimeDelta;

use super::{MailLink, TokenRecord};
use crate::store::StoreError;
use crate::store::samples::{place, second};

#[test]
fn a_token_is_good_until_it_ends_or_is_revoked() {
    let place = place();
    let store = &place.store;
    let token = TokenRecord {
        hash: [7; 32],
        agency: "polres-oku".to_owned(),
        role: "officer".to_owned(),
        sources: vec!["apoa".to_owned()],
        kinds: vec![],
        created_at: second(1),
        expires_at: Some(second(100)),
    };
    store.token_add(token.clone(), "siaga").wait().unwrap();
    assert!(store.token_add(token.clone(), "siaga").wait().is_err());
    assert_eq!(store.token(&[7; 32], second(99)).unwrap(), Some(token.clone()));
    assert_eq!(store.token(&[7; 32], second(100)).unwrap(), None);
    assert_eq!(store.token(&[8; 32], second(1)).unwrap(), None);
    assert_eq!(store.tokens().unwrap(), [token]);
    let known = store.token(&[7; 32], second(4)).unwrap();
    store.token_revoke([7; 32], "siaga", second(4)).wait().unwrap();
    let soon = second(5) - TimeDelta::milliseconds(1);
    assert_eq!(store.token(&[7; 32], soon).unwrap(), known, "remembered for a second");
    assert_eq!(store.token(&[7; 32], second(5)).unwrap(), None);
    assert_eq!(store.tokens().unwrap(), []);
    let again = store.token_revoke([7; 32], "siaga", second(6)).wait();
    assert_eq!(again, Err(StoreError::NotFound("token")));
    let words: Vec<_> = store.audit(None, 10).unwrap().items;
    assert_eq!(words[0].what, "token.revoked");
}

#[test]
fn a_link_is_good_until_it_ends() {
    let place = place();
    let store = &place.store;
    let link =
        MailLink { hash: [9; 32], alert: "S-1".to_owned(), agency: "polres-oku".to_owned(), expires_at: second(100) };
    let ends_sooner = MailLink { expires_at: second(50), ..link.clone() };
    store.link_add(vec![link.clone(), ends_sooner]).wait().unwrap();
    assert_eq!(store.link(&[9; 32], second(99)).unwrap(), Some(link));
    assert_eq!(store.link(&[9; 32], second(100)).unwrap(), None);
}
