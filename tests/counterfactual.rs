//! Who people are changes no decision of the shipped rules, and a rule in which it does is found.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use siaga::counterfactual::swap::{Survey, Swap};
use siaga::counterfactual::{Decisions, Flip, flips};
use siaga::intake::file;
use siaga::intake::row::Row;
use siaga::pack::Pack;
use siaga::pack::expr::{Comparison, ListId, Node, Part, TextTest};
use siaga::pack::files::Files;
use siaga::pack::lists::List;
use siaga::record::value::Value;
use siaga::replay::{Counts, Replay};

const RULE: &str = "kerja-izin-kunjungan";

fn built_in() -> Pack {
    siaga::pack::build(Files::built_in()).pack.unwrap()
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    file::read(&path).unwrap().collect::<Result<_, _>>().unwrap()
}

fn decide(pack: Pack, swap: &Swap, rows: &[Row]) -> (Decisions, Counts) {
    let pack = Arc::new(pack);
    let mut replay = Replay::new(pack.clone());
    let rows: Vec<Row> = rows.iter().map(|row| swap.row(row)).collect();
    let mut decisions = Decisions::default();
    decisions.note(&pack, &replay.feed(&rows));
    (decisions, replay.counts)
}

/// What flips, by what was exchanged.
fn flipped(pack: &Pack, rows: &[Row]) -> Vec<(&'static str, Vec<Flip>)> {
    let mut survey = Survey::default();
    rows.iter().for_each(|row| survey.see(row));
    let (before, counts) = decide(pack.clone(), &Swap::default(), rows);
    assert!(!before.is_empty());
    let swaps = survey.swaps().into_iter().map(|(exchanged, swap)| {
        let (after, others) = decide(swap.pack(pack), &swap, rows);
        assert_eq!(counts, others, "{exchanged}");
        (exchanged, flips(&before, &after))
    });
    swaps.collect()
}

/// The pack with a condition in one rule that no author could write: the checks at load refuse it.
fn leaking(condition: impl Fn(&Pack) -> Node) -> Pack {
    let mut pack = built_in();
    let node = condition(&pack);
    for rule in &mut pack.rules {
        if rule.id.as_ref() == RULE {
            let mut leaking = rule.as_ref().clone();
            let conjunct = leaking.when.first_mut().unwrap();
            conjunct.node = Node::And(vec![conjunct.node.clone(), node.clone()]);
            *rule = Arc::new(leaking);
        }
    }
    pack
}

fn field(pack: &Pack, path: &str) -> Box<Node> {
    let id = pack.schema.field_id(path).unwrap_or_else(|| panic!("no field {path}"));
    Box::new(Node::Trigger(Part::Field(id)))
}

fn text(word: &str) -> Box<Node> {
    Box::new(Node::Constant(Value::Text(word.into())))
}

fn leaks(pack: &Pack, rows: &[Row], through: &str) {
    for (exchanged, flips) in flipped(pack, rows) {
        let expected = exchanged == through || exchanged == "all together";
        assert_eq!(!flips.is_empty(), expected, "{exchanged}, where {through} leaks: {flips:#?}");
        assert!(flips.iter().all(|flip| flip.matter.rule.as_ref() == RULE), "{flips:#?}");
    }
}

#[test]
fn no_decision_of_the_shipped_rules_rests_on_who_somebody_is() {
    for (exchanged, flips) in flipped(&built_in(), &rows()) {
        assert!(flips.is_empty(), "{exchanged}: {flips:#?}");
    }
}

#[test]
fn a_passport_issuer_by_its_first_letters_is_found() {
    let condition = |pack: &Pack| Node::Text(TextTest::StartsWith, field(pack, "person.passport.issuer"), text("UT"));
    leaks(&leaking(condition), &rows(), "passport issuer");
}

#[test]
fn a_sex_is_found() {
    let condition = |pack: &Pack| Node::Compare(Comparison::Equal, field(pack, "person.sex"), text("M"));
    leaks(&leaking(condition), &rows(), "sex");
}

#[test]
fn a_nationality_in_a_list_is_found() {
    let rows = rows();
    let mut nationalities: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(row.json().ok()?.pointer("/person/nationality")?.as_str()?.to_owned()))
        .collect();
    nationalities.sort();
    nationalities.dedup();
    let half = nationalities.len() / 2;
    let mut pack = leaking(|pack| Node::Listed(ListId(pack.lists.len()), field(pack, "person.nationality")));
    let keys = nationalities.into_iter().take(half).collect();
    pack.lists.push(List { name: "negara".to_owned(), keys, protected: true });
    leaks(&pack, &rows, "nationality");
}

/// The example of ICAO 9303 part 4, of three lines in part 5.
const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<";

fn person(number: &str, zone: &str) -> Row {
    let record = json!({ "id": number, "source": "apoa", "kind": "lodging.check_in", "occurred_at": "2024-11-20T21:15:00+07:00",
        "person": { "passport": { "number": number, "issuer": "UTO", "mrz": zone }, "name": "ERIKSSON ANNA MARIA",
                    "nationality": "UTO", "sex": "F" },
        "lodging": { "id": "hotel-contoh-1", "name": "Hotel Contoh" } });
    Row::of(0, record)
}

#[test]
fn a_zone_is_exchanged_with_what_stands_beside_it_and_still_holds() {
    let rows = [person("L898902C3", TD3), person("D23145890", TD1)];
    let mut survey = Survey::default();
    rows.iter().for_each(|row| survey.see(row));
    for (exchanged, swap) in survey.swaps() {
        let (_, counts) = decide(built_in(), &swap, &rows);
        assert_eq!(counts.accepted, 2, "{exchanged}");
    }
    let (_, all) = survey.swaps().pop().unwrap();
    let row = all.row(&rows[0]);
    let passport = row.json().unwrap().pointer("/person/passport").unwrap();
    let zone = passport.get("mrz").and_then(Json::as_str).unwrap();
    assert_eq!(passport.get("issuer").unwrap(), "XXA");
    assert!(zone.starts_with("P<XXA"), "{zone}");
    assert_eq!(&zone[54..57], "XXA");
    assert_eq!(&zone[64..65], "M");
    assert!(!zone.contains("ERIKSSON"), "{zone}");
}
