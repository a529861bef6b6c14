//! Workbooks of three programs read alike; hostile ones are refused soon and cheaply; a million rows stream.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it measured"
)]

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use siaga::intake::sheet::{self, Cell, Limits, Opened, Refusal, SheetRow, TIME_ALONE};
use siaga::words::Language;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/intake").join(name)
}

fn text(words: &str) -> Cell {
    if words.is_empty() { Cell::Empty } else { Cell::Text(words.to_owned()) }
}

/// `2024-11-20`, `21:15:00`, `2024-11-20T21:15:00`, or nothing.
fn date(words: &str) -> Cell {
    let day = |word: &str| word.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN));
    let alone = |word: &str| word.parse().map(|time| TIME_ALONE.and_time(time));
    match words {
        "" => Cell::Empty,
        words => Cell::Date(words.parse::<NaiveDateTime>().or_else(|_| day(words)).or_else(|_| alone(words)).unwrap()),
    }
}

fn row(number: u32, cells: impl IntoIterator<Item = Cell>) -> SheetRow {
    SheetRow { number, cells: cells.into_iter().collect() }
}

/// The guest list of `fixtures/intake/tamu-*.xlsx`.
fn guests() -> Vec<SheetRow> {
    let header = [
        "",
        "No",
        "Nama",
        "Nomor Paspor",
        "Kewarganegaraan",
        "Tanggal Masuk",
        "Jam",
        "Rencana Keluar",
        "Tarif",
        "Lunas",
        "Catatan",
    ];
    let guest = |number, count, name, passport, [arrives, at, leaves]: [&str; 3], rate, paid: Option<bool>, note| {
        let paid = paid.map_or(Cell::Empty, Cell::Bool);
        let who = [Cell::Empty, Cell::Number(count), text(name), text(passport), text("UTO")];
        let stay = [date(arrives), date(at), date(leaves), Cell::Number(rate), paid, note];
        row(number, who.into_iter().chain(stay))
    };
    vec![
        row(2, [Cell::Empty, text("LAPORAN TAMU ASING HOTEL CONTOH")]),
        row(4, header.map(text)),
        guest(
            5,
            1.0,
            "CONTOH SATU",
            "X1234567",
            ["2024-11-20", "21:15:00", "2024-11-23T12:00:00"],
            350_000.0,
            Some(true),
            text("Kamar 12; lantai 2"),
        ),
        guest(
            6,
            2.0,
            "CONTOH DUA",
            "X0000042",
            ["2024-11-21", "00:05:00", ""],
            275_000.5,
            Some(false),
            text("Müller – “titipan”"),
        ),
        guest(
            8,
            3.0,
            "CONTOH TIGA",
            "00123456",
            ["2024-02-29", "23:59:59", "2024-03-01T07:30:15"],
            0.0,
            Some(true),
            text("dua\nbaris"),
        ),
        guest(
            9,
            4.0,
            "CONTOH EMPAT",
            " X7654321 ",
            ["2024-11-24", "", ""],
            -1.25,
            None,
            Cell::Error("#REF!".to_owned()),
        ),
    ]
}

fn rows(opened: Opened) -> Vec<SheetRow> {
    opened.rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn three_programs_write_the_same_rows() {
    for name in ["tamu-libreoffice.xlsx", "tamu-openpyxl.xlsx", "tamu-siaga.xlsx"] {
        let opened = sheet::open(&fixture(name), None, &Limits::default()).unwrap();
        // the first sheet has nothing in it
        assert_eq!(opened.sheet, "Tamu", "{name}");
        for (read, wanted) in rows(opened).iter().zip(guests()) {
            assert_eq!(*read, wanted, "{name}");
        }
        let again = sheet::open(&fixture(name), Some(" tamu"), &Limits::default()).unwrap();
        assert_eq!(rows(again).len(), guests().len(), "{name}");
    }
}
