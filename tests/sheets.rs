//! Workbooks of three programs read alike; odd cells are what people see; hostile workbooks are refused.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    pub mod book;
}

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use siaga::intake::sheet::{self, Cell, Limits, Opened, Refusal, SheetRow, TIME_ALONE};
use siaga::words::Language;
use support::book::{self, Book};

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

/// The cells of the first row of a sheet with one row.
fn cells(book: &Book) -> Vec<Cell> {
    let opened = sheet::open_bytes(book.pack(), None, &Limits::default()).unwrap();
    rows(opened).remove(0).cells
}

#[test]
fn cells_are_what_people_see() {
    // formats of the book: 0 plain, 1 date, 2 time, 3 hours beyond a day
    for (cell, seen) in [
        (r#"<c r="A1"><v>1.5</v></c>"#, Cell::Number(1.5)),
        (r#"<c r="A1" t="s"><v>0</v></c>"#, text("dari daftar")),
        (r#"<c r="A1" t="inlineStr"><is><t xml:space="preserve"> di sel </t></is></c>"#, text(" di sel ")),
        (r#"<c r="A1" t="inlineStr"><is><r><t>te</t></r><r><rPr><b/></rPr><t>bal</t></r></is></c>"#, text("tebal")),
        (r#"<c r="A1" t="b"><v>1</v></c>"#, Cell::Bool(true)),
        (r#"<c r="A1" t="e"><v>#N/A</v></c>"#, Cell::Error("#N/A".to_owned())),
        (r#"<c r="A1"><f>SUM(B1:B9)</f><v>7</v></c>"#, Cell::Number(7.0)),
        (r#"<c r="A1" t="str"><f>A2&amp;"x"</f><v>a &amp; x</v></c>"#, text("a & x")),
        (r#"<c r="A1" t="d"><v>2024-11-20T21:15:00</v></c>"#, date("2024-11-20T21:15:00")),
        (r#"<c r="A1" s="1"><v>45616</v></c>"#, date("2024-11-20")),
        (r#"<c r="A1" s="1"><v>45616.885416666664</v></c>"#, date("2024-11-20T21:15:00")),
        // the 29 February 1900 never was: Excel counts it, and days before it stand one further back
        (r#"<c r="A1" s="1"><v>59</v></c>"#, date("1900-02-28")),
        (r#"<c r="A1" s="1"><v>60</v></c>"#, Cell::Number(60.0)),
        (r#"<c r="A1" s="1"><v>61</v></c>"#, date("1900-03-01")),
        (r#"<c r="A1" s="1"><v>-1</v></c>"#, Cell::Number(-1.0)),
        (r#"<c r="A1" s="1"><v>99999999</v></c>"#, Cell::Number(99_999_999.0)),
        (r#"<c r="A1" s="1"><v>NaN</v></c>"#, Cell::Error("#NUM!".to_owned())),
        (r#"<c r="A1" s="2"><v>0.5</v></c>"#, date("12:00:00")),
        (r#"<c r="A1" s="3"><v>0.5</v></c>"#, date("12:00:00")),
        (r#"<c r="A1" s="3"><v>1.5</v></c>"#, Cell::Number(1.5)),
    ] {
        assert_eq!(cells(&Book::of_rows(&format!("<row r=\"1\">{cell}</row>"))), [seen], "{cell}");
    }
}

#[test]
fn dates_count_from_1904_where_the_workbook_says_so() {
    let mut book = Book::of_rows(
        r#"<row r="1"><c r="A1" s="1"><v>44154</v></c><c r="B1" s="1"><v>60</v></c><c r="C1" s="2"><v>0.25</v></c></row>"#,
    );
    book.edit("xl/workbook.xml", "<workbookPr/>", r#"<workbookPr date1904="1"/>"#);
    assert_eq!(cells(&book), [date("2024-11-20"), date("1904-03-01"), date("06:00:00")]);
}

#[test]
fn rows_and_columns_keep_their_places() {
    let book = Book::of_rows(
        r#"<row r="3" hidden="1"><c r="C3"><v>1</v></c><c r="E3" s="1"/></row>
           <row r="4"><c r="A4" t="inlineStr"><is><t> </t></is></c></row>
           <row r="7"><c><v>2</v></c><c/><c><v>3</v></c></row>"#,
    );
    let opened = sheet::open_bytes(book.pack(), None, &Limits::default()).unwrap();
    let (one, two, three) = (Cell::Number(1.0), Cell::Number(2.0), Cell::Number(3.0));
    let wanted = [row(3, [Cell::Empty, Cell::Empty, one]), row(7, [two, Cell::Empty, three])];
    assert_eq!(rows(opened), wanted);
}

/// The refusal of a file, whole or after some rows.
fn refusal(bytes: Vec<u8>, sheet: Option<&str>, limits: &Limits) -> Refusal {
    match sheet::open_bytes(bytes, sheet, limits) {
        Err(refusal) => refusal,
        Ok(opened) => opened.rows.filter_map(Result::err).next().unwrap(),
    }
}

#[test]
fn workbooks_that_are_not_taken_are_refused_for_their_reason() {
    let plain = || Book::of_rows(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    let with = |name: &str, text: &str| plain().with(name, text.as_bytes()).pack();
    let sheet = |rows: &str| Book::of_rows(rows).pack();
    let edited = |name: &str, from: &str, to: &str| {
        let mut book = plain();
        book.edit(name, from, to);
        book.pack()
    };
    let whole = plain().pack();
    let mut flipped = whole.clone();
    let middle = flipped.windows(9).position(|bytes| bytes == b"sheet1.xm").unwrap() + 60;
    flipped[middle] ^= 0x55;
    let doctype = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>";
    let deep = format!("<x>{}{}</x>", "<y>".repeat(1000), "</y>".repeat(1000));
    for (what, bytes, code) in [
        ("macros", with("xl/vbaProject.bin", "x"), "macros"),
        ("xlsb", with("xl/workbook.bin", "x"), "other-workbook"),
        ("ods", with("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "other-workbook"),
        ("odt", with("mimetype", "application/vnd.oasis.opendocument.text"), "document"),
        ("docx", with("word/document.xml", "<x/>"), "document"),
        ("zip", Book::default().with("a.csv", b"a;b").pack(), "archive"),
        ("cut off", whole[..whole.len() / 2].to_vec(), "damaged"),
        ("cut off at the end", whole[..whole.len() - 30].to_vec(), "damaged"),
        ("a byte changed", flipped, "damaged"),
        ("entities", with("xl/x.xml", doctype), "entities"),
        ("deep", with("xl/x.xml", &deep), "damaged"),
        ("tags that do not close", with("xl/x.xml", "<x><y></x>"), "damaged"),
        ("nothing in it", sheet(""), "empty"),
        ("blanks in it", sheet(r#"<row r="1"><c r="A1" t="inlineStr"><is><t> </t></is></c></row>"#), "empty"),
        ("a row beyond", sheet(r#"<row r="1048577"><c r="A1048577"><v>1</v></c></row>"#), "too-many-rows"),
        (
            "rows backwards",
            sheet(r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#),
            "damaged",
        ),
        ("a column beyond", sheet(r#"<row r="1"><c r="XFD1"><v>1</v></c></row>"#), "too-many-columns"),
        ("an unknown error", sheet(r#"<row r="1"><c r="A1" t="e"><v>#SPILL!</v></c></row>"#), "unknown-error"),
        (
            "room for too many texts",
            edited("xl/sharedStrings.xml", "uniqueCount=\"1\"", "uniqueCount=\"99999999999\""),
            "too-much-text",
        ),
        ("a sheet that is no XML", edited("xl/_rels/workbook.xml.rels", "sheet1.xml", "sheet1.bin"), "damaged"),
        ("a sheet that is not there", edited("xl/_rels/workbook.xml.rels", "sheet1.xml", "sheet9.xml"), "damaged"),
    ] {
        assert_eq!(refusal(bytes, None, &Limits::default()).code(), code, "{what}");
    }
    assert_eq!(refusal(whole, Some("Lain"), &Limits::default()).code(), "no-such-sheet");
}

#[test]
fn limits_of_workbooks_hold() {
    let limits = Limits {
        cell_bytes: 100,
        row_bytes: 250,
        parts: 10,
        cells: 9,
        strings: 9,
        string_bytes: 2000,
        formats: 30,
        ..Limits::default()
    };
    let long = "x".repeat(80);
    let text = |column: char, text: &str| format!("<c r=\"{column}1\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let of_row = |cells: &str| Book::of_rows(&format!("<row r=\"1\">{cells}</row>"));
    let mut strings = of_row("<c r=\"A1\"><v>1</v></c>");
    strings.edit("xl/sharedStrings.xml", "</sst>", &format!("{}</sst>", "<si><t>x</t></si>".repeat(9)));
    let mut much = of_row("<c r=\"A1\"><v>1</v></c>");
    much.edit(
        "xl/sharedStrings.xml",
        "</sst>",
        &format!("{}</sst>", format!("<si><t>{}</t></si>", "y".repeat(900)).repeat(3)),
    );
    let mut formats = of_row("<c r=\"A1\"><v>1</v></c>");
    formats.edit("xl/styles.xml", "</cellXfs>", &format!("{}</cellXfs>", "<xf/>".repeat(30)));
    let parts = (0..10).fold(of_row(""), |book, number| book.with(&format!("xl/media/{number}.png"), b"x"));
    for (what, book, code) in [
        ("a long cell", of_row(&text('A', &"x".repeat(101))), "long-cell"),
        ("a long row", of_row(&['A', 'B', 'C', 'D'].map(|column| text(column, &long)).concat()), "long-row"),
        ("text without end", of_row(&text('A', &"x".repeat(1001))), "too-much-text"),
        ("cells", of_row(&"<c><v>1</v></c>".repeat(10)), "too-many-cells"),
        ("texts", strings, "too-much-text"),
        ("long texts", much, "too-much-text"),
        ("formats", formats, "too-many-formats"),
        ("parts", parts, "too-many-parts"),
    ] {
        assert_eq!(refusal(book.pack(), None, &limits).code(), code, "{what}");
    }
}

#[test]
fn a_workbook_that_says_less_than_it_unpacks_to_is_refused() {
    let book = Book::of_rows(&format!("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>{}</v></c></row>", "x".repeat(20_000)));
    let told = book::tell_smaller(book.pack(), "xl/worksheets/sheet1.xml", 100);
    assert_eq!(refusal(told, None, &Limits::default()).code(), "damaged");
}

#[test]
fn every_refusal_says_what_to_do_in_both_languages() {
    let unreadable = sheet::open(&fixture("tidak-ada.xlsx"), None, &Limits::default()).unwrap_err();
    assert_eq!(unreadable.code(), "unreadable");
    let password = refusal(
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"].concat(),
        None,
        &Limits::default(),
    );
    let quote = refusal(b"a;b\n\"Hotel Contoh;2\n".to_vec(), None, &Limits::default());
    insta::assert_snapshot!(
        [password, quote]
            .iter()
            .flat_map(|refusal| [Language::Indonesian, Language::English].map(|language| {
                format!("{}; help: {}", refusal.text().render(language), refusal.help().render(language))
            }))
            .collect::<Vec<_>>()
            .join("\n"),
        @r"
    buku kerja ini hanya terbuka dengan kata sandi; help: buka berkasnya, hapus kata sandinya (File, Info, Proteksi Buku Kerja), simpan, lalu kirim lagi
    the workbook opens with a password only; help: open it, take the password off (File, Info, Protect Workbook), save it, and send it again
    tanda petik di baris 2 membuka sel dan tidak menutupnya di akhir sel; help: hapus tanda petik itu, atau beri tanda petik juga di akhir sel, lalu kirim lagi
    the quote mark in line 2 opens a cell and does not close it where the cell ends; help: take the quote mark out, or put one at the end of the cell too, and send the file again
    "
    );
}
