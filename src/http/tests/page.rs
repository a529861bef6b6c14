//! The page behind a mail's link.

use chrono::TimeDelta;

use super::*;
use crate::alert::CloseReason;
use crate::store::access::MailLink;

fn link(site: &Site, token: &str, alert: &str, hours: i64) {
    link_of(site, token, alert, KANIM, hours);
}

fn link_of(site: &Site, token: &str, alert: &str, agency: &str, hours: i64) {
    let hash = token_hash(token);
    let expires_at = clock::now() + TimeDelta::hours(hours);
    let link = MailLink { hash, alert: alert.to_owned(), agency: agency.to_owned(), expires_at };
    done(site.store.link_add(vec![link])).unwrap();
}

async fn open(site: &Site, method: &str, token: &str) -> Answer {
    send(site, request(method, &format!("/a/{token}"), None, "")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_the_matter_without_the_person() {
    let site = site(vec![alert("A-1", &[KANIM])]);
    link(&site, "t-1", "A-1", 72);
    let page = open(&site, "GET", "t-1").await;
    assert_eq!(page.status, StatusCode::OK);
    for secret in [KEY, NAME, "PT Contoh", "pt-contoh", "<script", "http:", "https:", "src="] {
        assert!(!page.text.contains(secret), "{secret}");
    }
    assert!(page.text.len() < 4096, "it has to open on a poor connection");
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    insta::assert_snapshot!(page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing_and_the_button_acknowledges_once() {
    let site = site(vec![alert("A-1", &[KANIM])]);
    link(&site, "t-1", "A-1", 72);
    for method in ["GET", "HEAD", "GET"] {
        assert_eq!(open(&site, method, "t-1").await.status, StatusCode::OK);
    }
    assert_eq!(logged(&site), 0);
    let pressed = open(&site, "POST", "t-1").await;
    assert!(pressed.text.contains("Tercatat") && !pressed.text.contains("<button"), "{}", pressed.text);
    settled(&site).await;
    assert_eq!(open(&site, "POST", "t-1").await.status, StatusCode::OK);
    settled(&site).await;
    assert_eq!(logged(&site), 1, "the second press adds nothing");
    let token = token(&site, KANIM, Officer);
    let alert = get_json(&site, "/v1/alerts/A-1", &token).await;
    assert_eq!((&alert["status"], &alert["history"][1]["by"]), (&"diterima".into(), &KANIM.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_agency_answers_for_itself_and_sees_who_else_did() {
    let site = site(vec![alert("A-1", &[KANIM, DISNAKER])]);
    link_of(&site, "t-kanim", "A-1", KANIM, 72);
    link_of(&site, "t-disnaker", "A-1", DISNAKER, 72);
    assert!(open(&site, "POST", "t-kanim").await.text.contains(": baru saja</li>"));
    settled(&site).await;
    let others = open(&site, "GET", "t-disnaker").await.text;
    assert!(others.contains("<button") && others.contains("Yang sudah menerima"), "{others}");
    assert!(others.contains("<li>Kantor Imigrasi"), "{others}");
    assert!(!open(&site, "GET", "t-kanim").await.text.contains("<button"));
    open(&site, "POST", "t-disnaker").await;
    settled(&site).await;
    let both = open(&site, "GET", "t-disnaker").await.text;
    assert!(!both.contains("<button") && both.matches("<li>").count() == 2, "{both}");
    assert_eq!(logged(&site), 2);
    let token = token(&site, KANIM, Officer);
    assert_eq!(get_json(&site, "/v1/alerts/A-1", &token).await["status"], "diterima");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_expired_closed_and_test_links_say_so() {
    let at = time();
    let closed = Alert { status: Status::Ditutup { reason: CloseReason::Handled, at }, ..alert("A-2", &[KANIM]) };
    let site = site(vec![alert("A-1", &[KANIM]), closed, alert("A-3", &[DISNAKER])]);
    link(&site, "t-old", "A-1", -1);
    link(&site, "t-closed", "A-2", 1);
    link(&site, "t-others", "A-3", 1);
    link(&site, "t-test", "UJI-20241124-080000000", 1);
    for (token, method, status, words) in [
        ("t-none", "GET", StatusCode::NOT_FOUND, "Tautan tidak dikenal"),
        ("t-none", "POST", StatusCode::NOT_FOUND, "Tautan tidak dikenal"),
        ("t-old", "GET", StatusCode::GONE, "sudah tidak berlaku"),
        ("t-old", "POST", StatusCode::GONE, "sudah tidak berlaku"),
        ("t-others", "GET", StatusCode::NOT_FOUND, "Tautan tidak dikenal"),
        ("t-closed", "GET", StatusCode::OK, "petugas sudah menanganinya"),
        ("t-closed", "POST", StatusCode::OK, "petugas sudah menanganinya"),
        ("t-test", "GET", StatusCode::OK, "Pesan sampai"),
        ("t-test", "POST", StatusCode::OK, "pesan uji coba sampai"),
    ] {
        let page = open(&site, method, token).await;
        assert_eq!(page.status, status, "{method} {token}");
        assert!(page.text.contains(words), "{method} {token}: {}", page.text);
        assert!(page.header("content-type").starts_with("text/html"));
    }
    assert_eq!(logged(&site), 0);
}
