//! Scripts that mean harm: each is refused with a clear message, or its judgements end as counted faults. None ends the
//! reader, the judge or this test.
//!
//! Nothing here is timed: what bounds the time are the limits themselves. `SIAGA_TIMES=1 cargo test --release --test
//! hostile_rules -- --nocapture` prints how long each takes to read and to judge.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use siaga::daemon::vet;
use siaga::engine::STACK_BYTES;
use siaga::intake::body::read_body;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pack::rule::Status;
use siaga::replay::{Replay, lines};

/// The tables of the built-in pack.
static TABLES: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| Files::built_in().texts.into_iter().filter(|(path, _)| !path.ends_with(".rhai")).collect());

/// Which limit is met first depends on how fast the machine is.
const LIMITS: [&str; 4] = ["too many steps", "took too long", "too many calls within calls", "too large"];

const ROW: &str = r#"{"id":"d-1","source":"kpu-oku","kind":"donation.reported","occurred_at":"2024-11-10T10:00:00+07:00","donation":{"donor_kind":"person","amount":5.0}}"#;

/// What comes of a script, in words.
fn outcome(name: &str, text: &str) -> (String, Duration, Duration) {
    let mut texts = TABLES.clone();
    texts.insert(format!("uji/{name}.rhai"), text.to_owned());
    let began = Instant::now();
    let read = vet::read(String::new(), texts);
    let reading = began.elapsed();
    match read {
        Err(report) => (format!("refused: {}", report.first.unwrap_or_default()), reading, Duration::ZERO),
        Ok(pack) => {
            let began = Instant::now();
            let judged = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || judge(pack)).unwrap();
            (judged.join().unwrap(), reading, began.elapsed())
        }
    }
}

/// Judges one record. A draft judges nothing: the scripts are drafts so that they need no tests.
fn judge(mut pack: Pack) -> String {
    for rule in &mut pack.rules {
        Arc::make_mut(rule).status = Status::Stable;
    }
    let pack = Arc::new(pack);
    let mut replay = Replay::new(pack.clone());
    let steps = replay.feed(&read_body(Some("application/x-ndjson"), ROW.as_bytes()).unwrap_or_default());
    let faults: Vec<String> =
        steps.iter().flat_map(|step| step.effects.failures.iter().map(|failure| failure.reason.clone())).collect();
    assert_eq!(replay.counts.failures, faults.len(), "a fault is not counted");
    match faults.first() {
        Some(fault) if LIMITS.iter().any(|limit| fault.ends_with(limit)) => "fault: at a limit".to_owned(),
        Some(fault) => format!("fault: {fault}"),
        None if lines(&pack, steps).is_empty() => "silent".to_owned(),
        None => "found".to_owned(),
    }
}

#[test]
fn each_script_is_refused_or_ends_as_a_counted_fault() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile_rules");
    let mut outcomes = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let (outcome, reading, judging) = outcome(&name, &std::fs::read_to_string(&path).unwrap());
        if std::env::var_os("SIAGA_TIMES").is_some() {
            eprintln!("{name:<24} read {reading:>9.1?} judged {judging:>9.1?}  {outcome}");
        }
        outcomes.insert(name, outcome);
    }
    assert!(outcomes.len() >= 30);
    let drawn: Vec<String> = outcomes.iter().map(|(name, outcome)| format!("{name}: {outcome}")).collect();
    insta::assert_snapshot!(drawn.join("\n"));
}

/// Statements of a helper that tries to take time, memory or stack.
fn statements() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("s += s;".to_owned()),
        Just("a.push(a);".to_owned()),
        Just("a = a + a;".to_owned()),
        Just("let b = [a, a]; a = b;".to_owned()),
        Just("m[s] = a;".to_owned()),
        Just("x = x * 3 + 1;".to_owned()),
        Just("x = x << 63;".to_owned()),
        Just("x = 1 / (x - x);".to_owned()),
        Just("jahat(n + 1.0);".to_owned()),
        Just("if s.contains(s) { x += s.len(); }".to_owned()),
        Just("s = s.to_upper();".to_owned()),
        Just("a = s.split(\"a\");".to_owned()),
        Just("s = a.to_string();".to_owned()),
        Just("s = `${a}${m}${s}`;".to_owned()),
        Just("x = s.sub_string(x, x).len();".to_owned()),
        Just("x = x.parse_int();".to_owned()),
        Just("a = #{ x: m, y: m }; m = a;".to_owned()),
        Just("return x;".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let block = prop::collection::vec(inner, 1..4).prop_map(|some| some.join(" "));
        prop_oneof![
            block.clone().prop_map(|body| format!("for i in range(0, 1000000) {{ {body} }}")),
            block.clone().prop_map(|body| format!("while true {{ {body} }}")),
            block.clone().prop_map(|body| format!("if x > 0 {{ {body} }} else {{ x += 1; }}")),
            block.prop_map(|body| format!("try {{ {body} }} catch (e) {{ x += 1; }}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn generated_helpers_end_nothing(body in prop::collection::vec(statements(), 1..5)) {
        let helper = format!(
            "fn jahat(n) {{ let x = 7; let s = \"aé\"; let a = [1]; let m = #{{}}; {} x > 0 }}\n",
            body.join(" ")
        );
        let rule = include_str!("hostile_rules/endless-while.rhai");
        let text = helper + rule.split_once("\n\n").unwrap().1;
        // that it comes back is what is asked
        outcome("endless-while", &text);
    }

    #[test]
    fn generated_texts_end_nothing(text in "[(){}\\[\\]#\"`$|&!a-z0-9., :;\\n-]{0,400}") {
        let (outcome, ..) = outcome("teks", &text);
        prop_assert!(outcome.starts_with("refused: "), "{outcome}");
    }
}
