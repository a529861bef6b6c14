//! Holds what happened in a step against what was expected of it, whatever the order.

use super::run::names;
use super::{Expected, Field, Happened, Mismatch};

/// Where the two do not match.
pub fn compare(expected: &[Expected], happened: &[Happened]) -> Vec<Mismatch> {
    let partners = matching(expected, happened);
    let mut missing: Vec<&Expected> =
        expected.iter().enumerate().filter(|(line, _)| !partners.contains(&Some(*line))).map(|(_, e)| e).collect();
    let mut extra: Vec<&Happened> =
        happened.iter().zip(&partners).filter(|(_, partner)| partner.is_none()).map(|(event, _)| event).collect();
    let mut found = Vec::new();
    // what is nearest was probably meant
    while let Some((line, event)) = nearest(&missing, &extra) {
        let (expected, happened) = (missing.remove(line).clone(), extra.remove(event).clone());
        let fields = differences(&expected, &happened);
        found.push(Mismatch::Differs { expected, happened, fields });
    }
    found.extend(missing.into_iter().cloned().map(Mismatch::Missing));
    found.extend(extra.into_iter().cloned().map(Mismatch::Unexpected));
    found
}

/// Gives each event the line that it fulfils, so that as many as possible have one.
fn matching(expected: &[Expected], happened: &[Happened]) -> Vec<Option<usize>> {
    let fits: Vec<Vec<usize>> = expected
        .iter()
        .map(|line| {
            let is_it =
                |(_, event): &(usize, &Happened)| line.rule == event.rule && differences(line, event).is_empty();
            happened.iter().enumerate().filter(is_it).map(|(index, _)| index).collect()
        })
        .collect();
    let mut partners = vec![None; happened.len()];
    for line in 0..expected.len() {
        place(line, &fits, &mut partners, &mut vec![false; happened.len()]);
    }
    partners
}

/// Finds a line an event, moving the lines before it to others where that helps.
fn place(line: usize, fits: &[Vec<usize>], partners: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for &event in fits.get(line).into_iter().flatten() {
        if seen.get(event).copied().unwrap_or(true) {
            continue;
        }
        if let Some(seen) = seen.get_mut(event) {
            *seen = true;
        }
        let holder = partners.get(event).copied().flatten();
        if holder.is_none_or(|holder| place(holder, fits, partners, seen)) {
            if let Some(partner) = partners.get_mut(event) {
                *partner = Some(line);
            }
            return true;
        }
    }
    false
}

/// The line and the event of one rule that differ least; `what` and `record` tell apart first.
fn nearest(missing: &[&Expected], extra: &[&Happened]) -> Option<(usize, usize)> {
    let pairs = missing
        .iter()
        .enumerate()
        .flat_map(|(m, line)| extra.iter().enumerate().map(move |(e, event)| (m, line, e, event)));
    pairs
        .filter(|(_, line, _, event)| line.rule == event.rule)
        .min_by_key(|(_, line, _, event)| {
            let fields = differences(line, event);
            (fields.contains(&Field::What) || fields.contains(&Field::Record), fields.len())
        })
        .map(|(line, _, event, _)| (line, event))
}

fn differences(expected: &Expected, happened: &Happened) -> Vec<Field> {
    let Expected { what, severity, told, reason, record, at, .. } = expected;
    let fields = [
        (Field::What, *what == happened.what),
        (Field::Severity, severity.is_none_or(|severity| severity == happened.severity)),
        (Field::Told, told.as_ref().is_none_or(|told| *told == happened.told)),
        (Field::Reason, reason.as_ref().is_none_or(|reason| *reason == happened.reason)),
        (Field::Record, record.as_ref().is_none_or(|record| names(record, &happened.record))),
        (Field::At, at.is_none_or(|at| at == happened.at)),
    ];
    fields.into_iter().filter(|(_, same)| !same).map(|(field, _)| field).collect()
}
