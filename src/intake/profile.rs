//! Which profile a table is written by, in which row its header stands, and what each of its columns states.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::sheet::{Cell, SheetRow};
use crate::pack::profile::{Column, Form, Profile, Profiles, bare};
use crate::words::{Language, Text, say};

/// Fewer headers than this could be chance.
const LEAST_HEADERS: usize = 3;
/// How close a header is to a known one before it is taken for a slip of it.
const CLOSE: f64 = 0.86;
/// The columns that a row report adds: what stands in them is not the sender's.
pub const OWN_HEADERS: [&str; 2] = ["Status (siaga)", "Alasan (siaga)"];
/// The most names that a refusal lists.
const MOST_NAMED: usize = 12;

/// What whoever sends a table says about it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The profile, where they name one.
    pub profile: Option<String>,
    /// Fields that are the same in every row that does not state them.
    pub set: BTreeMap<String, String>,
}

/// A table and the profile that it is written by.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The profile.
    pub profile: Arc<Profile>,
    /// The number of the row with the headers.
    pub header_row: u32,
    /// The headers as they stand, from column A on.
    pub headers: Vec<String>,
    /// For each column of the profile where it stands in the table.
    pub places: Vec<Option<usize>>,
    /// Fields that are the same in every row.
    pub constants: BTreeMap<String, String>,
}

/// Why no profile, or not the one that was named, is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFit {
    /// The pack has no profiles, or not the named one.
    Unknown {
        /// The name.
        profile: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// Several fit equally well.
    Tie {
        /// Their ids.
        profiles: Vec<String>,
    },
    /// Headers are missing.
    Poor {
        /// The name of the profile that comes closest.
        profile: String,
        /// Headers that were recognised.
        recognised: Vec<String>,
        /// Headers that are missing.
        missing: Vec<String>,
        /// What stands in the table, and which missing header it probably is.
        slips: Vec<(String, String)>,
    },
    /// Neither the table nor whoever sends it states fields that every record needs.
    Unset {
        /// The fields.
        fields: Vec<String>,
    },
}

impl Fit {
    /// The column of the table that states a field, or what the field follows from; of a date its day.
    pub fn place_of(&self, field: &str) -> Option<usize> {
        self.own_place(field).or_else(|| self.own_place(self.origin(field)))
    }

    fn own_place(&self, field: &str) -> Option<usize> {
        *self.places.get(self.profile.column_of(field)?.0)?
    }

    /// The field that another follows from in this table; itself where the table states it.
    pub fn origin<'f>(&'f self, field: &'f str) -> &'f str {
        let derived = self.profile.derived.iter().find(|derived| derived.field.get_ref() == field);
        derived.filter(|_| self.own_place(field).is_none()).map_or(field, |derived| derived.from.get_ref())
    }

    /// The header of a column of the table.
    pub fn header(&self, place: usize) -> &str {
        self.headers.get(place).map_or("", String::as_str)
    }

    /// The columns of the profile that stand in the table, with their places.
    pub fn columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.places.iter().zip(&self.profile.columns).filter_map(|(place, column)| Some(((*place)?, column)))
    }

    /// The columns that a row report has added.
    pub fn own(&self) -> impl Iterator<Item = usize> {
        let headers = self.headers.iter().enumerate();
        headers.filter(|(_, header)| OWN_HEADERS.contains(&header.as_str())).map(|(place, _)| place)
    }

    /// Headers that nothing is known of.
    pub fn unknown(&self) -> Vec<&str> {
        let known: BTreeSet<usize> = self.places.iter().flatten().copied().chain(self.own()).collect();
        let headers =
            self.headers.iter().enumerate().filter(|(place, header)| !known.contains(place) && !header.is_empty());
        headers.map(|(_, header)| header.as_str()).collect()
    }
}

/// Finds profile and header in the first rows of a table.
///
/// # Errors
/// None fits, or several do.
pub fn fit(profiles: &Profiles, head: &[SheetRow], settings: &Settings) -> Result<Fit, NoFit> {
    let considered: Vec<&Arc<Profile>> = match &settings.profile {
        None => profiles.all.iter().collect(),
        Some(id) => vec![profiles.get(id).ok_or_else(|| unknown(profiles, id))?],
    };
    let mut tries: Vec<Try> = considered.iter().filter_map(|profile| best_row(profile, head, settings)).collect();
    let forced = settings.profile.is_some();
    tries.sort_by_key(|a| std::cmp::Reverse((a.stands(forced), a.score())));
    match tries.as_slice() {
        [] => Err(unknown(profiles, settings.profile.as_deref().unwrap_or_default())),
        [best, ..] if !best.stands(forced) => Err(best.poor()),
        [best, next, ..] if next.stands(forced) && next.score() == best.score() => {
            let level = tries.iter().filter(|one| one.stands(forced) && one.score() == best.score());
            Err(NoFit::Tie { profiles: level.map(|one| one.profile.id.to_string()).collect() })
        }
        [best, ..] => best.fit(settings),
    }
}

fn unknown(profiles: &Profiles, id: &str) -> NoFit {
    NoFit::Unknown {
        profile: id.to_owned(),
        known: profiles.all.iter().map(|profile| profile.id.to_string()).collect(),
    }
}

/// A row taken for the header of a profile's table.
struct Try<'a> {
    profile: &'a Arc<Profile>,
    row: u32,
    headers: Vec<String>,
    places: Vec<Option<usize>>,
    missing: Vec<&'a Column>,
}

/// The row that has the most headers of a profile; of equals the first.
fn best_row<'a>(profile: &'a Arc<Profile>, head: &[SheetRow], settings: &Settings) -> Option<Try<'a>> {
    let within = u32::try_from(profile.header_within).unwrap_or(u32::MAX);
    let rows = head.iter().filter(|row| row.number <= within);
    let tries = rows.map(|row| attempt(profile, row, settings));
    tries.max_by_key(|one| (one.score(), std::cmp::Reverse(one.row)))
}

fn attempt<'a>(profile: &'a Arc<Profile>, row: &SheetRow, settings: &Settings) -> Try<'a> {
    let headers: Vec<String> = row.cells.iter().map(header).collect();
    let bares: Vec<String> = headers.iter().map(|header| bare(header)).collect();
    let place = |column: &Column| {
        let known = column.headers.iter().map(|header| bare(header));
        known.filter(|known| !known.is_empty()).find_map(|known| bares.iter().position(|header| *header == known))
    };
    let places: Vec<Option<usize>> = profile.columns.iter().map(place).collect();
    let missing = profile.columns.iter().zip(&places).filter(|(column, place)| {
        let stated = column.field.as_deref().is_some_and(|field| {
            profile.constants.contains_key(field)
                || settings.set.contains_key(field)
                || profile.columns.iter().zip(&places).any(|(other, place)| {
                    place.is_some() && other.field.as_deref() == Some(field) && other.form != Form::Time
                })
        });
        column.required && place.is_none() && !stated
    });
    let missing = missing.map(|(column, _)| column).collect();
    Try { profile, row: row.number, headers, places, missing }
}

/// The text of a header's cell: on one line.
fn header(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Cell::Number(number) => number.to_string(),
        Cell::Empty | Cell::Date(_) | Cell::Bool(_) | Cell::Error(_) => String::new(),
    }
}

impl Try<'_> {
    /// Headers that state something count before those that are known and left alone.
    fn score(&self) -> (usize, usize) {
        let found = || self.places.iter().zip(&self.profile.columns).filter(|(place, _)| place.is_some());
        (found().filter(|(_, column)| column.field.is_some()).count(), found().count())
    }

    fn stands(&self, forced: bool) -> bool {
        self.missing.is_empty() && self.score().0 >= if forced { 1 } else { LEAST_HEADERS }
    }

    fn poor(&self) -> NoFit {
        let found: BTreeSet<usize> = self.places.iter().flatten().copied().collect();
        let name = |column: &&Column| column.headers.first().cloned().unwrap_or_default();
        let rest =
            || self.headers.iter().enumerate().filter(|(place, header)| !found.contains(place) && !header.is_empty());
        let slips = self.missing.iter().filter_map(|column| {
            let scored = rest().map(|(_, header)| {
                let score = column.headers.iter().map(|known| strsim::jaro_winkler(&bare(header), &bare(known)));
                (score.fold(0.0, f64::max), header)
            });
            let (_, header) = scored.filter(|(score, _)| *score >= CLOSE).max_by(|a, b| a.0.total_cmp(&b.0))?;
            Some((header.clone(), name(column)))
        });
        NoFit::Poor {
            profile: self.profile.name.clone(),
            recognised: found.iter().filter_map(|place| self.headers.get(*place).cloned()).take(MOST_NAMED).collect(),
            missing: self.missing.iter().map(name).collect(),
            slips: slips.collect(),
        }
    }

    fn fit(&self, settings: &Settings) -> Result<Fit, NoFit> {
        let mut constants = self.profile.constants.clone();
        constants.extend(settings.set.clone());
        let fit = Fit {
            profile: self.profile.clone(),
            header_row: self.row,
            headers: self.headers.clone(),
            places: self.places.clone(),
            constants,
        };
        let stated = |field: &str| fit.constants.contains_key(field) || fit.place_of(field).is_some();
        let derivable = |field: &str| stated(field) || stated(fit.origin(field));
        let needed =
            ["source", "kind", "occurred_at"].into_iter().chain(fit.profile.identity.iter().map(String::as_str));
        let mut fields: Vec<String> = needed.filter(|field| !derivable(field)).map(str::to_owned).collect();
        fields.dedup();
        if fields.is_empty() { Ok(fit) } else { Err(NoFit::Unset { fields }) }
    }
}

impl NoFit {
    /// A word that stays: for programs, logs and counts.
    pub fn code(&self) -> &'static str {
        match self {
            NoFit::Unknown { .. } => "unknown-profile",
            NoFit::Tie { .. } => "several-profiles",
            NoFit::Poor { .. } => "unknown-table",
            NoFit::Unset { .. } => "field-not-set",
        }
    }

    /// What is wrong with the table.
    pub fn text(&self) -> Text {
        match self {
            NoFit::Unknown { profile, .. } => say("table-unknown-profile").with("profile", profile.as_str()),
            NoFit::Tie { profiles } => say("table-several").with("profiles", profiles.join("`, `")),
            NoFit::Poor { profile, recognised, missing, .. } if recognised.len() < LEAST_HEADERS => {
                say("table-unknown").with("profile", profile.as_str()).with("missing", missing.join("`, `"))
            }
            NoFit::Poor { profile, recognised, missing, .. } => say("table-poor")
                .with("profile", profile.as_str())
                .with("recognised", recognised.join("`, `"))
                .with("missing", missing.join("`, `")),
            NoFit::Unset { fields } => say("table-unset").with("fields", fields.join("`, `")),
        }
    }

    /// What its sender can do.
    pub fn help(&self) -> Text {
        match self {
            NoFit::Unknown { known, .. } => say("table-known-help").with("known", known.join("`, `")),
            NoFit::Tie { .. } => say("table-several-help"),
            NoFit::Poor { slips, .. } => match slips.first() {
                Some((found, meant)) => {
                    say("table-slip-help").with("found", found.as_str()).with("meant", meant.as_str())
                }
                None => say("table-poor-help"),
            },
            NoFit::Unset { fields } => {
                say("table-unset-help").with("field", fields.first().map_or("source", String::as_str))
            }
        }
    }
}

/// In English, as logs and programs have it.
impl fmt::Display for NoFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; help: {}", self.text().render(Language::English), self.help().render(Language::English))
    }
}

impl std::error::Error for NoFit {}
