//! Rules that change under the running daemon: from which entry on they judge, and what a save that does not stand does.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails, and says what it saw"
)]

mod support {
    pub mod changing_pack;
    #[expect(dead_code, reason = "this receiver always answers")]
    pub mod desk;
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
}

use std::collections::BTreeSet;

use serde_json::{Value, json};
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::store::Store;

use support::changing_pack::{Place, RULE, row, write};
use support::desk::Desk;
use support::process::{everybody_at, wait_until};

/// A rule that waits three days.
const WAITS: &str = r#"rule("uji-tenggat", #{
  title: "Uji tenggat", flags: "uji", why: "uji", action: "uji", false_positives: "uji",
  severity: "siaga-3", notify: ["kanim"], basis: ["uu-6-2011-69"],
  per: "record", on: ["donation.reported"],
  deadline: record.occurred_at + days(3),
  when: record.donation.amount >= 0,
  once_per: "record",
  message: "uji",
  tests: [
    #{ name: "sesudah", fires: ["uji-tenggat"], advance_to: "2024-11-08T00:00:00+07:00", records: [
      #{ kind: "donation.reported", occurred_at: "2024-11-01T10:00:00+07:00", donation: #{ donor_kind: "person", amount: 3 } } ] },
    #{ name: "sebelum", fires: [], advance_to: "2024-11-02T00:00:00+07:00", records: [
      #{ kind: "donation.reported", occurred_at: "2024-11-01T10:00:00+07:00", donation: #{ donor_kind: "person", amount: 3 } } ] },
  ],
});
"#;

/// A helper that never ends, where a record asks it.
const ENDLESS: &str = r#"fn gila(jumlah) { let n = 0; while jumlah > 0 { n += 1; } n >= 0 }

rule("uji-gila", #{
  title: "Uji gila", flags: "uji", why: "uji", action: "uji", false_positives: "uji",
  severity: "siaga-3", notify: ["kanim"], basis: ["uu-6-2011-69"],
  per: "record", on: ["donation.reported"],
  when: gila(record.donation.amount),
  once_per: "record",
  message: "uji",
  status: "draft",
});
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_threshold_decides_from_the_entry_after_the_swap_on() {
    let place = Place::new("");
    let first = place.loaded();
    let daemon = place.start().await;
    let posting = async {
        place.post(&daemon, 0..300).await;
    };
    let saving = async {
        place.set_threshold(20);
        place.takes(&daemon).await;
    };
    tokio::join!(posting, saving);
    let second = place.loaded();
    place.post(&daemon, 300..360).await;
    // the same again, and a file that is none of the pack's
    place.set_threshold(20);
    write(&place.pack.join("catatan.txt"), "uji");
    write(&place.pack.join("uji/.uji-batas.rhai.swp"), "uji");
    place.set_threshold(160);
    place.takes(&daemon).await;
    let third = place.loaded();
    place.post(&daemon, 360..420).await;
    daemon.idle(&place.caller).await;
    assert_eq!(daemon.stop().0, Some(0));
    let log = place.log();
    assert_eq!(log.records.len(), 420);
    let hashes: Vec<&String> = log.packs.iter().map(|(_, hash)| hash).collect();
    assert_eq!(hashes, [&first.hash, &second.hash, &third.hash]);
    assert_eq!(log.found, log.replayed(&[first, second, third]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_put_in_the_place_of_the_one_before_is_watched_on() {
    let place = Place::new("");
    let daemon = place.start().await;
    let (next, old) = (place.site.folder.join("paket-baru"), place.site.folder.join("paket-lama"));
    for (path, text) in Files::read(&place.pack).unwrap().texts {
        write(&next.join(&path), &text.replace("default = 100\n", "default = 30\n"));
    }
    std::fs::rename(&place.pack, old).unwrap();
    std::fs::rename(next, &place.pack).unwrap();
    place.takes(&daemon).await;
    place.set_threshold(70);
    place.takes(&daemon).await;
    // told to look, it does not end
    let told = std::process::Command::new("kill").args(["-HUP", &daemon.pid().to_string()]).status().unwrap();
    assert!(told.success());
    place.set_threshold(80);
    place.takes(&daemon).await;
    assert_eq!(daemon.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_set_stays_over_every_pack_that_has_it() {
    let place = Place::new("");
    let coordinator = place.site.token("kanim-muaraenim", "coordinator");
    let daemon = place.start().await;
    let set = place.caller.put(daemon.address, "/v1/thresholds/uji_batas", &coordinator, r#"{"value": 10}"#).await;
    assert_eq!(set.unwrap().status, 200);
    place.set_threshold(150);
    place.takes(&daemon).await;
    place.post(&daemon, 0..40).await;
    let shown = place.caller.get(daemon.address, "/v1/thresholds/uji_batas", &coordinator).await.unwrap().json();
    assert_eq!((&shown["default"], &shown["in_force"]["16.01"]["kampanye"]), (&json!(150.0), &json!(10.0)));
    daemon.idle(&place.caller).await;
    daemon.kill();
    let daemon = place.start().await;
    place.post(&daemon, 40..60).await;
    // a pack without it, and one that has it again
    let other = |text: String| text.replace("uji_batas", "uji_lain");
    for change in [true, false] {
        place.set_threshold(170);
        let (thresholds, rule) = (place.pack.join("thresholds.toml"), place.pack.join("uji/uji-batas.rhai"));
        let text = std::fs::read_to_string(&thresholds).unwrap();
        write(&thresholds, &if change { other(text) } else { text });
        write(&rule, &if change { other(RULE.to_owned()) } else { RULE.to_owned() });
        place.takes(&daemon).await;
        place.post(&daemon, if change { 60..80 } else { 80..100 }).await;
    }
    daemon.idle(&place.caller).await;
    assert_eq!(daemon.stop().0, Some(0));
    let over = |number: &u32| number * 67 % 200 >= if (60..80).contains(number) { 170 } else { 10 };
    let expected: BTreeSet<_> =
        (0..100).filter(over).map(|number| ("uji-batas".to_owned(), format!("d-{number}"))).collect();
    assert_eq!(place.log().found, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_save_changes_nothing_and_is_shown() {
    let desk = Desk::answering(200).await;
    let place = Place::new(&everybody_at(desk.port));
    let daemon = place.start().await;
    let hash = place.hash();
    write(&place.pack.join("uji/uji-batas.rhai"), &RULE.replace("record.donation.amount", "record.donation.amont"));
    let ready = place.shows(&daemon, |ready| ready["pack_on_disk"]["refused"] == true).await;
    assert_eq!((&ready["ready"], &ready["pack_hash"]), (&json!(true), &json!(hash)));
    let (on_disk, reason) = (&ready["pack_on_disk"], ready["pack_on_disk"]["reason"].as_str().unwrap());
    assert_eq!((&on_disk["errors"], &on_disk["hash"]), (&json!(1), &json!(place.hash())));
    assert!(reason.starts_with("uji/uji-batas.rhai:5:") && reason.contains("amont"), "{reason}");
    assert_eq!(place.metric(&daemon, "siaga_pack_refused{").await.as_deref(), Some("1"));
    place.post(&daemon, [1, 2, 3]).await;
    daemon.idle(&place.caller).await;
    assert_eq!(place.rule(&daemon, "uji-batas").await["judgements"], json!({ "found": 1, "not-held": 2 }));
    // who works beside the daemon meanwhile does so by the pack in force
    let beside = place.site.verb(&["--lang", "en", "quarantine", "list"]);
    let said = String::from_utf8_lossy(&beside.stderr);
    assert!(beside.status.success() && said.contains("the one in force"), "{said}");
    let told: Vec<Value> = desk.calls().iter().map(|call| call.json()).collect();
    let told_of_pack: Vec<&Value> = told.iter().filter(|call| call["type"] == "id.siaga.channel.trouble").collect();
    assert_eq!(told_of_pack.len(), 1, "{told:?}");

    write(&place.pack.join("uji/uji-batas.rhai"), RULE);
    let ready = place.shows(&daemon, |ready| ready["pack_on_disk"].is_null()).await;
    assert_eq!(ready["pack_hash"], json!(hash));
    assert_eq!(place.metric(&daemon, "siaga_pack_refused{").await.as_deref(), Some("0"));
    let (code, log) = daemon.stop();
    assert_eq!((code, log.matches("the pack on the disk is refused").count()), (Some(0), 1), "{log}");
    assert_eq!(place.log().packs.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_comes_and_goes_with_its_deadlines_and_its_alerts_stay() {
    let place = Place::new("");
    let daemon = place.start().await;
    place.post(&daemon, [1]).await;
    write(&place.pack.join("uji/uji-tenggat.rhai"), WAITS);
    place.takes(&daemon).await;
    place.post(&daemon, [2]).await;
    daemon.idle(&place.caller).await;
    assert_eq!(place.metric(&daemon, "siaga_timers{").await.as_deref(), Some("1"));
    // three days on, it fires
    place.post(&daemon, [1440 * 4]).await;
    daemon.idle(&place.caller).await;
    std::fs::remove_file(place.pack.join("uji/uji-tenggat.rhai")).unwrap();
    place.takes(&daemon).await;
    place.post(&daemon, [1440 * 9]).await;
    daemon.idle(&place.caller).await;
    assert_eq!(place.metric(&daemon, "siaga_timers{").await.as_deref(), Some("0"));
    assert_eq!(daemon.stop().0, Some(0));
    let found: Vec<_> = place.log().found.into_iter().filter(|(rule, _)| rule == "uji-tenggat").collect();
    assert_eq!(found, [("uji-tenggat".to_owned(), "d-2".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_in_under_a_pack_is_judged_by_it_after_any_end() {
    let place = Place::new("");
    let mut packs = vec![place.loaded()];
    let mut daemon = place.start().await;
    let mut next = 0;
    for threshold in [20, 160, 60, 120, 40, 180] {
        place.post(&daemon, next..next + 30).await;
        place.set_threshold(threshold);
        packs.push(place.loaded());
        if threshold % 40 == 0 {
            // right after the entry
            place.takes(&daemon).await;
            daemon.kill();
        } else {
            // the pack changes while nobody looks, and entries wait that the one before took in
            assert_eq!(daemon.stop().0, Some(0));
            let before = packs[packs.len() - 2].clone();
            write(
                &place.site.folder.join("data.ndjson"),
                &(next + 30..next + 40).map(row).collect::<Vec<_>>().join("\n"),
            );
            import(&place, &before);
        }
        next += 40;
        daemon = place.start().await;
        assert_eq!(place.ready(&daemon).await["pack_hash"], json!(place.hash()));
    }
    place.post(&daemon, next..next + 30).await;
    daemon.idle(&place.caller).await;
    assert_eq!(daemon.stop().0, Some(0));
    let log = place.log();
    assert_eq!(log.packs.len(), 7, "{:?}", log.packs);
    assert_eq!(log.found, log.replayed(&packs));
}

/// Takes rows in as `siaga import` does, with a pack that is no longer in the folder.
fn import(place: &Place, pack: &Pack) {
    assert_eq!(Store::join(&place.site.store()).unwrap().pack_at(i64::MAX).unwrap().unwrap().hash, pack.hash);
    let output = place.site.verb(&["import", "data.ndjson"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shadow_rule_judges_is_counted_and_tells_nobody() {
    let desk = Desk::answering(200).await;
    let place = Place::new(&everybody_at(desk.port));
    let shadow = RULE.replace("\n  per:", "\n  status: \"shadow\", per:");
    write(&place.pack.join("uji/uji-batas.rhai"), &shadow);
    let daemon = place.start().await;
    place.post(&daemon, 0..20).await;
    daemon.idle(&place.caller).await;
    let rule = place.rule(&daemon, "uji-batas").await;
    let found = (0..20).filter(|number| number * 67 % 200 >= 100).count();
    assert_eq!(
        (&rule["status"], &rule["alerts_held"], &rule["judgements"]["found"]),
        (&json!("shadow"), &json!(found), &json!(found))
    );
    assert_eq!(place.metric(&daemon, "siaga_alerts_held{rule=\"uji-batas\"}").await, Some(found.to_string()));
    assert_eq!(desk.calls().len(), 0, "a shadow told somebody");
    // from here on it is none
    write(&place.pack.join("uji/uji-batas.rhai"), RULE);
    place.takes(&daemon).await;
    place.post(&daemon, 20..40).await;
    daemon.idle(&place.caller).await;
    let told = desk.calls().len();
    assert_eq!(told, (20..40).filter(|number| number * 67 % 200 >= 100).count());
    assert_eq!(daemon.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_fails_again_and_again_is_stopped_until_the_pack_changes() {
    let desk = Desk::answering(200).await;
    let place = Place::new(&everybody_at(desk.port));
    let daemon = place.start().await;
    let endless = ENDLESS.replace("  status: \"draft\",\n", "  status: \"shadow\",\n  tests: [\n    #{ name: \"a\", fires: [\"uji-gila\"], records: [ #{ kind: \"donation.reported\", occurred_at: \"2024-11-01T10:00:00+07:00\", donation: #{ donor_kind: \"person\", amount: 0 } } ] },\n    #{ name: \"b\", fires: [], records: [ #{ kind: \"donation.reported\", occurred_at: \"2024-11-01T10:00:00+07:00\", donation: #{ donor_kind: \"person\" } } ] },\n  ],\n");
    write(&place.pack.join("uji/uji-gila.rhai"), &endless);
    place.takes(&daemon).await;
    place.post(&daemon, 1..4).await;
    let ready = place.shows(&daemon, |ready| ready["rules_stopped"] == json!(["uji-gila"])).await;
    assert_eq!(ready["ready"], true);
    place.post(&daemon, 4..40).await;
    daemon.idle(&place.caller).await;
    let rule = place.rule(&daemon, "uji-gila").await;
    assert_eq!(rule["status"], "stopped");
    assert!(rule["last_failure"].as_str().unwrap().contains("too many steps"), "{rule}");
    assert_eq!(rule["judgements"]["failed"], 3, "{rule}");
    assert_eq!(place.metric(&daemon, "siaga_rules{status=\"stopped\"}").await.as_deref(), Some("1"));
    wait_until(async || {
        let told = desk.calls().iter().filter(|call| call.json()["type"] == "id.siaga.channel.trouble").count();
        if told == 1 { Ok(()) } else { Err(format!("{told} messages")) }
    })
    .await;
    daemon.kill();
    let daemon = place.start().await;
    assert_eq!(
        place.ready(&daemon).await["rules_stopped"],
        json!(["uji-gila"]),
        "a restart does not let it judge again"
    );
    place.post(&daemon, 40..50).await;
    write(&place.pack.join("uji/uji-gila.rhai"), &endless.replace("while jumlah > 0", "while jumlah > 1000"));
    place.takes(&daemon).await;
    place.post(&daemon, 50..60).await;
    daemon.idle(&place.caller).await;
    let rule = place.rule(&daemon, "uji-gila").await;
    assert_eq!((&rule["status"], &rule["judgements"]), (&json!("shadow"), &json!({ "found": 10 })));
    assert_eq!(daemon.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_that_ends_its_reader_is_refused_and_ends_nothing_else() {
    let place = Place::new("");
    let daemon = place.start().await;
    write(&place.pack.join("lists/besar.csv"), &"a".repeat(17 << 20));
    let ready = place.shows(&daemon, |ready| ready["pack_on_disk"]["refused"] == true).await;
    assert!(ready["pack_on_disk"]["reason"].as_str().unwrap().contains("lists/besar.csv"), "{ready}");
    place.post(&daemon, [1]).await;
    daemon.idle(&place.caller).await;
    assert_eq!(daemon.stop().0, Some(0));
}
