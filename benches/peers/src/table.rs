//! The table, as Markdown.

use std::fmt::Write as _;

use crate::engines::{Form, Line};
use crate::run::Results;

/// Rates, then how many times as fast siaga is; loading; what was generated; who disagrees.
pub fn markdown(results: &Results, lines: &[&Line]) -> String {
    let mut out = String::from("Records a second, one thread, parsing and the list of matched rules included.\n\n");
    let counts: Vec<String> = results.counts.iter().map(|count| grouped(*count as f64)).collect();
    let rules = |end: &str| counts.iter().map(|count| format!(" {count}{end} |")).collect::<String>();
    let _ = writeln!(out, "| engine |{}{}", rules(" rules"), rules(": siaga is x times as fast"));
    let _ = writeln!(out, "|---|{}", "---:|".repeat(2 * counts.len()));
    for line in lines {
        let _ = writeln!(out, "| {} |{}{}", line.label, rates(results, line), ratios(results, line));
    }
    out.push('\n');
    loading(results, &mut out);
    for told in results.told.iter().chain(&partial(results)).chain(&results.notes) {
        let _ = writeln!(out, "- {told}");
    }
    if results.differences.is_empty() {
        out.push_str("- all engines found the same rules for every record that they ran\n");
    }
    for difference in &results.differences {
        let _ = writeln!(out, "- DISAGREES: {difference}");
    }
    out
}

fn rates(results: &Results, line: &Line) -> String {
    cells(results, line, |rate, _| grouped(rate))
}

fn ratios(results: &Results, line: &Line) -> String {
    cells(results, line, |rate, rules| results.rate("siaga", rules).map_or_else(missing, |siaga| ratio(siaga / rate)))
}

fn cells(results: &Results, line: &Line, cell: impl Fn(f64, usize) -> String) -> String {
    let own = |count: usize| if line.form == Form::Nothing { 0 } else { count };
    let cell = |count: &usize| {
        let text = results.rate(line.name, own(*count)).map_or_else(missing, |rate| cell(rate, *count));
        format!(" {text} |")
    };
    results.counts.iter().map(cell).collect()
}

fn loading(results: &Results, out: &mut String) {
    if results.loaded.is_empty() {
        return;
    }
    out.push_str("| loading | rules | seconds | most memory, MB |\n|---|---:|---:|---:|\n");
    for ((engine, count), loaded) in &results.loaded {
        let count = grouped(*count as f64);
        let _ = writeln!(out, "| {engine} | {count} | {:.2} | {:.0} |", loaded.seconds, loaded.megabytes);
    }
    out.push('\n');
}

/// Which engines were too slow for all records.
fn partial(results: &Results) -> Option<String> {
    let cut: Vec<String> = results
        .ran
        .iter()
        .filter(|(_, ran)| ran.records < results.records)
        .map(|((engine, count), ran)| format!("{engine} at {} on {}", grouped(*count as f64), ran.records))
        .collect();
    (!cut.is_empty()).then(|| format!("on the first records only, too slow for all: {}", cut.join("; ")))
}

fn missing() -> String {
    "–".to_owned()
}

/// A ratio with two digits that say something.
pub fn ratio(ratio: f64) -> String {
    if ratio >= 100.0 {
        grouped(ratio)
    } else if ratio >= 10.0 {
        format!("{ratio:.0}")
    } else {
        format!("{ratio:.2}")
    }
}

/// A number with its thousands parted.
pub fn grouped(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}").trim_end_matches(".0").to_owned();
    }
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
