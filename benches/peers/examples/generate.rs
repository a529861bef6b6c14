//! Writes what the benchmark measures with: `generate FOLDER [RECORDS] [RULES] [SEED]`; `records.ndjson` and `pack/`.

use std::path::PathBuf;

use peers::columns::Columns;
use peers::{records, rules, translate};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "target/peers/generated".to_owned()));
    let mut number = |otherwise: u64| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (count, wanted, seed) = (number(50_000), number(1_000), number(1));
    std::fs::create_dir_all(&folder)?;
    let records = records::generate(seed, count as usize);
    let lines: Vec<String> = records.iter().map(|record| record.json() + "\n").collect();
    std::fs::write(folder.join("records.ndjson"), lines.concat())?;
    let columns = Columns::new(&records);
    let rules = rules::generate(seed, &records, &columns, wanted as usize);
    translate::pack::write(&folder.join("pack"), &rules, &records)?;
    let matches: Vec<usize> = rules.iter().map(|rule| columns.matches(rule).len()).collect();
    let bytes: usize = lines.iter().map(String::len).sum();
    let per_mille = |n: f64| 1e3 * n / count as f64;
    println!(
        "{count} records of {} bytes; {wanted} rules of {:.2} predicates, matching {:.2} per mille of them, {:.2} at most",
        bytes / count as usize,
        rules.iter().map(|rule| rule.predicates.len()).sum::<usize>() as f64 / wanted as f64,
        per_mille(matches.iter().sum::<usize>() as f64 / wanted as f64),
        per_mille(matches.iter().copied().max().unwrap_or(0) as f64),
    );
    Ok(())
}
