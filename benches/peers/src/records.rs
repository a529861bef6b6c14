//! The generator of records: fictitious people, lodgings and sponsors over the year 2024, common values often.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

use crate::draw::Draw;
use crate::fields::{ALWAYS, FIELDS, KINDS};
use crate::record::{Record, Value};

/// The kecamatan of OKU Raya, as siaga has them.
const REGIONS: &str = include_str!("../../../src/record/regions.csv");

/// Spread evenly, whatever else is true of a person.
const NATIONALITIES: [&str; 24] = [
    "ARG", "AUS", "BRA", "CAN", "CHL", "CHN", "DEU", "EGY", "ESP", "ETH", "FRA", "GHA", "IND", "JPN", "KEN", "KOR",
    "MEX", "NLD", "NOR", "NZL", "PHL", "TUR", "USA", "ZAF",
];
const SYLLABLES: [&str; 24] = [
    "BA", "CER", "DIM", "EL", "FON", "GAR", "HIL", "IM", "JOR", "KEN", "LU", "MIR", "NEP", "OR", "PEL", "QUI", "RAN",
    "SOL", "TIL", "UR", "VIT", "WIM", "YAN", "ZOR",
];
const PERMITS: [(&str, i64); 5] = [("voa", 32), ("visit", 27), ("itas", 24), ("visa-free", 11), ("itap", 6)];
const INDEXES: [&str; 30] = [
    "B1", "C1", "C2", "E23", "D2", "B2", "C20", "E28", "D12", "C18", "A1", "E29", "C6", "D1", "E30", "C5", "B3", "C12",
    "E31", "D14", "C7", "E33", "C10", "C13", "D17", "C19", "E24", "C22", "E35", "C3",
];
const EVENTS: [(&str, i64); 6] =
    [("other", 35), ("social", 25), ("religious", 18), ("press", 10), ("campaign", 8), ("voting", 4)];
const ROLES: [(&str, i64); 8] = [
    ("attends", 44),
    ("reports", 16),
    ("organises", 12),
    ("observes", 10),
    ("speaks", 8),
    ("funds", 5),
    ("wears-attributes", 3),
    ("at-tps", 2),
];
const PURPOSES: [&str; 8] = ["wisata", "kerja", "keluarga", "dagang", "belajar", "ibadah", "liputan", "riset"];
const POSITIONS: [&str; 12] = [
    "teknisi",
    "pengawas",
    "guru",
    "juru las",
    "konsultan",
    "manajer",
    "mekanik",
    "peneliti",
    "pelatih",
    "juru masak",
    "relawan",
    "direktur",
];
const SITES: [&str; 10] =
    ["kebun", "pabrik", "tambang", "sekolah", "kantor", "bendungan", "gudang", "klinik", "hotel", "jalan"];
const CARRIERS: [&str; 6] = ["KA", "BUS", "GAR", "KPL", "TRV", "PRB"];

/// Of so many records in 100, a few fields are not stated.
const LACKING: i64 = 3;

struct Person {
    number: String,
    name: String,
    nationality: &'static str,
    sex: &'static str,
    born_on: String,
    expires_on: String,
}

/// What the records are about.
struct World {
    kecamatan: Vec<&'static str>,
    people: Vec<Person>,
    /// Kecamatan of each.
    lodgings: Vec<&'static str>,
}

/// So many records of a seed, in the order in which they happened.
pub fn generate(seed: u64, count: usize) -> Vec<Record> {
    let mut draw = Draw::new(seed, 0);
    let world = World::new(&mut draw, count);
    let step = 366 * 86_400 / count.max(1);
    (0..count)
        .map(|number| {
            let second = number * step + draw.index(step.max(1));
            let at = day(0).and_time(chrono::NaiveTime::MIN) + TimeDelta::seconds(second as i64);
            let mut record = world.record(&mut draw, number, at);
            if draw.chance(LACKING) {
                forget(&mut draw, &mut record);
            }
            record
        })
        .collect()
}

impl World {
    fn new(draw: &mut Draw, records: usize) -> Self {
        let regions = REGIONS.lines().filter_map(|line| line.split_once(",kecamatan,")).map(|(code, _)| code);
        let mut kecamatan: Vec<&str> = regions.collect();
        // so that the common ones are not all in one kabupaten
        kecamatan.sort_by_key(|code| (&code[6..], &code[..5]));
        let people = (0..(records / 5).max(1)).map(|number| person(draw, number)).collect();
        let lodgings = (0..200).map(|_| *draw.often(&kecamatan)).collect();
        World { kecamatan, people, lodgings }
    }

    fn record(&self, draw: &mut Draw, number: usize, at: NaiveDateTime) -> Record {
        let kinds = KINDS.map(|(kind, weight, source, _)| ((kind, source), weight));
        let (kind, source) = *draw.weighted(&kinds);
        let mut values = vec![
            text(format!("{}-{number:06}", &source[..1])),
            text(source),
            text(kind),
            text(at.format("%Y-%m-%dT%H:%M:%S+07:00")),
        ];
        let person = draw.pick(&self.people);
        values.extend([
            text(&person.number),
            text("UTO"),
            text(&person.expires_on),
            text(&person.name),
            text(person.nationality),
            text(person.sex),
            text(&person.born_on),
        ]);
        self.place_and_stay(draw, at, &mut values);
        permit(draw, at, &mut values);
        journey_and_work(draw, at, &mut values);
        activity_and_money(draw, &mut values);
        Record(values)
    }

    fn place_and_stay(&self, draw: &mut Draw, at: NaiveDateTime, values: &mut Vec<Option<Value>>) {
        let lodging = draw.skewed(self.lodgings.len());
        // most things happen where the lodging is
        let kecamatan = if draw.chance(70) { self.lodgings[lodging] } else { draw.often(&self.kecamatan) };
        let lat = -48_500 + draw.between(0, 11_000);
        let lon = 1_036_000 + draw.between(0, 13_000);
        let arrived = at - TimeDelta::minutes(draw.between(0, 720));
        let nights = 1 + draw.skewed(30) as u64;
        values.extend([
            text(&kecamatan[..5]),
            text(kecamatan),
            text(format!("{}/{:02}", &kecamatan[6..], 1 + draw.skewed(12))),
            Some(Value::Number(lat as f64 / 1e4)),
            Some(Value::Number(lon as f64 / 1e4)),
            text(format!("hotel-{lodging:03}")),
            text(format!("{}{:02}", 1 + draw.skewed(4), 1 + draw.skewed(12))),
            text(arrived.date()),
            text(arrived.date() + Days::new(nights)),
        ]);
    }
}

fn permit(draw: &mut Draw, at: NaiveDateTime, values: &mut Vec<Option<Value>>) {
    let from = at.date() - Days::new(draw.skewed(540) as u64);
    let until = from + Days::new(29 + 30 * draw.skewed(24) as u64);
    let letter = *draw.often(&["C", "E", "A", "D", "F", "B"]);
    values.extend([
        text(draw.weighted(&PERMITS)),
        text(draw.often(&INDEXES)),
        text(format!("2{letter}{:02}-{:05}", draw.skewed(40), draw.between(0, 99_999))),
        text(from),
        text(until),
        text(format!("pt-{:03}", draw.skewed(120))),
        Some(Value::Flag(draw.chance(35))),
        Some(Value::Flag(draw.chance(8))),
        whole(draw.skewed(9)),
    ]);
}

fn journey_and_work(draw: &mut Draw, at: NaiveDateTime, values: &mut Vec<Option<Value>>) {
    let until = at.date() + Days::new(draw.skewed(700) as u64);
    values.extend([
        text(format!("pos-{:02}", draw.skewed(25))),
        text(format!("{}-{:02}", draw.often(&CARRIERS), draw.skewed(8))),
        text(format!("cv-{:03}", draw.skewed(150))),
        text(format!("{} {}", draw.often(&POSITIONS), 1 + draw.skewed(5))),
        text(format!("{} {}", draw.often(&SITES), 1 + draw.skewed(8))),
        text(until),
    ]);
}

fn activity_and_money(draw: &mut Draw, values: &mut Vec<Option<Value>>) {
    let amount = 50_000 * (1 + draw.skewed(2_000) as i64) * (1 + draw.skewed(40) as i64);
    let hundredths = draw.skewed(101);
    values.extend([
        text(draw.weighted(&EVENTS)),
        text(draw.weighted(&ROLES)),
        text(format!("dinas-{:02}", draw.skewed(33))),
        Some(Value::Number(amount as f64)),
        Some(Value::Number(hundredths as f64 / 100.0)),
        text(draw.often(&PURPOSES)),
        whole(1 + draw.skewed(60)),
        whole(1 + draw.skewed(45)),
        whole(draw.skewed(40)),
        Some(Value::Flag(draw.chance(22))),
        Some(Value::Flag(draw.chance(48))),
    ]);
}

fn person(draw: &mut Draw, number: usize) -> Person {
    let mut word = |syllables: usize| (0..syllables).map(|_| *draw.pick(&SYLLABLES)).collect::<String>();
    let name = format!("{} {}", word(2), word(2));
    Person {
        number: format!("X{:07}", 1_000_000 + number),
        name,
        nationality: NATIONALITIES[number % NATIONALITIES.len()],
        sex: if draw.chance(50) { "F" } else { "M" },
        born_on: (day(0) - Days::new(6_000 + draw.between(0, 18_000).unsigned_abs())).to_string(),
        expires_on: (day(0) + Days::new(draw.between(30, 3_300).unsigned_abs())).to_string(),
    }
}

/// Takes one to three fields out that siaga does not require.
fn forget(draw: &mut Draw, record: &mut Record) {
    let required =
        |path: &str| ALWAYS.contains(&path) || KINDS.iter().any(|(_, _, _, requires)| requires.contains(&path));
    for _ in 0..draw.between(1, 3) {
        let field = draw.index(FIELDS.len());
        if !required(FIELDS[field].path) {
            record.0[field] = None;
        }
    }
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default() + Days::new(offset)
}

fn text(text: impl ToString) -> Option<Value> {
    Some(Value::Text(text.to_string()))
}

fn whole(number: usize) -> Option<Value> {
    Some(Value::Number(number as f64))
}
