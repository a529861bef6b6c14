//! Real tables and records, damaged at random: whatever comes, reading ends soon, within bounds, and with rows or a
//! refusal.
//!
//! The targets are bolero's: they run here as tests, say the seed of a failure (`BOLERO_RANDOM_SEED=...` runs it again)
//! and make it small, and `cargo bolero test csv -p siaga --test fuzz` runs the same ones under a fuzzer that is guided
//! by coverage. What matters most is that inputs are near real ones, so each is a seed of the fixtures with a few edits
//! in it; of a workbook the parts are edited before they are packed, or no edit would get past the checksums. What is
//! being read stands in a file as well, for when the process does not live to say a seed; `FUZZ_INPUT=FILE` reads it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    #[expect(dead_code, reason = "other tests edit workbooks")]
    pub mod book;
    pub mod memory;
}

use std::fs::File;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bolero::{TypeGenerator, check, produce};
use siaga::intake::body::read_body;
use siaga::intake::row::Row;
use siaga::intake::sheet::{self, Cell, Limits};
use siaga::intake::{Submitter, sort};
use siaga::record::parse::{Received, parse};
use siaga::record::schema::Schema;
use support::book::Book;
use support::memory::measured;

/// Inputs are a few kilobytes; a debug build on a busy machine reads them in far less.
const READ_WITHIN: Duration = Duration::from_secs(5);
/// What reading one input may add to the memory: edits may swell it, and the limits below bound what comes of it.
const MEMORY_MOST_KIB: u64 = 64 * 1024;
const ZONE: chrono_tz::Tz = chrono_tz::Asia::Jakarta;

/// A change of an input. Places are taken modulo its length.
#[derive(Debug, TypeGenerator)]
enum Edit {
    Byte { at: u32, with: u8 },
    Bit { at: u32, bit: u8 },
    Cut { at: u32, bytes: u16 },
    End { at: u32 },
    Repeat { at: u32, bytes: u8, times: u8 },
    Token { at: u32, token: u8 },
    Replace { at: u32, token: u8 },
    Splice { at: u32, seed: u8, from: u32, bytes: u16 },
}

/// A seed, which part of it, and what is changed.
#[derive(Debug, TypeGenerator)]
struct Case {
    seed: u8,
    part: u8,
    #[generator(produce::<Vec<Edit>>().with().len(1usize..8))]
    edits: Vec<Edit>,
}

/// What tends to be at the edge of something.
const TOKENS: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b";",
    b",",
    b"\t",
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfc",
    b"\xc3",
    b"sep=,\n",
    b"<",
    b">",
    b"/>",
    b"</",
    b"&",
    b"&#0;",
    b"&#1114112;",
    b"&x;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"<?",
    b"<!DOCTYPE x [",
    b"<c r=\"XFD1048576\"><v>1</v></c>",
    b" r=\"A99999999999\"",
    b" r=\"ZZZZZZZZZ1\"",
    b" r=\"\"",
    b" t=\"s\"",
    b" t=\"d\"",
    b" t=\"e\"",
    b" s=\"4294967296\"",
    b"uniqueCount=\"4000000000\"",
    b"<row r=\"1\"/>",
    b"<mergeCell ref=\"B2:A1\"/>",
    b"<dimension ref=\"B2:A1\"/>",
    b"-1",
    b"1e308",
    b"NaN",
    b"99999999999999999999",
    b"0.000000000000001",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"\"id\":\"x\",",
    b"2024-02-30T24:61:61+99:99",
    b"\xe2\x80\xae",
];

fn place(at: u32, len: usize) -> usize {
    at as usize % (len + 1)
}

fn edit(input: &mut Vec<u8>, edits: &[Edit], seeds: &[Vec<u8>]) {
    for edit in edits {
        let len = input.len();
        let to = |from: usize, bytes: usize| (from + bytes).min(len);
        let token = |token: u8| TOKENS[usize::from(token) % TOKENS.len()];
        match *edit {
            Edit::Byte { at, with } if len > 0 => input[at as usize % len] = with,
            Edit::Bit { at, bit } if len > 0 => input[at as usize % len] ^= 1 << (bit % 8),
            Edit::Byte { .. } | Edit::Bit { .. } => {}
            Edit::Cut { at, bytes } => drop(input.drain(place(at, len)..to(place(at, len), bytes.into()))),
            Edit::End { at } => input.truncate(place(at, len)),
            Edit::Repeat { at, bytes, times } => {
                let at = place(at, len);
                let piece = input[at..to(at, bytes.into())].repeat(times.into());
                drop(input.splice(at..at, piece));
            }
            Edit::Token { at, token: which } => {
                drop(input.splice(place(at, len)..place(at, len), token(which).iter().copied()));
            }
            Edit::Replace { at, token: which } => {
                let at = place(at, len);
                drop(input.splice(at..to(at, token(which).len()), token(which).iter().copied()));
            }
            Edit::Splice { at, seed, from, bytes } => {
                let other = &seeds[usize::from(seed) % seeds.len()];
                let from = place(from, other.len());
                let piece = other[from..(from + usize::from(bytes)).min(other.len())].to_vec();
                drop(input.splice(place(at, len)..place(at, len), piece));
            }
        }
    }
}

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

fn files(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(fixtures().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// The tables of the fixtures, and the forms in which they come.
static CSV: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let table = "LAPORAN TAMU\r\n\r\nNo;Nama;Paspor;Alamat\r\n1;\"Müller, A\";X1;\"Jl. \"\"A\"\", OKU\"\r\n2;B;X2;\"dua\nbaris\"\r\n;;;\r\n";
    let wide =
        |bytes: fn(u16) -> [u8; 2]| "\u{feff}".encode_utf16().chain(table.encode_utf16()).flat_map(bytes).collect();
    let latin = table.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let mut seeds = files("intake", "csv");
    seeds.extend([
        table.into(),
        table.replace(';', "\t").into(),
        format!("sep=,\r\n{}", table.replace(';', ",")).into(),
    ]);
    seeds.extend([latin, wide(u16::to_le_bytes), wide(u16::to_be_bytes), format!("\u{feff}{table}").into()]);
    seeds
});

/// The parts of a workbook, by name.
type Parts = Vec<(String, Vec<u8>)>;

/// The parts of the workbooks of the fixtures.
static XLSX: LazyLock<Vec<Parts>> =
    LazyLock::new(|| files("intake", "xlsx").iter().map(|bytes| unpack(bytes)).collect());

/// Records, alone and together, as they come.
static JSON: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let lines = files("", "ndjson").concat();
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let alone = lines.iter().step_by(lines.len() / 50).map(|line| line.to_vec());
    let together = lines.chunks(5).take(5).map(|some| [b"[".as_slice(), &some.join(&b','), b"]"].concat());
    alone.chain(together).chain(lines.chunks(5).take(5).map(|some| some.join(&b'\n'))).collect()
});

fn unpack(bytes: &[u8]) -> Parts {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        parts.push((file.name().unwrap().into_owned(), part));
    }
    parts
}

/// Limits that the edits can reach.
fn limits() -> Limits {
    Limits { rows: 5000, columns: 64, cell_bytes: 5000, row_bytes: 20_000, ..Limits::default() }
}

/// Reads an input, which stands in a file meanwhile, within the bounds.
fn bounded(target: &str, input: &[u8], read: impl FnOnce(&[u8])) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
    // not cut to nothing first: file systems write such a file to the disk at once
    let mut file = File::options().write(true).create(true).truncate(false).open(&path).unwrap();
    file.write_all(input).unwrap();
    file.set_len(input.len() as u64).unwrap();
    // each input for itself: what thousands before it left to the allocator is not its own
    let ((), took, more) = measured(|| read(input));
    assert!(took < READ_WITHIN, "{took:?} for `{}`", path.display());
    assert!(more < MEMORY_MOST_KIB, "{more} KiB for `{}`", path.display());
}

/// The targets take turns: they would measure each other.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the program does too: a panic of the library is a refusal, and a backtrace of it takes far more memory than the
/// reading that is measured.
fn without_backtraces() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(sheet::WORKBOOK_THREAD) {
            told(panic);
        }
    }));
}

/// The input that somebody names, in place of random ones.
fn named() -> Option<Vec<u8>> {
    std::env::var_os("FUZZ_INPUT").map(|path| std::fs::read(path).unwrap())
}

/// Rows are in order, within the limits, and do not end with nothing; after a refusal there is nothing.
fn table(input: &[u8]) {
    let Ok(opened) = sheet::open_bytes(input.to_vec(), None, &limits()) else { return };
    let (mut last, mut refused) = (0, false);
    for row in opened.rows {
        assert!(!refused, "rows after a refusal");
        let Ok(row) = row else {
            refused = true;
            continue;
        };
        assert!(row.number > last && row.number <= limits().rows, "row {} after {last}", row.number);
        assert!(row.cells.len() <= limits().columns, "{} cells", row.cells.len());
        assert!(row.cells.last().is_some_and(|cell| *cell != Cell::Empty), "nothing at the end");
        last = row.number;
    }
}

#[test]
fn csv() {
    let _turn = alone();
    if let Some(input) = named() {
        return bounded("csv", &input, table);
    }
    check!().with_type::<Case>().for_each(|case| {
        let mut input = CSV[usize::from(case.seed) % CSV.len()].clone();
        edit(&mut input, &case.edits, &CSV);
        bounded("csv", &input, table);
    });
}

#[test]
fn xlsx() {
    let _turn = alone();
    without_backtraces();
    if let Some(input) = named() {
        return bounded("xlsx", &input, table);
    }
    check!().with_type::<Case>().for_each(|case| {
        let parts = &XLSX[usize::from(case.seed) % XLSX.len()];
        let others: Vec<Vec<u8>> = parts.iter().map(|(_, part)| part.clone()).collect();
        // one place beyond the parts is the packed workbook itself
        let edited = usize::from(case.part) % (parts.len() + 1);
        let mut book = Book::default();
        for (index, (name, part)) in parts.iter().enumerate() {
            let mut part = part.clone();
            if index == edited {
                edit(&mut part, &case.edits, &others);
            }
            book = book.with(name, &part);
        }
        let mut input = book.pack();
        if edited == parts.len() {
            edit(&mut input, &case.edits, &others);
        }
        bounded("xlsx", &input, table);
    });
}

/// Every row ends in one of two places, and what the fast reader takes is what the thorough one makes of it.
fn records(input: &[u8]) {
    let schema = Schema::default();
    let Ok(rows) = read_body(None, input) else { return };
    let intake = sort(&schema, rows.clone(), Received::Stated, ZONE, &Submitter::LOCAL);
    assert_eq!(intake.accepted.len() + intake.quarantined.len(), rows.len());
    let aside: Vec<usize> = intake.quarantined.iter().map(|row| row.index).collect();
    let stand = rows.iter().filter(|row| !aside.contains(&row.index));
    for (row, accepted) in stand.zip(&intake.accepted) {
        let thorough = parse(&schema, Row::read(0, &row.raw).json().unwrap(), Received::Stated, ZONE).unwrap();
        assert_eq!(String::from_utf8_lossy(&accepted.canonical), String::from_utf8_lossy(&thorough.canonical));
        assert_eq!(format!("{:?}", accepted.record), format!("{:?}", thorough.record));
    }
}

#[test]
fn json() {
    let _turn = alone();
    if let Some(input) = named() {
        return bounded("json", &input, records);
    }
    check!().with_type::<Case>().for_each(|case| {
        let mut input = JSON[usize::from(case.seed) % JSON.len()].clone();
        edit(&mut input, &case.edits, &JSON);
        bounded("json", &input, records);
    });
}
