//! `siaga test --coverage`: what the tests have seen of the rules.

use serde::Serialize;

use crate::cli::{Format, Streams};
use crate::trial::coverage::{ConjunctCoverage, PhaseCoverage, RuleCoverage};
use crate::words::{Language, say};

/// Prints it: for people what was not seen both ways stands out, programs get a line for each rule.
pub fn show(rules: &[RuleCoverage], format: Format, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    for rule in rules {
        match format {
            Format::Json => writeln!(streams.out, "{}", serde_json::to_string(&Line::of(rule))?)?,
            Format::Human => table(rule, streams)?,
        }
    }
    let conjuncts = rules.iter().flat_map(|rule| &rule.conjuncts);
    let (all, covered) = (conjuncts.clone().count(), conjuncts.filter(|conjunct| conjunct.is_covered()).count());
    let summary = say("coverage-summary").with("covered", covered).with("all", all);
    writeln!(streams.err, "{}", summary.render(streams.language))?;
    Ok(())
}

fn table(rule: &RuleCoverage, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let language = streams.language;
    let heading = say("coverage-heading").with("rule", rule.rule.as_ref()).with("file", rule.file.as_str());
    writeln!(streams.out, "\n{}", heading.render(language))?;
    for conjunct in &rule.conjuncts {
        let sign = if conjunct.is_covered() { "  " } else { "!!" };
        writeln!(streams.out, "  {sign} {:>4}  {}", conjunct.line, conjunct.text)?;
        writeln!(streams.out, "           {}", seen(conjunct, language))?;
    }
    let phases: Vec<String> = rule.phases.iter().map(|seen| phase(seen, language)).collect();
    let phases = say("coverage-phases").with("phases", phases.join(", "));
    writeln!(streams.out, "     {}", phases.render(language))?;
    Ok(())
}

fn seen(conjunct: &ConjunctCoverage, language: Language) -> String {
    let text = match (conjunct.is_guard, conjunct.is_unless) {
        (true, _) => say("coverage-guard"),
        (false, true) => say("coverage-unless").with("held", conjunct.held).with("not", conjunct.not_held),
        (false, false) => say("coverage-conjunct").with("held", conjunct.held).with("not", conjunct.not_held),
    };
    text.render(language)
}

fn phase(seen: &PhaseCoverage, language: Language) -> String {
    let text = match seen.judged {
        0 => say("coverage-phase-never"),
        _ => say("coverage-phase").with("found", seen.found).with("judged", seen.judged),
    };
    text.with("phase", seen.phase.as_ref()).render(language)
}

/// What the tests have seen of a rule, as JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    rule: &'a str,
    file: &'a str,
    covered: bool,
    conjuncts: Vec<ConjunctLine<'a>>,
    phases: Vec<PhaseLine<'a>>,
}

#[derive(Debug, Serialize)]
struct ConjunctLine<'a> {
    text: &'a str,
    line: usize,
    guard: bool,
    unless: bool,
    held: usize,
    not_held: usize,
}

#[derive(Debug, Serialize)]
struct PhaseLine<'a> {
    phase: &'a str,
    judged: usize,
    found: usize,
}

impl<'a> Line<'a> {
    fn of(rule: &'a RuleCoverage) -> Self {
        let conjunct = |seen: &'a ConjunctCoverage| ConjunctLine {
            text: &seen.text,
            line: seen.line,
            guard: seen.is_guard,
            unless: seen.is_unless,
            held: seen.held,
            not_held: seen.not_held,
        };
        let phase = |seen: &'a PhaseCoverage| PhaseLine { phase: &seen.phase, judged: seen.judged, found: seen.found };
        Line {
            rule: &rule.rule,
            file: &rule.file,
            covered: rule.is_covered(),
            conjuncts: rule.conjuncts.iter().map(conjunct).collect(),
            phases: rule.phases.iter().map(phase).collect(),
        }
    }
}
