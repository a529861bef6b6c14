//! Random packs of a few rules whose conditions often hold, and what happens under them: records, corrections, retractions
//! and thresholds that are set. Constants of the rules and values of the records come from the same few.

use std::fmt;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;
use siaga::pack::files::Files;
use siaga::record::schema::{FieldId, Schema};
use siaga::record::value::Value;
use siaga::record::{Record, RecordKey};

use super::expressions::{Grammar, Text, binary, either, of, word};
use super::records::time;
use super::rules::{HELPERS, files_with, id};

const KINDS: [&str; 6] =
    ["lodging.check_in", "lodging.check_out", "permit.issued", "activity.reported", "plan.noticed", "permit.revoked"];
const ORDER: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
const PHASES: [&str; 5] = ["persiapan", "kampanye", "tenang", "pungut", "rekap"];
/// When records happen: days and windows apart to the instant, and on both sides of what begins at midnight.
const INSTANTS: [&str; 10] = [
    "2024-11-16T09:00:00+07:00",
    "2024-11-22T09:00:00+07:00",
    "2024-11-22T09:00:00.001+07:00",
    "2024-11-22T21:00:00+07:00",
    "2024-11-23T09:00:00+07:00",
    "2024-11-23T23:59:59.999+07:00",
    "2024-11-24T00:00:00+07:00",
    "2024-11-25T09:00:00+07:00",
    "2024-11-27T00:00:00+07:00",
    "2024-11-29T09:00:00+07:00",
];
/// Some count as equal, some are nearly so.
const DECIMALS: [f64; 10] =
    [0.1, 0.3, 0.1 + 0.2, 0.5, 0.999_999_999_999_999_3, 1.0, 1.000_000_000_000_000_7, 2.5, 0.0, -1.0];

/// A rule of a pack.
#[derive(Clone, Debug)]
pub struct Drawn {
    head: Vec<String>,
    pub conjuncts: Vec<String>,
}

/// Something that happens.
#[derive(Clone)]
pub enum Act {
    /// A record, or a correction of an earlier one with its id.
    Record(Arc<Record>),
    /// A record is taken back.
    Withdraw(RecordKey),
    /// A threshold is set.
    Threshold(&'static str, Option<&'static str>, f64),
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = Schema::default();
        match self {
            Act::Record(record) => {
                write!(f, "{} {} at {}", record.key, schema.kind_name(record.kind), record.occurred_at)?;
                let field = |id: FieldId| schema.field(id).map_or("", |field| field.path.as_str());
                record.values().try_for_each(|(id, value)| write!(f, ", {} = {value:?}", field(id)))
            }
            Act::Withdraw(key) => write!(f, "{key} withdrawn"),
            Act::Threshold(name, phase, value) => write!(f, "{name} in {phase:?} is {value}"),
        }
    }
}

impl Drawn {
    pub fn text(&self, id: &str) -> String {
        let (head, when) = (self.head.join(",\n  "), self.conjuncts.join("\n    && "));
        let texts = r#"title: "x", flags: "x", why: "x", action: "x", false_positives: "x", basis: ["uu-6-2011-71b"]"#;
        let tests = format!(
            r#"tests: [#{{ name: "a", records: [], fires: ["{id}"] }}, #{{ name: "b", records: [], fires: [] }}]"#
        );
        // only the helpers that it calls, so that it is quickly read
        let is_called = |helper: &&str| {
            let name = helper.split(['(', ' ']).nth(1).unwrap_or("-");
            [&head, &when].iter().any(|text| text.contains(&format!("{name}(")))
        };
        let helpers: Vec<&str> = HELPERS.lines().filter(is_called).collect();
        let helpers = helpers.join("\n");
        format!("{helpers}\nrule(\"{id}\", #{{\n  {texts},\n  {head},\n  when: {when},\n  {tests},\n}});\n")
    }
}

/// The files of a pack; its `kanim` may also see announced groups, so that messages can show them.
pub fn files(rules: &[Drawn]) -> Files {
    let mut files = files_with(rules.iter().enumerate().map(|(index, rule)| (id(index), rule.text(&id(index)))));
    let agencies = files.texts.get_mut("agencies.toml").unwrap();
    let sees = |group: &str| format!("[[agency.sees]]\ngroup = \"{group}\"\n");
    let more = format!("{}basis = \"uu-6-2011-71a\"\n\n{}", sees("plan"), sees("identity"));
    *agencies = agencies.replacen(&sees("identity"), &more, 1);
    files
}

/// A pack's rules.
pub fn rules() -> BoxedStrategy<Vec<Drawn>> {
    let conjunct = conjunct();
    vec((head(), vec(conjunct, 1..4)).prop_map(|(head, conjuncts)| Drawn { head, conjuncts }), 2..7).boxed()
}

/// What happens, in order of arrival.
pub fn acts() -> BoxedStrategy<Vec<Act>> {
    let threshold = (
        select(vec!["klaster_minimal", "bagian"]),
        select(vec![None, Some("tenang")]),
        select(vec![2.0, 3.0, 4.0, 5.0, 6.0]),
    );
    let act = prop_oneof![
        12 => record().prop_map(|record| Act::Record(Arc::new(record))),
        1 => key().prop_map(Act::Withdraw),
        2 => threshold.prop_map(|(name, phase, value)| Act::Threshold(name, phase, value)),
    ];
    vec(act, 3..9).boxed()
}

fn head() -> BoxedStrategy<Vec<String>> {
    let on = subsequence(KINDS.to_vec(), 2..=KINDS.len()).prop_map(|on| format!("on: {on:?}")).boxed();
    let phases = prop_oneof![
        5 => Just(String::new()),
        1 => subsequence(PHASES.to_vec(), 2..PHASES.len()).prop_map(|phases| format!("phases: {phases:?}")),
    ]
    .boxed();
    let per = word(&["person", "person", "lodging", "sponsor", "event", "source", "record", "nik"]);
    let severity =
        word(&["\"siaga-3\"", "#{ otherwise: \"siaga-3\", tenang: \"siaga-1\" }", "#{ otherwise: \"siaga-2\" }"]);
    let area = rarely(&["area: last(\"lodging.check_in\").place.kabupaten"]);
    let deadline = rarely(&["deadline: record.occurred_at + hours(36), unless: seen(\"lodging.check_out\")"]);
    let status = rarely(&["status: \"shadow\"", "status: \"draft\""]);
    let values = of(
        "values: #{ jumlah: {}, tempat: {}, kata: {}, izin: {} }",
        [
            &either([of("count({})", [&query()]), of("distinct(\"lodging.id\", {})", [&query()])]),
            &word(&["record.place.kabupaten", "last(\"lodging.check_in\").place.kabupaten"]),
            &word(&["record.lodging.id", "first(\"lodging.check_in\").lodging.id"]),
            &word(&["record.permit.kind", "last(\"permit.issued\").permit.kind", "permit().kind"]),
        ],
    );
    let per = of("per: {}", [&of("\"{}\"", [&per])]);
    let severity = of("severity: {}", [&severity]);
    (on, phases, per, severity, (area, deadline, status), values, notify())
        .prop_map(|(on, phases, per, severity, (area, deadline, status), values, notify)| {
            let all = [on, phases, per, severity, area, deadline, status, values, notify];
            all.into_iter().filter(|part| !part.is_empty()).collect()
        })
        .boxed()
}

fn rarely(words: &[&'static str]) -> Text {
    prop_oneof![9 => Just(String::new()), 1 => word(words)].boxed()
}

fn notify() -> Text {
    let part = either([
        word(&["record.lodging.id", "record.person.name", "record.place.kabupaten", "record.place.kecamatan"]),
        word(&["record.permit.kind", "record.permit.valid_until", "record.permit.may_work", "permit().kind"]),
        word(&["record.kind", "record.source", "record.occurred_at", "phase()", "days_to_voting()"]),
        word(&["jumlah", "tempat", "kata", "izin", "record.place.lat", "last(\"permit.issued\").permit.kind"]),
        word(&["record.occurred_at - first(\"lodging.check_in\").occurred_at", "threshold(\"klaster_minimal\")"]),
        of("count({})", [&query()]),
        of("10 / count({})", [&query()]),
    ]);
    let text = either([
        word(&["\"Mohon dicek\"", "record.lodging.name"]),
        of("`Ada ${{}}`", [&part]),
        of("`${{}}, ${{}} dan ${{}}`", [&part, &part, &part]),
    ]);
    either([
        of("notify: [\"kanim\"], message: {}", [&text]),
        of("notify: #{ disnaker: \"Mohon dicek\", kanim: {} }", [&text]),
    ])
}

fn conjunct() -> Text {
    let plain = plain();
    let atom = Union::new_weighted(vec![(4, plain.clone()), (2, stateful())]).boxed();
    let deep = Grammar::new(2, false).bools;
    Union::new_weighted(vec![
        (12, atom.clone()),
        (2, of("!({})", [&atom])),
        (2, of("({} || {})", [&atom, &atom])),
        (2, of("({} || {})", [&plain, &plain])),
        (1, of("!({} && {})", [&plain, &atom])),
        // not alone: two conditions joined by `&&` would be two conjuncts
        (1, of("({} || {})", [&deep, &atom])),
    ])
    .boxed()
}

/// What asks about the record, the calendar and thresholds alone.
fn plain() -> Text {
    let ints = word(&["0", "1", "2", "3", "5"]);
    let decimals = select(DECIMALS.to_vec()).prop_map(|n| format!("{n:?}")).boxed();
    let times = select(INSTANTS.to_vec()).prop_map(|time| format!("time(\"{time}\")")).boxed();
    let texts = word(&["\"\"", "\"h\"", "\"h-1\"", "\"h-10\"", "\"h-2\"", "\"k\""]);
    let text_field = word(&["record.lodging.id", "record.permit.number"]);
    let decimal_field = word(&["record.donation.amount", "record.place.lat"]);
    let time_field = word(&["record.permit.valid_until", "record.occurred_at"]);
    let people = word(&["record.plan.people"]);
    let compared = either([
        binary_bare(&people, &ORDER, &ints),
        binary_bare(&ints, &ORDER, &people),
        binary_bare(&people, &ORDER, &word(&["threshold(\"klaster_minimal\")"])),
        binary_bare(&word(&["threshold(\"klaster_minimal\")"]), &ORDER, &people),
        binary_bare(&decimal_field, &ORDER, &decimals),
        binary_bare(&decimal_field, &ORDER, &decimals),
        binary_bare(&decimal_field, &ORDER, &either([ints.clone(), word(&["threshold(\"bagian\")"])])),
        binary_bare(&time_field, &ORDER, &times),
        binary_bare(&text_field, &ORDER, &texts),
        binary_bare(&word(&["days_to_voting()"]), &ORDER, &ints),
    ]);
    let tested = either([
        of("{} in [{}, {}]", [&text_field, &texts, &texts]),
        of("{} !in [{}, {}]", [&text_field, &texts, &texts]),
        of("{} in [{}, {}]", [&decimal_field, &decimals, &ints]),
        of("{} in [{}, {}, {}]", [&people, &ints, &ints, &ints]),
        of("starts_with({}, {})", [&text_field, &texts]),
        of("starts_with({}, {})", [&text_field, &texts]),
        of("listed(\"visa_index\", {})", [&text_field]),
        of(
            "has({})",
            [&either([text_field.clone(), time_field.clone(), word(&["record.person", "record.plan.people"])])],
        ),
        of("record.permit.may_work {} {}", [&word(&["==", "!="]), &word(&["true", "false"])]),
        of("record.permit.kind {} {}", [&word(&["==", "!="]), &word(&["\"voa\"", "\"itas\""])]),
        of("record.permit.kind in [{}, {}]", [&word(&["\"voa\"", "\"visit\""]), &word(&["\"itas\"", "\"visit\""])]),
        word(&["record.kind == \"lodging.check_in\"", "record.kind != \"permit.issued\"", "record.source == \"a\""]),
        word(&["\"16.08\" == record.place.kabupaten", "record.place.kabupaten in [\"16.01\", \"16.09\"]"]),
        word(&["tempat == \"16.01\"", "tempat != \"16.08\"", "kata in [\"h-1\", \"h-2\"]", "izin == \"voa\""]),
        word(&["phase() == \"tenang\"", "phase() in [\"kampanye\", \"pungut\"]", "phase() != \"kampanye\""]),
        word(&["is_voting_day()", "at_least(record.plan.people, 2)", "at_least(2, record.plan.people)"]),
        word(&["is_visit(record.permit)", "parity(record.plan.people) == \"even\"", "10 / record.plan.people > 2"]),
    ]);
    Union::new_weighted(vec![(3, compared), (2, tested)]).boxed()
}

/// What asks the dossier.
fn stateful() -> Text {
    let few = word(&["0", "1", "2", "3"]);
    let counted = either([
        of("count({})", [&query()]),
        of("distinct(\"{}\", {})", [&word(&["lodging.id", "place.kecamatan", "person", "plan.people"]), &query()]),
        of("overlaps(\"place.kecamatan\", \"lodging.check_in\", hours(2), {})", [&spans()]),
        word(&["jumlah"]),
    ]);
    either([
        binary_bare(&counted, &ORDER, &few),
        binary_bare(&counted, &[">=", ">"], &few),
        of("jumlah >= {}", [&few]),
        of("seen({})", [&query()]),
        of("!seen({})", [&query()]),
        of("last({}).lodging.id {} record.lodging.id", [&query(), &word(&["==", "!="])]),
        of("record.occurred_at - first({}).occurred_at {} {}", [&query(), &word(&["<=", "<", ">"]), &spans()]),
        word(&["permit().kind in [\"voa\", \"itas\"]", "is_visit(permit())", "in_force(\"permit.issued\")"]),
        word(&["!in_force(\"permit.issued\")", "usual_gap() >= hours(12)", "permit().may_work == true"]),
        of("median_count(\"lodging.check_in\", days(1), days(6)) < {}", [&few]),
    ])
}

fn query() -> Text {
    let kind = of("\"{}\"", [&word(&["lodging.check_in", "lodging.check_in", "permit.issued", "plan.noticed"])]);
    let equal = word(&[
        "#{ \"lodging\": record.lodging }",
        "#{ \"person\": record.person }",
        "#{ \"lodging.id\": \"h-1\" }",
        "#{ \"permit.may_work\": true }",
        "#{ \"plan.people\": record.plan.people }",
    ]);
    either([
        kind.clone(),
        of("{}, {}", [&kind, &spans()]),
        of("{}, {}", [&kind, &spans()]),
        of("{}, {}, {}", [&kind, &spans(), &equal]),
    ])
}

/// Windows as wide as records are apart.
fn spans() -> Text {
    word(&["days(1)", "hours(12)", "days(6)", "days(7)", "minutes(0)", "hours(24)"])
}

/// Without the brackets around it: it may be a whole conjunct.
fn binary_bare(left: &Text, operators: &[&'static str], right: &Text) -> Text {
    binary(left, operators, right).prop_map(|text| text[1..text.len() - 1].to_owned()).boxed()
}

fn key() -> BoxedStrategy<RecordKey> {
    let id = select(vec!["1", "2", "3", "4", "5", "6"]);
    (select(vec!["a", "ab"]), id).prop_map(|(source, id)| RecordKey { source: source.into(), id: id.into() }).boxed()
}

fn record() -> BoxedStrategy<Record> {
    let schema = Schema::default();
    let kinds: Vec<_> = KINDS.iter().map(|kind| schema.kind_id(kind).unwrap()).collect();
    let values = stated().into_iter().map(|(path, often, value)| {
        let field = schema.field_id(path).unwrap();
        proptest::option::weighted(often, value.prop_map(move |value| (field, value))).boxed()
    });
    let values: Vec<BoxedStrategy<Option<(FieldId, Value)>>> = values.collect();
    (key(), select(kinds), select(INSTANTS.to_vec()), values)
        .prop_map(|(key, kind, at, values)| {
            Record::new(key, kind, time(at), time(at), values.into_iter().flatten().collect())
        })
        .boxed()
}

/// Fields, how often they are stated, and their values.
fn stated() -> Vec<(&'static str, f64, BoxedStrategy<Value>)> {
    let texts = |words: &[&'static str]| select(words.to_vec()).prop_map(Value::text).boxed();
    let times = || select(INSTANTS.to_vec()).prop_map(|at| Value::Time(time(at))).boxed();
    let decimals = || select(DECIMALS.to_vec()).prop_map(Value::Number).boxed();
    let hotels = ["h-1", "h-1", "h-10", "h-2", "", "k"];
    vec![
        ("person.passport.issuer", 0.95, texts(&["UTO"])),
        ("person.passport.number", 0.9, texts(&["X1", "X1", "X2"])),
        ("person.name", 0.5, texts(&["CONTOH ANNA"])),
        ("person.nik_hash", 0.5, texts(&["n1", "n2"])),
        ("place.kabupaten", 0.9, texts(&["16.01", "16.01", "16.08", "16.09", "16.71"])),
        ("place.kecamatan", 0.6, texts(&["16.01.14", "16.01.13", "16.08.01"])),
        ("place.tps", 0.2, texts(&["16.01.14/007"])),
        ("place.lat", 0.85, decimals()),
        ("lodging.id", 0.9, texts(&hotels)),
        ("lodging.name", 0.5, texts(&["Hotel Contoh"])),
        ("lodging.check_in", 0.4, times()),
        ("lodging.planned_check_out", 0.4, times()),
        ("permit.kind", 0.85, texts(&["voa", "visit", "itas"])),
        ("permit.number", 0.85, texts(&["h", "h-1", "h-10", "B1", "k"])),
        ("permit.valid_from", 0.3, times()),
        ("permit.valid_until", 0.85, times()),
        ("permit.sponsor_id", 0.7, texts(&["s-1", "s-2"])),
        ("permit.may_work", 0.85, any::<bool>().prop_map(Value::Bool).boxed()),
        ("activity.event_id", 0.7, texts(&["e-1", "e-2"])),
        ("donation.amount", 0.85, decimals()),
        ("plan.people", 0.9, select(vec![-1, 0, 1, 2, 3, 4, 5, 6]).prop_map(Value::Int).boxed()),
    ]
}
