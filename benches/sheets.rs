//! Rows a second of tables beside the parsers that read them, and how much memory the process comes to need.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark's own output and inputs"
)]

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use calamine::{DataType as _, Reader as _, Xlsx};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use siaga::intake::sheet::{self, Cell, Limits};

const CSV_ROWS: u32 = 1_000_000;
const XLSX_ROWS: u32 = 100_000;
/// Each row of the table is the best of so many runs.
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["child", reader, path] => child(reader, Path::new(path)),
        // tests of all targets run benchmarks too, and have no use for them
        words if words.contains(&"--bench") => table(),
        _ => {}
    }
}

fn table() {
    let scratch = tempfile::tempdir().unwrap();
    let csv = scratch.path().join("tamu.csv");
    let xlsx = scratch.path().join("tamu.xlsx");
    write_csv(&csv);
    write_xlsx(&xlsx);
    println!("{:<10} {:>10} {:>10} {:>12} {:>14}", "reader", "rows", "file MB", "rows/s", "peak MB more");
    for (reader, path, rows) in [
        ("csv", &csv, CSV_ROWS),
        ("siaga", &csv, CSV_ROWS),
        ("calamine", &xlsx, XLSX_ROWS),
        ("siaga", &xlsx, XLSX_ROWS),
    ] {
        let runs: Vec<(f64, f64)> = (0..RUNS).map(|_| measured(reader, path)).collect();
        let (seconds, peak) = runs.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let size = std::fs::metadata(path).unwrap().len() as f64 / 1e6;
        println!("{reader:<10} {rows:>10} {size:>10.1} {:>12.0} {peak:>14.1}", f64::from(rows) / seconds);
    }
}

/// Seconds and megabytes of a reader in a process of its own.
fn measured(reader: &str, path: &Path) -> (f64, f64) {
    let output = Command::new(std::env::current_exe().unwrap()).args(["child", reader]).arg(path).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut numbers = said.split_whitespace().map(|word| word.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn child(reader: &str, path: &Path) {
    let before = status("VmRSS:");
    let began = Instant::now();
    let cells = match reader {
        "csv" => by_csv(path),
        "calamine" => by_calamine(path),
        _ => by_siaga(path),
    };
    let seconds = began.elapsed().as_secs_f64();
    assert!(cells >= 8 * XLSX_ROWS as usize, "{cells} cells");
    println!("{seconds} {}", status("VmHWM:") - before);
}

fn by_siaga(path: &Path) -> usize {
    let rows = sheet::open(path, None, &Limits::default()).unwrap().rows;
    rows.map(|row| row.unwrap().cells.iter().filter(|cell| **cell != Cell::Empty).count()).sum()
}

fn by_csv(path: &Path) -> usize {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_path(path).unwrap();
    reader.records().map(|record| record.unwrap().iter().filter(|cell| !cell.is_empty()).count()).sum()
}

fn by_calamine(path: &Path) -> usize {
    let mut book: Xlsx<_> = calamine::open_workbook(path).unwrap();
    let name = book.sheet_names().remove(0);
    let mut reader = book.worksheet_cells_reader(&name).unwrap();
    let mut cells = 0;
    while let Some(cell) = reader.next_cell().unwrap() {
        cells += usize::from(!cell.get_value().is_empty());
    }
    cells
}

fn write_csv(path: &Path) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "No;Nama;Nomor Paspor;Kewarganegaraan;Tanggal Masuk;Jam;Penginapan;Catatan").unwrap();
    for row in 0..CSV_ROWS {
        writeln!(file, "{row};CONTOH {row};X{row:07};UTO;20/11/2024;21.15;Hotel Contoh {};\"kamar {row}\"", row % 50)
            .unwrap();
    }
    file.flush().unwrap();
}

fn write_xlsx(path: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Format::new().set_num_format("dd/mm/yyyy");
    let arrives = ExcelDateTime::from_ymd(2024, 11, 20).unwrap();
    for row in 0..XLSX_ROWS {
        sheet.write_number(row, 0, row).unwrap();
        sheet.write_string(row, 1, format!("CONTOH {row}")).unwrap();
        sheet.write_string(row, 2, format!("X{row:07}")).unwrap();
        sheet.write_string(row, 3, "UTO").unwrap();
        sheet.write_datetime_with_format(row, 4, &arrives, &date).unwrap();
        sheet.write_string(row, 5, "21.15").unwrap();
        sheet.write_string(row, 6, format!("Hotel Contoh {}", row % 50)).unwrap();
        sheet.write_string(row, 7, format!("kamar {row}")).unwrap();
    }
    book.save(path).unwrap();
}

/// A line of the kernel's account of this process, in megabytes.
fn status(what: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes * 1024.0 / 1e6
}
