//! The inverse: which values keep every agency at so many alerts a day.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use super::curve::{Cell, Curve, Tally};

/// What is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Alerts opened for one agency on one day.
    pub at_most: usize,
    /// Only in this phase.
    pub phase: Option<String>,
}

/// The day on which an agency has the most new alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Busiest {
    /// The agency.
    pub agency: Arc<str>,
    /// The local date.
    pub day: NaiveDate,
    /// New alerts.
    pub alerts: usize,
}

/// Which values keep a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Runs of neighbouring values that keep it, by their first and last.
    pub ranges: Vec<(f64, f64)>,
}

impl Kept {
    /// The lowest value that keeps it.
    pub fn lowest(&self) -> Option<f64> {
        self.ranges.first().map(|(first, _)| *first)
    }

    /// The highest value that keeps it.
    pub fn highest(&self) -> Option<f64> {
        self.ranges.last().map(|(_, last)| *last)
    }
}

impl Limit {
    fn covers(&self, cell: &Cell) -> bool {
        self.phase.as_deref().is_none_or(|phase| cell.phase.as_ref() == phase)
    }

    /// The day and agency with the most new alerts, where there are any; of equals the earliest.
    pub fn busiest(&self, curve: &Curve, tally: &Tally) -> Option<Busiest> {
        busiest(curve, tally, |cell| self.covers(cell))
    }

    /// Whether a value keeps it.
    pub fn is_kept(&self, curve: &Curve, tally: &Tally) -> bool {
        self.busiest(curve, tally).is_none_or(|busiest| busiest.alerts <= self.at_most)
    }

    /// The values of a curve that keep it.
    pub fn kept(&self, curve: &Curve) -> Kept {
        let mut ranges: Vec<(f64, f64)> = Vec::new();
        let mut was_kept = false;
        for point in &curve.points {
            let is_kept = self.is_kept(curve, &point.tally);
            match ranges.last_mut().filter(|_| was_kept) {
                Some((_, last)) if is_kept => *last = point.value,
                _ if is_kept => ranges.push((point.value, point.value)),
                _ => {}
            }
            was_kept = is_kept;
        }
        Kept { ranges }
    }
}

/// The day and agency with the most new alerts among some cells; of equals the earliest day, then the first agency.
pub fn busiest(curve: &Curve, tally: &Tally, wanted: impl Fn(&Cell) -> bool) -> Option<Busiest> {
    let by = curve.by_agency_and(tally, wanted, |cell| cell.day);
    let all = by.into_iter().map(|((agency, day), counts)| Busiest { agency, day, alerts: counts.open });
    all.filter(|busiest| busiest.alerts > 0).min_by(|a, b| {
        (std::cmp::Reverse(a.alerts), a.day, &a.agency).cmp(&(std::cmp::Reverse(b.alerts), b.day, &b.agency))
    })
}
