//! What the first rows of a table show about its columns: how long passport numbers are, how dates are written.

use chrono::Datelike as _;

use super::date::Manner;
use super::passport::Lengths;
use crate::intake::profile::Fit;
use crate::intake::sheet::{Cell, SheetRow};
use crate::pack::profile::Form;

/// Dates of the spreadsheet program's own that are looked at before they speak against it.
const LEAST_TURNED: usize = 2;

/// What is known of each column of a table, by its place in the profile.
#[derive(Clone, Debug)]
pub struct Evidence(Vec<Known>);

#[derive(Clone, Debug)]
pub struct Known {
    /// How its dates are to be read.
    pub manner: Manner,
    /// How long its numbers are.
    pub lengths: Lengths,
}

/// How the dates of a column are written.
#[derive(Default)]
struct Dates {
    /// Texts that can only have the day first.
    days_first: usize,
    /// Texts that can only have the month first.
    months_first: usize,
    /// Dates of the program's own.
    own: usize,
    /// Those of them after the twelfth of a month.
    own_after_twelfth: usize,
}

impl Evidence {
    /// Of the first rows of a table.
    pub fn of<'r>(fit: &Fit, rows: impl Iterator<Item = &'r SheetRow> + Clone) -> Self {
        let known = fit.profile.columns.iter().zip(&fit.places).map(|(column, place)| {
            let cells = rows.clone().filter_map(|row| row.cells.get((*place)?));
            let (mut lengths, mut dates) = (Lengths::default(), Dates::default());
            match column.form {
                Form::Passport => cells.for_each(|cell| lengths.count(cell)),
                Form::Date => cells.for_each(|cell| dates.count(cell)),
                _ => {}
            }
            let manner = Manner {
                years: column.years.clone(),
                from_1904: fit.profile.from_1904,
                months_first: dates.put_months_first(),
                turned: dates.are_turned(),
            };
            Known { manner, lengths }
        });
        Evidence(known.collect())
    }

    /// Of a column of the profile.
    pub fn column(&self, index: usize) -> Option<&Known> {
        self.0.get(index)
    }
}

impl Dates {
    fn put_months_first(&self) -> bool {
        self.months_first > self.days_first
    }

    /// A program that expects the month first takes `05/11/2024` for a date of its own, the eleventh of May, and leaves
    /// `25/11/2024` as text: such a column has no date of the program's own after the twelfth.
    fn are_turned(&self) -> bool {
        self.own >= LEAST_TURNED && self.own_after_twelfth == 0 && self.days_first > 0
    }

    fn count(&mut self, cell: &Cell) {
        match cell {
            Cell::Date(at) => {
                self.own += 1;
                self.own_after_twelfth += usize::from(at.day() > 12);
            }
            Cell::Text(text) => {
                let mut parts = text.trim().split(['/', '-', '.']).map(|part| part.trim().parse::<u32>().ok());
                match (parts.next().flatten(), parts.next().flatten()) {
                    (Some(13..=31), Some(1..=12)) => self.days_first += 1,
                    (Some(1..=12), Some(13..=31)) => self.months_first += 1,
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn dates(texts: &[&str], days: &[u32]) -> Dates {
        let mut dates = Dates::default();
        texts.iter().for_each(|text| dates.count(&Cell::Text((*text).to_owned())));
        let day = |day: &u32| NaiveDate::from_ymd_opt(2024, 5, *day).unwrap().into();
        days.iter().for_each(|of| dates.count(&Cell::Date(day(of))));
        dates
    }

    #[test]
    fn a_column_shows_that_its_dates_were_turned_round() {
        assert!(dates(&["25/11/2024"], &[11, 12]).are_turned());
        assert!(!dates(&["25/11/2024"], &[11, 13]).are_turned(), "a date after the twelfth was not");
        assert!(!dates(&[], &[11, 12]).are_turned(), "nothing speaks against them");
        assert!(!dates(&["25/11/2024"], &[11]).are_turned(), "one alone is chance");
    }

    #[test]
    fn a_column_shows_that_it_puts_months_first() {
        assert!(dates(&["11/25/2024", "05/11/2024"], &[]).put_months_first());
        assert!(!dates(&["11/25/2024", "25/11/2024"], &[]).put_months_first());
    }
}
