//! CSV as it comes, and what is refused.

use std::fmt::Write as _;

use super::*;

/// The rows as `number: cell|cell`, then the code of a refusal.
fn read(bytes: &[u8]) -> String {
    read_within(bytes, &Limits::default())
}

fn read_within(bytes: &[u8], limits: &Limits) -> String {
    let mut told = String::new();
    let rows = match open_bytes(bytes.to_vec(), None, limits) {
        Ok(opened) => opened.rows,
        Err(refusal) => return refused(&refusal),
    };
    for row in rows {
        match row {
            Ok(row) => {
                let cells: Vec<&str> =
                    row.cells.iter().map(|cell| if let Cell::Text(text) = cell { text } else { "" }).collect();
                writeln!(told, "{}: {}", row.number, cells.join("|").escape_debug()).unwrap();
            }
            Err(refusal) => told.push_str(&refused(&refusal)),
        }
    }
    told
}

fn refused(refusal: &Refusal) -> String {
    let place = match refusal {
        Refusal::OpenQuote { line } => format!(" {line}"),
        Refusal::LongCell { cell } => format!(" {cell}"),
        Refusal::LongRow { row } | Refusal::TooManyColumns { row, .. } => format!(" {row}"),
        _ => String::new(),
    };
    format!("{}{place}", refusal.code())
}

#[test]
fn delimiters_are_told_by_the_cells_that_fall_into_place() {
    for (text, cells) in [
        ("a;b;c\n1;2,5;3\n", "1: a|b|c\n2: 1|2,5|3\n"),
        ("a,b\n1,2\n", "1: a|b\n2: 1|2\n"),
        ("a\tb\n1\t2\n", "1: a|b\n2: 1|2\n"),
        // addresses have commas, names in quote marks semicolons
        (
            "Nama;Alamat\nContoh;Jl. A, Baturaja, OKU\nLain;Jl. B, Martapura, OKUT\n",
            "1: Nama|Alamat\n2: Contoh|Jl. A, Baturaja, OKU\n3: Lain|Jl. B, Martapura, OKUT\n",
        ),
        ("a,b\n\"x;y;z\",1\n\"x;y;z\",2\n", "1: a|b\n2: x;y;z|1\n3: x;y;z|2\n"),
        // titles above the header
        (
            "LAPORAN, TAMU, HOTEL\n\nNo;Nama;Paspor\n1;A;X1\n2;B;X2\n",
            "1: LAPORAN, TAMU, HOTEL\n3: No|Nama|Paspor\n4: 1|A|X1\n5: 2|B|X2\n",
        ),
        ("sep=;\na,b;c\n", "1: a,b|c\n"),
        ("sep=,\r\na;b,c\r\n", "1: a;b|c\n"),
        // one column is not split at the commas of its texts
        ("Alamat\nbaturaja\nmartapura\n", "1: Alamat\n2: baturaja\n3: martapura\n"),
    ] {
        assert_eq!(read(text.as_bytes()), cells.replace("\\n", "\n"), "{text:?}");
    }
}

#[test]
fn encodings_are_told_by_a_mark_or_the_first_letter_beyond_ascii() {
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        mark.iter().copied().chain("Nama;Kota\nMüller;Zürich\n".encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
    };
    let ascii_first = [b"a;b\n".repeat(40_000), b"M\xfcller;Z\xfcrich\n".to_vec()].concat();
    for (bytes, end) in [
        ("Nama;Kota\nMüller;Zürich\n".as_bytes().to_vec(), "2: Müller|Zürich\n"),
        ("\u{feff}Nama;Kota\nMüller;Zürich".as_bytes().to_vec(), "2: Müller|Zürich\n"),
        (b"Nama;Kota\nM\xfcller;Z\xfcrich \x96 x\n".to_vec(), "2: Müller|Zürich – x\n"),
        (ascii_first, "40001: Müller|Zürich\n"),
        // pasted together: UTF-8 with single letters of Windows-1252
        (b"Nama;Kota\nM\xc3\xbcller;Z\xfcrich\n".to_vec(), "2: Müller|Zürich\n"),
        (wide(b"\xff\xfe", u16::to_le_bytes), "2: Müller|Zürich\n"),
        (wide(b"\xfe\xff", u16::to_be_bytes), "2: Müller|Zürich\n"),
    ] {
        let read = read(&bytes);
        assert!(read.ends_with(end), "{}", &read[read.len() - 100..]);
    }
}

#[test]
fn a_letter_across_two_pieces_is_one_letter() {
    for before in 65_520..65_535 {
        let text = format!("x;y\n{};ü\r\nb;c\r\n", "a".repeat(before));
        assert_eq!(read(text.as_bytes()), format!("1: x|y\n2: {}|ü\n3: b|c\n", "a".repeat(before)), "{before}");
    }
}

#[test]
fn rows_keep_their_numbers() {
    for (text, rows) in [
        ("a;b\r\n\r\n1;2\r\n", "1: a|b\n3: 1|2\n"),
        ("a;b\r1;2\r\r3;4", "1: a|b\n2: 1|2\n4: 3|4\n"),
        ("\n\na;b\n;;;\n1;2\n", "3: a|b\n5: 1|2\n"),
        // lines within a cell belong to its row
        ("a;b\n\"x\ny\";2\n\n3;4\n", "1: a|b\n2: x\\ny|2\n4: 3|4\n"),
        // ragged rows
        ("a;b;c\n1\n1;2;3;4;;\n;2\n", "1: a|b|c\n2: 1\n3: 1|2|3|4\n4: |2\n"),
        ("a;b\n  ;\u{a0}\n1;2\n", "1: a|b\n3: 1|2\n"),
    ] {
        assert_eq!(read(text.as_bytes()), rows, "{text:?}");
    }
}

#[test]
fn quote_marks_that_swallow_rows_are_refused_with_their_line() {
    let many = "x;y\n".repeat(300);
    for (text, told) in [
        ("a;b\n\"Hotel Contoh;2\n3;4\n".to_owned(), "1: a|b\nopen-quote 2"),
        ("a;b\n\n1;\"x\n3;4\n".to_owned(), "1: a|b\nopen-quote 3"),
        ("a;b\n1;\"x\n3;\"y\"\n5;6\n".to_owned(), "1: a|b\nopen-quote 2"),
        ("a;b\n\"k\nl\";\"x\n3;4\n".to_owned(), "1: a|b\nopen-quote 3"),
        (format!("a;b\n1;\"x\n{many}3;y\"\n"), "1: a|b\nopen-quote 2"),
        // within a line they do no harm
        (
            "a;b\n\"Hotel \"Contoh\" Baturaja\";2\n5\" layar;x\n".to_owned(),
            "1: a|b\n2: Hotel Contoh\\\" Baturaja\\\"|2\n3: 5\\\" layar|x\n",
        ),
        ("a;b\n\"Hotel \"\"Contoh\"\"\";2\n".to_owned(), "1: a|b\n2: Hotel \\\"Contoh\\\"|2\n"),
    ] {
        assert_eq!(read(text.as_bytes()), told, "{text:?}");
    }
}

#[test]
fn what_is_no_table_is_refused_for_what_it_is() {
    let compound = |stream: &str| [sniff::COMPOUND, &[0; 1000], &sniff::wide(stream)].concat();
    let cases: &[(&[u8], &str)] = &[
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"\0\0\0\x18ftypheic", "image"),
        (b"%PDF-1.4\n1 0 obj", "pdf"),
        (b"<html><table><tr><td>Nama</td></tr></table>", "web-page"),
        (b"\xef\xbb\xbf  <!DOCTYPE html>", "web-page"),
        (b"\xff\xfe<\0t\0a\0b\0l\0e\0", "web-page"),
        (b"<?xml version=\"1.0\"?><Workbook>", "web-page"),
        (b"{\\rtf1 Nama}", "document"),
        (b"Rar!\x1a\x07", "archive"),
        (b"a;b\n1;\0\n", "binary"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (&compound("EncryptedPackage"), "password"),
        (&compound("Workbook"), "other-workbook"),
        (&compound("WordDocument"), "document"),
        (b"< 5 orang;b\n1;2\n", "1: < 5 orang|b\n2: 1|2\n"),
    ];
    for (bytes, told) in cases {
        assert_eq!(read(bytes), *told, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn limits_hold() {
    let limits =
        Limits { file_bytes: 1_000_000, rows: 5, columns: 4, cell_bytes: 10, row_bytes: 30, ..Limits::default() };
    let long = "x".repeat(200_000);
    for (text, told) in [
        ("a;b\n1;12345678901\n".to_owned(), "1: a|b\nlong-cell B2"),
        (format!("a;b\n1;{long}\n"), "1: a|b\nlong-cell B2"),
        ("a;b\n1;2;3;4;5\n".to_owned(), "1: a|b\ntoo-many-columns 2"),
        (format!("a;b\n{}", "1;2\n".repeat(5)), "1: a|b\n2: 1|2\n3: 1|2\n4: 1|2\n5: 1|2\ntoo-many-rows"),
        ("x".repeat(1_000_001), "too-large"),
    ] {
        assert_eq!(read_within(text.as_bytes(), &limits), told, "{:?}", text.get(..40));
    }
}

#[test]
fn columns_have_letters() {
    for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
        assert_eq!(letters(column), name);
    }
}
