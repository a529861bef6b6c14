//! Random expressions of the rule language, by type.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

/// Texts that stand in records and in expressions, so that they meet.
pub const TEXTS: [&str; 8] = ["", "a", "A", "ab", "é", "16.01", "hotel-contoh-1", "B1"];

/// Times that stand in records and in expressions, with their offsets.
pub const TIMES: [&str; 7] = [
    "2024-11-20T21:15:00+07:00",
    "2024-11-23T17:00:00Z",
    "2024-11-24T00:00:00+07:00",
    "2024-11-24T02:00:00+09:00",
    "2024-11-27T09:00:00+07:00",
    "2024-11-30T23:59:59.999+07:00",
    "9999-12-31T00:00:00+07:00",
];

const INT_FIELDS: [&str; 1] = ["plan.people"];
const NUMBER_FIELDS: [&str; 4] = ["place.lat", "place.lon", "donation.amount", "donation.foreign_share"];
pub const TEXT_FIELDS: [&str; 7] =
    ["place.kabupaten", "place.tps", "lodging.id", "lodging.name", "permit.number", "work.site", "activity.event_id"];
pub const TIME_FIELDS: [&str; 7] = [
    "lodging.check_in",
    "lodging.planned_check_out",
    "lodging.check_out",
    "permit.valid_from",
    "permit.valid_until",
    "work.valid_until",
    "person.born_on",
];
const BOOL_FIELDS: [&str; 2] = ["permit.may_work", "permit.may_report"];
const WORDS: [(&str, &[&str]); 6] = [
    ("last(\"permit.issued\").permit.kind", &["voa", "visit", "itas"]),
    ("first(\"lodging.check_in\", days(7)).kind", &["lodging.check_in", "lodging.check_out"]),
    ("record.permit.kind", &["voa", "visit", "itas"]),
    ("record.activity.role", &["attends", "at-tps", "speaks"]),
    ("phase()", &["kampanye", "tenang", "pungut"]),
    ("phase_now()", &["kampanye", "tenang", "rekap"]),
];
/// Kinds that records have and expressions ask for.
pub const KINDS: [&str; 9] = [
    "lodging.check_in",
    "lodging.check_out",
    "permit.issued",
    "permit.extended",
    "permit.revoked",
    "accreditation.granted",
    "residence.registered",
    "activity.reported",
    "plan.noticed",
];

pub type Text = BoxedStrategy<String>;

/// Expressions up to one depth, by type.
#[derive(Clone, Debug)]
pub struct Grammar {
    pub bools: Text,
    pub ints: Text,
    pub numbers: Text,
    pub texts: Text,
    pub times: Text,
    pub spans: Text,
}

impl Grammar {
    /// With the names of the rule's `values` or without.
    pub fn new(depth: u32, names: bool) -> Self {
        let leaves = leaves(names);
        (0..depth).fold(leaves, |below, _| below.deeper())
    }

    fn deeper(&self) -> Self {
        Grammar {
            bools: self.deeper_bools(),
            ints: either([
                self.ints.clone(),
                binary(&self.ints, &["+", "-", "*", "/", "%"], &self.ints),
                of("(-({}))", [&self.ints]),
                of("min({}, {})", [&self.ints, &self.ints]),
                of("max({}, {}, {})", [&self.ints, &self.ints, &self.ints]),
                self.queried("count({})"),
                of("distinct(\"{}\", {})", [&keys(), &self.query()]),
                of("overlaps(\"{}\", \"{}\", {}, {})", [&keyed_fields(), &kinds(), &self.spans, &self.spans]),
            ]),
            numbers: self.deeper_numbers(),
            texts: either([
                self.texts.clone(),
                of("first({}).{}", [&self.query(), &word(&TEXT_FIELDS)]),
                of("last({}).{}", [&self.query(), &word(&TEXT_FIELDS)]),
                of("last({}).{}", [&self.query(), &word(&["source", "id"])]),
            ]),
            times: either([
                self.times.clone(),
                binary(&self.times, &["+", "-"], &self.spans),
                of("({} + {})", [&self.spans, &self.times]),
                of("({} + working_days({}))", [&self.times, &self.ints]),
                of("({} - working_days({}))", [&self.times, &self.ints]),
                of("max({}, {})", [&self.times, &self.times]),
                of("first({}).occurred_at", [&self.query()]),
                of("last({}).{}", [&self.query(), &word(&TIME_FIELDS)]),
            ]),
            spans: either([
                self.spans.clone(),
                of("days({})", [&self.ints]),
                of("hours({})", [&self.ints]),
                of("minutes({})", [&self.ints]),
                of("({} - {})", [&self.times, &self.times]),
                binary(&self.spans, &["+", "-"], &self.spans),
                binary(&self.spans, &["*", "/"], &self.ints),
                of("({} * {})", [&self.ints, &self.spans]),
                of("(-({}))", [&self.spans]),
                of("min({}, {})", [&self.spans, &self.spans]),
            ]),
        }
    }

    fn deeper_bools(&self) -> Text {
        const ORDER: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
        let number = either([self.ints.clone(), self.numbers.clone()]);
        let logic = either([
            of("!{}", [&self.bools]),
            of("({} && {})", [&self.bools, &self.bools]),
            of("({} || {})", [&self.bools, &self.bools]),
            of("({} || {} || {})", [&self.bools, &self.bools, &self.bools]),
            binary(&self.bools, &["==", "!="], &self.bools),
        ]);
        let compared = either([
            binary(&self.ints, &ORDER, &self.ints),
            binary(&number, &ORDER, &number),
            binary(&self.texts, &ORDER, &self.texts),
            binary(&self.times, &ORDER, &self.times),
            binary(&self.spans, &ORDER, &self.spans),
        ]);
        let tested = either([
            of("({} in [{}, {}])", [&number, &number, &number]),
            of("({} !in [{}])", [&self.times, &self.times]),
            of("({} in [{}, {}])", [&self.texts, &self.texts, &self.texts]),
            of(
                "has({})",
                [&either([self.times.clone(), self.texts.clone(), self.numbers.clone(), self.spans.clone()])],
            ),
            of("starts_with({}, {})", [&self.texts, &self.texts]),
            of("ends_with({}, {})", [&self.texts, &self.texts]),
            of("contains({}, {})", [&self.texts, &self.texts]),
            of("listed(\"visa_index\", {})", [&self.texts]),
            of("at_least({}, {})", [&number, &number]),
            self.queried("seen({})"),
            of("in_force(\"{}\")", [&kinds()]),
        ]);
        let helped = either([
            of("(steps({}) >= {})", [&self.ints, &self.ints]),
            of("(parity({}) == {})", [&self.ints, &word(&["\"even\"", "\"odd\"", "\"never\""])]),
            of("(clipped({}, 1) == {})", [&self.texts, &self.texts]),
            of("(seconds({}) > {})", [&self.spans, &self.ints]),
            of("(seconds({}) != {})", [&self.times, &self.ints]),
        ]);
        Union::new_weighted(vec![(2, self.bools.clone()), (4, logic), (6, compared), (5, tested), (1, helped)]).boxed()
    }

    fn deeper_numbers(&self) -> Text {
        either([
            self.numbers.clone(),
            binary(&self.numbers, &["+", "-", "*", "/", "%"], &self.numbers),
            binary(&self.numbers, &["+", "-", "*", "/", "%"], &self.ints),
            binary(&self.ints, &["+", "-", "*", "/", "%"], &self.numbers),
            of("(-({}))", [&self.numbers]),
            of("min({}, {})", [&self.ints, &self.numbers]),
            of("max({}, {})", [&self.numbers, &self.ints]),
            of("max({}, {}, {})", [&self.ints, &self.numbers, &self.ints]),
            of("median_count(\"{}\", {}, {})", [&kinds(), &self.spans, &self.spans]),
        ])
    }

    /// `"kind"`, a window or not, equal fields or not.
    pub fn query(&self) -> Text {
        let kind = of("\"{}\"", [&kinds()]);
        let equal = either([
            of("#{ \"{}\": {} }", [&word(&TEXT_FIELDS), &self.texts]),
            of("#{ \"{}\": {} }", [&word(&NUMBER_FIELDS), &either([self.numbers.clone(), self.ints.clone()])]),
            of("#{ \"{}\": {} }", [&word(&TIME_FIELDS), &self.times]),
            word(&[
                "#{ \"person\": record.person }",
                "#{ \"lodging\": record.lodging, \"person\": record.person }",
                "#{ \"nik\": record.nik }",
                "#{ \"source\": record.source }",
                "#{ \"permit.may_work\": record.permit.may_work }",
            ]),
        ]);
        either([
            kind.clone(),
            kind.clone(),
            of("{}, {}", [&kind, &self.spans]),
            of("{}, {}", [&kind, &equal]),
            of("{}, {}, {}", [&kind, &self.spans, &equal]),
            of("{}, {}, {}", [&kind, &equal, &self.spans]),
        ])
    }

    fn queried(&self, form: &'static str) -> Text {
        of(form, [&self.query()])
    }
}

fn leaves(names: bool) -> Grammar {
    let fields = |paths: &'static [&'static str]| of("record.{}", [&word(paths)]);
    let named =
        |name: &'static str, other: Text| if names { either([other.clone(), other, word2(name)]) } else { other };
    let texts = select(TEXTS.to_vec()).prop_map(|text| format!("\"{text}\"")).boxed();
    let times = select(TIMES.to_vec()).prop_map(|time| format!("time(\"{time}\")")).boxed();
    Grammar {
        bools: either([
            word(&["true", "false", "is_voting_day()"]),
            fields(&BOOL_FIELDS).prop_map(|field| format!("({field} == true)")).boxed(),
            of("(permit().may_work != {})", [&word(&["true", "false"])]),
            words(),
            of("has({})", [&fields(&["person", "lodging", "nik", "sponsor", "record", "lodging.id", "place.lat"])]),
            of("is_visit({})", [&word(&["record.permit", "permit()"])]),
            of("in_force(\"{}\")", [&kinds()]),
        ]),
        ints: named(
            "angka",
            either([
                word(&["0", "1", "2", "-1", "7", "9007199254740993", "9223372036854775807"]),
                word(&["(-9223372036854775807 - 1)"]),
                fields(&INT_FIELDS),
                word(&["days_to_voting()", "threshold(\"klaster_minimal\")", "count(\"lodging.check_in\")"]),
            ]),
        ),
        numbers: named(
            "pecahan",
            either([
                word(&["0.0", "0.1", "0.3", "1.0", "2.5", "1.0e300", "9007199254740993.0"]),
                word(&["(0.1 + 0.2)", "(1.0 / 0.0)", "(0.0 / 0.0)", "(-0.0)"]),
                fields(&NUMBER_FIELDS),
                word(&["threshold(\"bagian\")"]),
            ]),
        ),
        texts: named(
            "kata",
            either([texts, fields(&TEXT_FIELDS), fields(&["source", "id"]), word2("permit().number")]),
        ),
        times: named(
            "saat",
            either([
                times,
                fields(&TIME_FIELDS),
                fields(&["occurred_at"]),
                word(&["permit().valid_until", "stage(\"masa-tenang\").ends", "stage(\"kampanye\").starts"]),
            ]),
        ),
        spans: either([
            word(&["days(1)", "days(7)", "hours(36)", "minutes(0)", "days(-2)", "hours(2)"]),
            word(&["usual_gap()", "days(100000000)", "days(record.plan.people)"]),
        ]),
    }
}

/// Words of closed lists beside fields that hold them.
fn words() -> Text {
    either(WORDS.map(|(field, known)| {
        let word = word(known);
        either([
            of("({} {} \"{}\")", [&word2(field), &self::word(&["==", "!="]), &word]),
            of("({} in [\"{}\", \"{}\"])", [&word2(field), &word, &word]),
        ])
    }))
}

pub fn kinds() -> Text {
    word(&KINDS)
}

fn keyed_fields() -> Text {
    either([word(&TEXT_FIELDS), word(&NUMBER_FIELDS), word(&TIME_FIELDS), word(&BOOL_FIELDS), word(&INT_FIELDS)])
}

fn keys() -> Text {
    either([keyed_fields(), word(&["person", "lodging", "nik", "record", "source"])])
}

pub fn word(words: &[&'static str]) -> Text {
    select(words.to_vec()).prop_map(str::to_owned).boxed()
}

fn word2(word: &'static str) -> Text {
    Just(word.to_owned()).boxed()
}

pub fn either<const N: usize>(choices: [Text; N]) -> Text {
    Union::new(choices).boxed()
}

pub fn binary(left: &Text, operators: &[&'static str], right: &Text) -> Text {
    of("({} {} {})", [left, &word(operators), right])
}

/// A form with its `{}` filled in.
pub fn of<const N: usize>(form: &'static str, parts: [&Text; N]) -> Text {
    let parts: Vec<Text> = parts.into_iter().cloned().collect();
    parts
        .prop_map(move |parts| {
            let mut pieces = form.split("{}");
            let first = pieces.next().unwrap_or("").to_owned();
            pieces.zip(parts).fold(first, |text, (piece, part)| text + part.as_str() + piece)
        })
        .boxed()
}
