//! The values of a threshold that are worth looking at.

use crate::pack::thresholds::Threshold;

/// The most values of one curve: each is a line of the table, and past this nobody reads them.
pub const MOST: usize = 1_000;
/// Round values that a decimal threshold is looked at, beside those at which something changes.
const ROUND: usize = 40;

/// The values of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Rising, each once.
    pub values: Vec<f64>,
    /// Nothing changes between two of them: the curve is whole.
    pub complete: bool,
}

impl Values {
    /// Only those asked for.
    pub fn asked(values: &[f64]) -> Self {
        Values { values: rising(values.to_vec()), complete: false }
    }

    /// Of a whole threshold every one, while there are not too many.
    pub fn whole(threshold: &Threshold) -> Self {
        let (least, most) = (threshold.min.ceil(), threshold.max.floor());
        let step = ((most - least) / MOST as f64).ceil().max(1.0);
        let mut values = vec![least];
        while let Some(next) = values.last().map(|last| last + step).filter(|next| *next <= most) {
            values.push(next);
        }
        values.push(most);
        values.push(threshold.default);
        values.extend(threshold.phase.values().chain(threshold.kabupaten.values()));
        values.extend(threshold.kabupaten_phase.values());
        Values { values: rising(values), complete: step == 1.0 }
    }

    /// Of a decimal threshold round values, and those at which something changes.
    pub fn decimal(threshold: &Threshold, operands: &[f64], are_all: bool) -> Self {
        let inside = |value: &f64| (threshold.min..=threshold.max).contains(value);
        let mut changes = rising(operands.iter().copied().filter(inside).collect());
        let kept = changes.len() <= MOST;
        if !kept {
            let every = changes.len().div_ceil(MOST);
            changes = changes.into_iter().step_by(every).collect();
        }
        changes.extend(round(threshold.min, threshold.max));
        changes.push(threshold.default);
        changes.extend(threshold.phase.values().chain(threshold.kabupaten.values()));
        changes.extend(threshold.kabupaten_phase.values());
        Values { values: rising(changes), complete: are_all && kept }
    }
}

/// Multiples of 1, 2 or 5 times a power of ten, and both ends.
fn round(min: f64, max: f64) -> Vec<f64> {
    let mut values = vec![min, max];
    let width = max - min;
    if !(width > 0.0 && width.is_finite()) {
        return values;
    }
    let power = 10_f64.powf((width / ROUND as f64).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| width / step <= ROUND as f64);
    let step = step.unwrap_or(width);
    let mut n = (min / step).ceil();
    while n * step <= max {
        values.push(n * step);
        n += 1.0;
    }
    values
}

fn rising(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn threshold(min: f64, max: f64, default: f64, whole: bool) -> Threshold {
        Threshold {
            name: "x".to_owned(),
            unit: "kali".to_owned(),
            meaning: String::new(),
            min,
            max,
            whole,
            default,
            phase: BTreeMap::new(),
            kabupaten: BTreeMap::new(),
            kabupaten_phase: BTreeMap::new(),
        }
    }

    #[test]
    fn a_whole_threshold_has_every_value_while_there_are_not_too_many() {
        let few = Values::whole(&threshold(2.0, 5.0, 3.0, true));
        assert_eq!(few, Values { values: vec![2.0, 3.0, 4.0, 5.0], complete: true });
        let many = Values::whole(&threshold(1.0, 100_000.0, 7.0, true));
        assert!(!many.complete && many.values.len() <= MOST + 3);
        assert!([1.0, 7.0, 100_000.0].iter().all(|value| many.values.contains(value)));
    }

    #[test]
    fn a_decimal_threshold_has_round_values_and_those_at_which_something_changes() {
        let values = Values::decimal(&threshold(0.0, 1.0, 0.5, false), &[0.333, 0.333, 7.0], true);
        assert!(values.complete);
        assert!([0.0, 0.333, 0.5, 1.0].iter().all(|value| values.values.contains(value)), "{values:?}");
        assert!(!values.values.contains(&7.0) && values.values.len() <= ROUND + 4);
    }
}
