//! The outbox from notice to receiver, by its step: what is tried again, given up, told, and sent twice.

#![expect(clippy::unwrap_used, reason = "what a test sets up has to work")]

mod support {
    pub mod desk;
    #[expect(dead_code, reason = "the notice alone is used here")]
    pub mod notices;
    pub mod office;
    #[expect(dead_code, reason = "the steps of a transaction have tests of their own")]
    pub mod smtp;
}

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use mail_parser::MessageParser;
use siaga::outbox::address::address;
use siaga::outbox::link::{LINK_GOOD_FOR, token, token_hash};
use siaga::outbox::send_test::{SendTestError, send_test};
use siaga::outbox::{Outbox, start};
use siaga::store::outbox::{Channel, DeliveryState};
use siaga::store::{Scope, Store, whole_millisecond};
use standardwebhooks::Webhook;
use support::desk::Desk;
use support::office::{ALL, KEY, Office, Opened, hour, ids, notice, relay, run, second};
use support::smtp::{Answer, Script, Step, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

#[tokio::test]
async fn a_notice_reaches_every_channel_of_its_agency() {
    let desk = Desk::answering(202).await;
    let (port, heard) = relay(Script::default()).await;
    let (office, mut outbox) = Office::new().webhook("kanim", &desk).email("kanim", port).open();
    let now = whole_millisecond(Utc::now());
    office.tell("A-1", &["kanim"], now).await;
    assert_eq!(outbox.step(now).await.unwrap(), 2);
    assert_eq!(outbox.step(now).await.unwrap(), 0);
    assert_eq!(outbox.next_at(now).await.unwrap(), None);
    let deliveries = office.deliveries();
    let states: Vec<_> = deliveries.iter().map(|delivery| (delivery.state, delivery.attempts)).collect();
    assert_eq!(states, [(DeliveryState::Delivered, 1); 2]);

    let call = desk.calls().remove(0);
    Webhook::new(KEY).unwrap().verify(&call.body, &call.headers).unwrap();
    assert_eq!(call.id(), office.to("kanim")[0].id);
    assert_eq!(call.json()["data"]["link"], "https://siaga.contoh.example/v1/alerts/A-1");

    let mail = heard.await.unwrap().mail.unwrap();
    let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let by_mail = deliveries.iter().find(|delivery| delivery.channel == Channel::Email).unwrap();
    assert_eq!(mail.message_id(), Some(&*format!("{}@contoh.example", by_mail.id)));
    let text = mail.body_text(0).unwrap();
    let secret = text.lines().find_map(|line| line.strip_prefix("https://siaga.contoh.example/a/")).unwrap();
    let link = office.store.link(&token_hash(secret), now).unwrap().unwrap();
    assert_eq!((&*link.alert, &*link.agency), ("A-1", "kanim"));
    assert_eq!(link.expires_at, now + LINK_GOOD_FOR);
    office.assert_sums();
}

#[tokio::test]
async fn two_agencies_behind_one_address_are_told_each() {
    let desk = Desk::answering(200).await;
    let mut office = Office::new().webhook("kanim", &desk);
    office.addresses("polres").webhook.push("kanim".to_owned());
    let (office, mut outbox) = office.open();
    office.tell("A-1", &["kanim", "polres"], second(0)).await;
    office.tell("A-1", &["kanim", "polres"], second(1)).await;
    outbox.step(second(1)).await.unwrap();
    assert_eq!(ids(&desk.calls()).len(), 2);
    assert_eq!(office.deliveries().len(), 2);
}

#[test]
fn a_notice_that_nobody_can_get_is_not_lost() {
    let mut office = Office::new();
    office.addresses("polres");
    let notices = vec![notice("A-1", "polres"), notice("A-1", "kodim")];
    let addressed = address(&office.book, notices.clone(), second(0));
    assert!(addressed.deliveries.is_empty());
    assert_eq!(addressed.unaddressed, notices);
}

/// For half a day nobody listens, for another half it answers 503; 32 others work all the time.
#[tokio::test]
async fn who_was_away_for_a_day_gets_everything_and_nobody_else_waits() {
    let (away, others) = (Desk::away().await, Desk::answering(200).await);
    let names: Vec<_> = (1..=32).map(|number| format!("instansi-{number}")).collect();
    let mut office = Office::new().webhook("away", &away);
    for name in &names {
        office = office.webhook(name, &others);
    }
    let (office, mut outbox) = office.open();
    let agencies: Vec<_> = names.iter().map(String::as_str).chain(["away"]).collect();
    for count in 0..24 {
        if count == 12 {
            away.answer(503);
            away.open().await;
        }
        office.tell(&format!("A-{count}"), &agencies, hour(count)).await;
        run(&mut outbox, hour(count), hour(count + 1) - TimeDelta::seconds(1)).await;
    }
    let waiting = office.to("away");
    assert!(waiting.iter().all(|delivery| delivery.state == DeliveryState::Waiting));
    let mut bodies: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    let refused = away.calls();
    for call in &refused {
        bodies.entry(call.id().to_owned()).or_default().insert(call.body.to_vec());
    }
    let known: BTreeSet<_> = waiting.iter().map(|delivery| delivery.id.clone()).collect();
    assert!(ids(&refused).is_subset(&known));
    assert!(refused.len() > bodies.len(), "nothing was tried twice");
    assert!(bodies.values().all(|bodies| bodies.len() == 1), "a retry said something else");

    away.answer(200);
    run(&mut outbox, hour(24), hour(25)).await;
    assert_eq!(ids(&away.calls()), known);
    for delivery in office.deliveries() {
        assert_eq!(delivery.state, DeliveryState::Delivered, "{delivery:?}");
        let settled = delivery.settled_at.unwrap();
        if delivery.recipient == "away" {
            assert!(settled - hour(24) < TimeDelta::minutes(40), "{delivery:?}");
        } else {
            assert_eq!((settled, delivery.attempts), (delivery.created_at, 1), "{delivery:?}");
        }
    }
    assert_eq!(others.calls().len(), 24 * 32);
    office.assert_sums();
}

#[tokio::test]
async fn an_endpoint_that_hangs_holds_up_no_other() {
    let (hanging, working) = (Desk::silent().await, Desk::answering(200).await);
    let (office, outbox) = Office::new().webhook("hanging", &hanging).webhook("working", &working).open();
    for number in 0..40 {
        office.tell(&format!("A-{number}"), &["hanging"], Utc::now()).await;
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let waker = outbox.waker();
    let task = tokio::spawn(outbox.run(async { drop(stopped.await) }));
    hanging.called().await;
    office.tell("B-1", &["working"], Utc::now()).await;
    waker.wake();
    working.called().await;
    assert_eq!(working.calls().len(), 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    drop(stop);
}

#[tokio::test]
async fn it_is_woken_and_ends_when_it_is_told_to() {
    let desk = Desk::answering(200).await;
    let (office, _) = Office::new().webhook("kanim", &desk).open();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = start(office.store.clone(), Arc::clone(&office.book), async { drop(stopped.await) });
    office.tell("A-1", &["kanim"], Utc::now()).await;
    running.waker.wake();
    desk.called().await;
    stop.send(()).unwrap();
    assert_eq!(running.task.await.unwrap(), Ok(()));
    assert_eq!(office.deliveries()[0].state, DeliveryState::Delivered);
}

/// Nobody tells of it again, and by itself the outbox looks only after half a minute.
#[tokio::test]
async fn what_comes_while_the_relay_is_full_goes_out_when_it_no_longer_is() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let (office, _) = Office::new().email("kanim", listener.local_addr().unwrap().port()).open();
    for number in 0..4 {
        office.tell(&format!("A-{number}"), &["kanim"], Utc::now()).await;
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let mut running = start(office.store.clone(), Arc::clone(&office.book), async { drop(stopped.await) });
    running.standing.wait_for(|standing| standing.in_flight == 4).await.unwrap();
    // as the pipeline does
    let mut one_more = address(&office.book, vec![notice("B-1", "kanim")], Utc::now()).deliveries;
    running.places.reserve(&mut one_more, Utc::now());
    office.store.enqueue(one_more).await.unwrap();
    running.places.posted(vec![], true);
    let one = || tokio::spawn(serve(TcpListener::from_std(listener.try_clone().unwrap()).unwrap(), Script::default()));
    for mail in [(); 5].map(|()| one()) {
        let heard = tokio::time::timeout(Duration::from_secs(20), mail).await.unwrap().unwrap();
        assert!(heard.mail.is_some());
    }
    stop.send(()).unwrap();
    assert_eq!(running.task.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_dead_letter_is_kept_and_can_be_revived() {
    let refusing = Script { at: Some((Step::Rcpt, Answer::Say("550 no such mailbox"))), ..Script::default() };
    let (port, first) = relay(refusing).await;
    let (office, mut outbox) = Office::new().email("kanim", port).open();
    office.tell("A-1", &["kanim"], second(0)).await;
    run(&mut outbox, second(0), hour(100)).await;
    assert_eq!(first.await.unwrap().mail, None);
    let dead = office.store.dead_letters(Scope::All, None, ALL).unwrap().items.remove(0);
    assert_eq!((dead.last_outcome.as_deref(), dead.attempts), (Some("recipient refused (550)"), 1));

    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let second_try = tokio::spawn(serve(listener, Script::default()));
    // past the 72 hours of the first attempt: a revived delivery has them anew, and so has its link
    let later = hour(100);
    office.store.revive(&dead.id, "kanim", later).await.unwrap();
    run(&mut outbox, later, later).await;
    let mail = second_try.await.unwrap().mail.unwrap();
    assert!(mail.contains(&format!("Message-ID: <{}@contoh.example>", dead.id)), "{mail}");
    let secret = token(&office.book.link_secret, &dead.id);
    let link = office.store.link(&token_hash(&secret), later).unwrap().unwrap();
    assert_eq!(link.expires_at, later + LINK_GOOD_FOR);
    assert_eq!(office.deliveries()[0].state, DeliveryState::Delivered);
    office.assert_sums();
}

#[tokio::test]
async fn after_72_hours_it_is_given_up() {
    let desk = Desk::answering(500).await;
    let (office, mut outbox) = Office::new().webhook("kanim", &desk).open();
    office.tell("A-1", &["kanim"], second(0)).await;
    run(&mut outbox, second(0), hour(80)).await;
    let dead = office.deliveries().remove(0);
    assert_eq!(dead.state, DeliveryState::Dead);
    assert!(dead.settled_at.unwrap() > hour(71), "{dead:?}");
    assert!(dead.last_outcome.unwrap().contains("72 hours"));
    assert_eq!(ids(&desk.calls()).len(), 1);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_left_alone_and_the_coordinator_told() {
    let (gone, pusat) = (Desk::answering(410).await, Desk::answering(200).await);
    let office = Office::new().webhook("kanim", &gone).webhook("kesbangpol", &pusat).coordinator("kesbangpol");
    let (office, mut outbox) = office.open();
    office.tell("A-1", &["kanim"], second(0)).await;
    outbox.step(second(0)).await.unwrap();
    office.tell("A-2", &["kanim"], second(60)).await;
    run(&mut outbox, second(60), hour(1)).await;
    assert_eq!(gone.calls().len(), 1);
    let outcomes: Vec<_> = office.to("kanim").into_iter().map(|one| (one.state, one.last_outcome.unwrap())).collect();
    let reason = "the endpoint says that it is gone (410)";
    assert_eq!(
        outcomes,
        [(DeliveryState::Dead, reason.to_owned()), (DeliveryState::Dead, format!("not sent: {reason}"))]
    );
    let resting = outbox.standing(hour(1)).resting;
    assert_eq!((resting[0].endpoint.as_deref(), resting[0].until), (Some("kanim"), None));

    let told = pusat.calls();
    assert_eq!(told.len(), 1);
    let event = told[0].json();
    assert_eq!(event["type"], "id.siaga.channel.trouble");
    assert_eq!(event["data"]["title"], "Saluran kanim bermasalah");
    assert_eq!(event["data"]["link"], "https://siaga.contoh.example/");
    office.assert_sums();
}

#[tokio::test]
async fn a_refusal_is_told_once_a_day_and_what_waits_goes_out_when_it_is_mended() {
    let (refusing, pusat) = (Desk::answering(401).await, Desk::answering(200).await);
    let office = Office::new().webhook("kanim", &refusing).webhook("kesbangpol", &pusat).coordinator("kesbangpol");
    let (office, mut outbox) = office.open();
    office.tell("A-1", &["kanim"], second(0)).await;
    office.tell("A-2", &["kanim"], second(0)).await;
    run(&mut outbox, second(0), hour(23)).await;
    let attempts = refusing.calls().len();
    assert!((60..120).contains(&attempts), "{attempts} attempts");
    assert_eq!(pusat.calls().len(), 1);
    run(&mut outbox, hour(23), hour(30)).await;
    assert_eq!(pusat.calls().len(), 1);
    refusing.answer(200);
    run(&mut outbox, hour(30), hour(31)).await;
    assert!(office.deliveries().iter().all(|delivery| delivery.state == DeliveryState::Delivered));
    office.assert_sums();
}

#[tokio::test]
async fn nobody_is_told_of_a_channel_through_that_channel() {
    let refusing = Desk::answering(401).await;
    let (office, mut outbox) = Office::new().webhook("kesbangpol", &refusing).coordinator("kesbangpol").open();
    office.tell("A-1", &["kesbangpol"], second(0)).await;
    run(&mut outbox, second(0), hour(5)).await;
    assert_eq!(office.deliveries().len(), 1);

    // two channels that both refuse tell of each other, once
    let mut office =
        Office::new().webhook("kesbangpol", &refusing).webhook("lain", &refusing).coordinator("kesbangpol");
    office.addresses("kesbangpol").webhook.push("lain".to_owned());
    let (office, mut outbox) = office.open();
    office.tell("A-1", &["lain"], second(0)).await;
    run(&mut outbox, second(0), hour(5)).await;
    assert_eq!(office.deliveries().len(), 3);
}

#[tokio::test]
async fn a_relay_that_refuses_the_account_is_told_of_by_webhook() {
    let script = Script { at: Some((Step::Mail, Answer::Say("530 log in first"))), ..Script::default() };
    let (port, _heard) = relay(script).await;
    let pusat = Desk::answering(200).await;
    let office = Office::new().email("kanim", port).email("kesbangpol", port).webhook("kesbangpol", &pusat);
    let (office, mut outbox) = office.coordinator("kesbangpol").open();
    office.tell("A-1", &["kanim"], second(0)).await;
    outbox.step(second(0)).await.unwrap();
    let told = pusat.calls();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].json()["data"]["title"], "Saluran surel bermasalah");
    // the relay rests with everything that is for it
    assert_eq!(outbox.standing(second(0)).resting[0].endpoint, None);
    office.tell("A-2", &["kanim"], second(1)).await;
    assert_eq!(outbox.step(second(1)).await.unwrap(), 0);
    assert_eq!(outbox.next_at(second(1)).await.unwrap(), Some(second(600)));
    office.assert_sums();
}

#[tokio::test]
async fn a_process_that_ends_between_sending_and_settling_sends_again_under_the_same_id() {
    let desk = Desk::silent().await;
    let (office, mut outbox) = Office::new().webhook("kanim", &desk).open();
    office.tell("A-1", &["kanim"], second(0)).await;
    tokio::select! {
        _ = outbox.step(second(0)) => panic!("the receiver has not answered"),
        () = desk.called() => {}
    }
    drop(outbox);
    let Opened { directory, store, book } = office;
    drop(store);

    let store = Store::open(&directory.path().join("siaga.db"), second(1)).unwrap();
    let mut outbox = Outbox::new(store.clone(), Arc::clone(&book));
    desk.answer(200);
    assert_eq!(outbox.step(second(1)).await.unwrap(), 1, "nobody is left whose lease could hold");
    let calls = desk.calls();
    assert_eq!((calls.len(), ids(&calls).len()), (2, 1));
    let office = Opened { directory, store, book };
    let delivery = office.deliveries().remove(0);
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 2));
    assert_eq!(delivery.id, calls[0].id());
    office.assert_sums();
}

#[tokio::test]
async fn a_test_takes_the_production_path_and_tells_how_it_went() {
    let (desk, refusing) = (Desk::answering(200).await, Desk::answering(403).await);
    let (port, heard) = relay(Script::default()).await;
    let mut office = Office::new().webhook("kanim", &desk).email("kanim", port).webhook("lain", &refusing);
    office.addresses("kanim").webhook.push("lain".to_owned());
    let (office, _) = office.open();
    office.tell("A-1", &["kanim"], second(0)).await;
    let report = send_test(&office.store, Arc::clone(&office.book), "kanim", second(1)).await.unwrap();
    let lines: Vec<_> =
        report.lines.iter().map(|line| (line.channel, &*line.recipient, line.state, line.outcome.as_deref())).collect();
    let expected = [
        (Channel::Email, "Piket Contoh <piket@kanim.contoh.example>", DeliveryState::Delivered, Some("delivered")),
        (Channel::Webhook, "kanim", DeliveryState::Delivered, Some("delivered")),
        (Channel::Webhook, "lain", DeliveryState::Waiting, Some("the endpoint does not let siaga in (403)")),
    ];
    assert_eq!(lines, expected);
    assert!(!report.is_delivered());
    assert!(heard.await.unwrap().mail.unwrap().contains("Instansi kanim"));
    let calls = desk.calls();
    assert_eq!(calls.len(), 1, "the alert that waits is not the test's to send");
    assert_eq!(calls[0].json()["type"], "id.siaga.alert.test");

    let nobody = send_test(&office.store, Arc::clone(&office.book), "kodim", second(2)).await;
    assert_eq!(nobody, Err(SendTestError::Unaddressed("kodim".to_owned())));
}
