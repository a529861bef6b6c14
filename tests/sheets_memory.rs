//! What tables cost: a bomb is refused at once, a million rows stream.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it measured"
)]

mod support {
    #[expect(dead_code, reason = "other tests edit workbooks")]
    pub mod book;
    pub mod memory;
}

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use siaga::intake::sheet::{self, Limits, Refusal};
use support::book::{Book, tell_smaller};
use support::memory::measured;

const MEMORY_MOST_KIB: u64 = 32 * 1024;
/// A second is promised; a debug build on a busy machine is held only to this, and says what it took.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);
const ROWS: u32 = 1_000_000;

fn told<T>(what: &str, (came, took, more): (T, Duration, u64)) -> (T, Duration, u64) {
    eprintln!("{what}: {} ms, {more} KiB", took.as_millis());
    (came, took, more)
}

// one test: they would measure each other
#[test]
fn tables_cost_little() {
    bombs();
    a_million_rows();
    nothing_but_line_ends();
}

fn bombs() {
    let bomb = Book::of_rows("").pack_with_blanks("xl/worksheets/sheet1.xml", 500_000_000);
    assert!(bomb.len() < 600_000, "{} bytes", bomb.len());
    let lies = tell_smaller(bomb.clone(), "xl/worksheets/sheet1.xml", 1_000_000);
    for (what, bytes, code) in [("a bomb", bomb, "unpacks-too-large"), ("a bomb that lies", lies, "damaged")] {
        let open = || sheet::open_bytes(bytes, None, &Limits::default()).map(drop).unwrap_err();
        let (refusal, took, more): (Refusal, _, _) = told(what, measured(open));
        assert_eq!(refusal.code(), code, "{what}");
        assert!(took < REFUSED_WITHIN, "{what}: {took:?}");
        assert!(more < MEMORY_MOST_KIB, "{what}: {more} KiB");
    }
}

fn a_million_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tamu.csv");
    write_rows(&path);
    let read = || sheet::open(&path, None, &Limits::default()).unwrap().rows.map(Result::unwrap).last().unwrap();
    let (last, _, more) = told("a million rows", measured(read));
    assert_eq!((last.number, last.cells.len()), (ROWS + 1, 8));
    assert!(more < MEMORY_MOST_KIB, "{more} KiB");
}

fn nothing_but_line_ends() {
    let bytes = [&b"\n".repeat(100_000_000), b"a;b\n".as_slice()].concat();
    let read = || sheet::open_bytes(bytes, None, &Limits::default()).unwrap().rows.last();
    let (last, _, more) = told("line ends", measured(read));
    assert_eq!(last.unwrap().unwrap_err().code(), "too-many-rows");
    assert!(more < MEMORY_MOST_KIB, "{more} KiB");
}

fn write_rows(path: &Path) {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(file, "No;Nama;Nomor Paspor;Kewarganegaraan;Tanggal Masuk;Jam;Penginapan;Catatan").unwrap();
    for row in 0..ROWS {
        writeln!(file, "{row};CONTOH {row};X{row:07};UTO;20/11/2024;21.15;Hotel Contoh {};\"kamar {row}\"", row % 50)
            .unwrap();
    }
    file.flush().unwrap();
}
