//! The hot paths that are counted, each over inputs that are the same everywhere.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::Path as FilePath;
use std::sync::Arc;

use serde_json::Value as Json;
use siaga::deliver::Delivery;
use siaga::deliver::message::compose;
use siaga::deliver::settings::{Address, EmailSettings};
use siaga::engine::World;
use siaga::engine::index::Lookup;
use siaga::ledger::{Appended, Arrival, Ledger};
use siaga::machine::{Machine, Share};
use siaga::notice::Occasion;
use siaga::pack::files::Files;
use siaga::pack::{self, Loaded, Pack};
use siaga::record::Record;
use siaga::record::parse::{Interner, Reader, Received, parse};
use siaga::record::schema::Schema;

#[path = "../load/pack.rs"]
mod generated;
#[path = "../../tests/support/notice.rs"]
mod notice;

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Jakarta;
/// Records of the fixture, from the midst of the campaign.
const RECORDS: usize = 200;
const FROM: usize = 5_000;
const RULES: usize = 1_000;

/// A path: what it does is `operations` operations, done `times` times.
pub struct Path {
    pub name: &'static str,
    pub times: u32,
    pub operations: u32,
    prepare: fn() -> Work,
}

type Work = Box<dyn FnMut()>;

pub const ALL: [Path; 5] = [
    // slots, all checks, fingerprint
    Path { name: "read_record", times: 10, operations: RECORDS as u32, prepare: read_record },
    // as a tree: all checks, canonical bytes, their hash
    Path { name: "seal_record", times: 2, operations: RECORDS as u32, prepare: seal_record },
    Path { name: "match_1000_rules", times: 40, operations: RECORDS as u32, prepare: match_rules },
    // the shipped pack: match, judge, triage, route
    Path { name: "step", times: 10, operations: RECORDS as u32, prepare: step },
    Path { name: "compose_mail", times: 50, operations: 1, prepare: compose_mail },
];

/// Does a path's work so many times.
pub fn run(name: &str, times: u32) {
    let path = ALL.iter().find(|path| path.name == name).unwrap();
    let mut work = (path.prepare)();
    (0..times).for_each(|_| work());
}

fn reader() -> Reader {
    Reader::new(&Schema::default(), ZONE)
}

/// Read without anything that chance has a part in, such as tables with a seed of their own: it would show in the counts.
fn lines() -> Vec<String> {
    let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = reader();
    // some are there to be refused
    let stands = |line: &&str| reader.read(line.as_bytes(), Received::Stated).is_some();
    text.lines().skip(FROM).filter(stands).take(RECORDS).map(str::to_owned).collect()
}

fn arrivals() -> Vec<Arrival> {
    let mut reader = reader();
    let mut interner = Interner::default();
    let mut arrival = |line: &String| {
        let reading = reader.read(line.as_bytes(), Received::Stated).unwrap();
        let record = Arc::new(reading.to_record(&mut interner, None));
        let (key, received_at) = (record.key.clone(), record.received_at);
        Arrival { key, content: reading.fingerprint(), received_at, record: Some(record) }
    };
    lines().iter().map(&mut arrival).collect()
}

fn loaded(loaded: Loaded) -> Arc<Pack> {
    Arc::new(loaded.pack.unwrap())
}

fn read_record() -> Work {
    let lines = lines();
    let mut reader = reader();
    Box::new(move || {
        for line in &lines {
            let reading = reader.read(black_box(line.as_bytes()), Received::Stated);
            black_box(reading.map(|reading| reading.fingerprint()));
        }
    })
}

fn seal_record() -> Work {
    let lines = lines();
    let schema = Schema::default();
    let jsons: Vec<Json> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    Box::new(move || {
        for json in &jsons {
            black_box(parse(&schema, black_box(json), Received::Stated, ZONE).unwrap().content_hash);
        }
    })
}

fn match_rules() -> Work {
    let folder = tempfile::tempdir().unwrap();
    generated::write(folder.path(), RULES);
    let world = World::new(loaded(pack::load_on(folder.path(), NonZeroUsize::MIN)));
    let records: Vec<Arc<Record>> = arrivals().into_iter().filter_map(|arrival| arrival.record).collect();
    let mut lookup = Lookup::default();
    Box::new(move || {
        for record in &records {
            world.matching(black_box(record.as_ref()), &mut lookup);
            black_box(lookup.found.len());
        }
    })
}

fn step() -> Work {
    let world = Arc::new(World::new(loaded(pack::build(Files::built_in()))));
    let mut ledger = Ledger::default();
    let appended = arrivals().into_iter().filter_map(|arrival| match ledger.append(arrival) {
        Appended::Entry(entry) | Appended::Stale(entry) => Some(entry),
        Appended::Duplicate => None,
    });
    let entries: Vec<_> = appended.collect();
    Box::new(move || {
        let mut machine = Machine::for_share(world.clone(), Share::ALL);
        for entry in &entries {
            black_box(machine.process(black_box(entry)));
        }
    })
}

fn compose_mail() -> Work {
    let notice = notice::notice(Occasion::Opened);
    let sender = "host = \"127.0.0.1\"\ntls = \"none\"\nfrom = \"siaga Timpora Contoh <siaga@contoh.example>\"";
    let sender: EmailSettings = toml::from_str(sender).unwrap();
    let to: Address = "Piket Contoh <piket@kanim.contoh.example>".parse().unwrap();
    let sent_at = notice.at;
    Box::new(move || {
        let delivery =
            Delivery { id: "d-0123456789abcdef", notice: &notice, link: "https://siaga.contoh.example/a/token" };
        black_box(compose(&sender, black_box(&delivery), &to, sent_at).unwrap().formatted());
    })
}
