//! What became of the rows of a table: the store's answers, each beside the row that it is about.

use super::Quarantined;
use super::map::{Mapped, What};
use super::profile::Fit;
use super::report::{self, Reported, Status};
use crate::store::log::Appended;

/// A row with what the store says of it.
#[derive(Debug)]
pub struct Settled {
    /// The row, for whoever sent it.
    pub row: Reported,
    /// Its place among the rows, from 0.
    pub index: usize,
    /// What the store says; none of a row that is no record.
    pub answer: Option<Appended>,
    /// Why it does not stand, where it does not.
    pub aside: Option<Quarantined>,
}

/// Puts answers and rows together, in the order of the rows. The answers are those to the [`entries`] that these rows
/// came to, some of which were set aside; `None` where they are too few.
///
/// [`entries`]: super::entries::entries
pub fn settle(
    fit: &Fit,
    rows: Vec<Mapped>,
    aside: Vec<Quarantined>,
    mut answers: Vec<Appended>,
) -> Option<Vec<Settled>> {
    let fell = answers.split_off(answers.len().saturating_sub(aside.len()));
    let mut stood = answers.into_iter();
    let mut fell = aside.into_iter().zip(fell).peekable();
    let mut settled = Vec::with_capacity(rows.len());
    for Mapped { number, cells, what } in rows {
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        let (status, faults, answer, aside) = match what {
            What::Skipped(why) => (Status::Skipped(why), Vec::new(), None, None),
            What::Record(_, found) => match fell.next_if(|(aside, _)| aside.index == index) {
                Some((aside, answer)) => {
                    (Status::Quarantined, report::faults(fit, found, &aside), Some(answer), Some(aside))
                }
                None => {
                    let answer = stood.next()?;
                    let is_known = answer == Appended::Duplicate;
                    let status = if is_known { Status::Duplicate } else { Status::Accepted };
                    (status, Vec::new(), Some(answer), None)
                }
            },
        };
        settled.push(Settled { row: Reported { number, cells, status, faults }, index, answer, aside });
    }
    Some(settled)
}
