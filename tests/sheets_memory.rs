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
}

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use siaga::intake::sheet::{self, Limits, Refusal};
use support::book::{Book, tell_smaller};

const MEMORY_MOST_KIB: u64 = 32 * 1024;
/// A second is promised; a debug build on a busy machine is held only to this, and says what it took.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);
const ROWS: u32 = 1_000_000;

/// A line of the kernel's account of this process, in KiB.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Runs something; how long it took, and by how many KiB the memory grew meanwhile at most.
fn measured<T>(what: &str, run: impl FnOnce() -> T) -> (T, Duration, u64) {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, began) = (status("VmRSS"), Instant::now());
    let came = run();
    let (took, more) = (began.elapsed(), status("VmHWM").saturating_sub(before));
    eprintln!("{what}: {} ms, {more} KiB", took.as_millis());
    (came, took, more)
}

// one test: they would measure each other
#[test]
fn tables_cost_little() {
    bombs();
    a_million_rows();
}

fn bombs() {
    let bomb = Book::of_rows("").pack_with_blanks("xl/worksheets/sheet1.xml", 500_000_000);
    assert!(bomb.len() < 600_000, "{} bytes", bomb.len());
    let lies = tell_smaller(bomb.clone(), "xl/worksheets/sheet1.xml", 1_000_000);
    for (what, bytes, code) in [("a bomb", bomb, "unpacks-too-large"), ("a bomb that lies", lies, "damaged")] {
        let open = || sheet::open_bytes(bytes, None, &Limits::default()).map(drop).unwrap_err();
        let (refusal, took, more): (Refusal, _, _) = measured(what, open);
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
    let (last, _, more) = measured("a million rows", read);
    assert_eq!((last.number, last.cells.len()), (ROWS + 1, 8));
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
