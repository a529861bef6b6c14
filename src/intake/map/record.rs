//! One row of a table to the JSON of its record, with the cells that nobody is sure of.

use std::collections::BTreeMap;

use chrono::{NaiveTime, SecondsFormat, TimeZone as _};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::date::{self, Moment};
use super::evidence::{Evidence, Known};
use super::fault::Doubt;
use super::{CellFault, country, passport, place, word};
use crate::intake::profile::Fit;
use crate::intake::sheet::Cell;
use crate::pack::profile::{Column, Derived, Form, How, Profiles, bare, slug};
use crate::record::region::Level;
use crate::record::reject::RejectCode;
use crate::words::say;

/// Letters of the hash in an id: no two rows of any office come to the same.
const ID_LETTERS: usize = 20;

/// A record as its row has it.
pub struct Draft {
    /// The record; a cell that is not understood stands in it as its text.
    pub json: Json,
    /// What tells it from others.
    pub identity: String,
    /// Its cells that nobody is sure of.
    pub faults: Vec<CellFault>,
}

/// Drafts the record of a row.
pub fn draft(fit: &Fit, profiles: &Profiles, evidence: &Evidence, zone: Tz, cells: &[Cell]) -> Draft {
    let values = Values::of(fit, profiles, evidence, zone, cells, |_| true);
    let identity = values.identity(fit);
    values.drafted(fit, identity)
}

/// Drafts the record of a row that reports that there was nobody; none where the row names somebody or something.
pub fn nil(fit: &Fit, profiles: &Profiles, evidence: &Evidence, zone: Tz, cells: &[Cell]) -> Option<Draft> {
    if fit.profile.nil.is_empty() {
        return None;
    }
    let mut kind = None;
    for (place, column) in fit.columns() {
        let cell = cells.get(place).unwrap_or(&Cell::Empty);
        let (Some(field), Some(text)) = (&column.field, word::text(cell)) else { continue };
        match fit.profile.nil.get(&bare(&text)) {
            Some(said) => kind = Some(said.clone()),
            None if is_of_nobody(fit, field) => {}
            None => return None,
        }
    }
    let kind = kind?;
    let mut values = Values::of(fit, profiles, evidence, zone, cells, |field| is_of_nobody(fit, field));
    let day = fit.origin("occurred_at").to_owned();
    if !values.stated.contains_key("occurred_at") && !values.faults.iter().any(|fault| fault.field == day) {
        let doubt = Doubt::new(RejectCode::Missing, say("cell-missing"));
        values.faults.push(CellFault { column: fit.place_of("occurred_at"), field: day.clone(), doubt });
    }
    if day != "occurred_at" {
        values.stated.remove(&day);
    }
    values.stated.insert("kind".to_owned(), Stated::Value(Json::from(kind.as_str())));
    let told = ["source", "lodging.id", "occurred_at"].map(|field| values.stated.get(field).map(Stated::identity));
    let identity = serde_json::to_string(&(kind, told)).unwrap_or_default();
    Some(values.drafted(fit, identity))
}

/// Whether a field says when or where, and of nobody anything.
fn is_of_nobody(fit: &Fit, field: &str) -> bool {
    field == fit.origin("occurred_at")
        || ["occurred_at", "source", "lodging.id", "lodging.name", "notes"].contains(&field)
        || field.starts_with("place.")
}

enum Stated {
    Value(Json),
    Moment(Moment),
}

impl Stated {
    fn json(&self, zone: Tz) -> Json {
        match self {
            Stated::Value(value) => value.clone(),
            Stated::Moment(Moment { day, time: None }) => Json::from(day.to_string()),
            Stated::Moment(Moment { day, time: Some(time) }) => {
                let at = zone.from_local_datetime(&day.and_time(*time)).earliest();
                Json::from(at.map_or_else(|| day.to_string(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, false)))
            }
        }
    }

    /// What it adds to a row's identity: of an instant its day, so that a time can be corrected.
    fn identity(&self) -> String {
        match self {
            Stated::Value(Json::String(text)) => text.clone(),
            Stated::Value(other) => other.to_string(),
            Stated::Moment(moment) => moment.day.to_string(),
        }
    }
}

/// The fields of a row.
struct Values {
    stated: BTreeMap<String, Stated>,
    /// What was probably meant where nobody is sure.
    guessed: BTreeMap<String, String>,
    faults: Vec<CellFault>,
    zone: Tz,
}

impl Values {
    /// What the cells say in the columns of some fields, what is the same in every row, and what follows from it.
    fn of(
        fit: &Fit,
        profiles: &Profiles,
        evidence: &Evidence,
        zone: Tz,
        cells: &[Cell],
        is_read: impl Fn(&str) -> bool,
    ) -> Self {
        let mut values = Values { stated: BTreeMap::new(), guessed: BTreeMap::new(), faults: Vec::new(), zone };
        let columns = || {
            let all = fit.profile.columns.iter().zip(&fit.places).enumerate();
            all.filter(|(_, (column, _))| column.field.as_deref().is_some_and(&is_read))
        };
        for (index, (column, place)) in columns().filter(|(_, (column, _))| column.form != Form::Time) {
            if let (Some(place), Some(known)) = (place, evidence.column(index)) {
                values.column(column, known, *place, cells);
            }
        }
        for (_, (column, place)) in columns().filter(|(_, (column, _))| column.form == Form::Time) {
            if let Some(place) = place {
                values.time(column, *place, cells);
            }
        }
        for (field, value) in &fit.constants {
            values.stated.entry(field.clone()).or_insert_with(|| Stated::Value(Json::from(value.as_str())));
        }
        for derived in &fit.profile.derived {
            values.derive(derived, profiles);
        }
        values
    }

    fn drafted(self, fit: &Fit, identity: String) -> Draft {
        let mut json = Map::new();
        for (field, stated) in &self.stated {
            put(&mut json, field, stated.json(self.zone));
        }
        json.entry("id").or_insert_with(|| Json::from(id(&fit.profile.id, &identity)));
        Draft { json: Json::Object(json), identity, faults: self.faults }
    }

    fn column(&mut self, column: &Column, known: &Known, place: usize, cells: &[Cell]) {
        let Some(field) = &column.field else { return };
        let cell = cells.get(place).unwrap_or(&Cell::Empty);
        if let Cell::Error(_) = cell {
            return self.fault(field, place, Doubt::new(RejectCode::Type, say("cell-formula")));
        }
        let Some(text) = word::text(cell) else {
            if column.required {
                self.fault(field, place, Doubt::new(RejectCode::Missing, say("cell-missing")));
            }
            return;
        };
        let stated = match read(column, field, known, cell, &text) {
            Ok(stated) => stated,
            Err(doubt) => {
                self.guessed.extend(doubt.value.clone().map(|value| (field.clone(), value)));
                self.fault(field, place, doubt);
                Stated::Value(Json::from(text))
            }
        };
        self.stated.insert(field.clone(), stated);
    }

    fn time(&mut self, column: &Column, place: usize, cells: &[Cell]) {
        let (Some(field), Some(cell)) = (&column.field, cells.get(place)) else { return };
        if word::text(cell).is_none() {
            return;
        }
        match (date::time(cell), self.stated.get_mut(field)) {
            (Ok(time), Some(Stated::Moment(moment))) => moment.time = Some(time).filter(|time| *time != NaiveTime::MIN),
            (Ok(_), _) => {}
            (Err(doubt), _) => self.fault(field, place, doubt),
        }
    }

    fn fault(&mut self, field: &str, place: usize, doubt: Doubt) {
        self.faults.push(CellFault { field: field.to_owned(), column: Some(place), doubt });
    }

    fn derive(&mut self, derived: &Derived, profiles: &Profiles) {
        let (field, from) = (derived.field.get_ref(), derived.from.get_ref());
        // what nobody is sure of is not carried on
        if self.stated.contains_key(field) || self.faults.iter().any(|fault| fault.field == *from) {
            return;
        }
        let Some(stated) = self.stated.get(from) else { return };
        let text = stated.identity();
        let visa = || profiles.visa(&text);
        let value = match derived.how {
            How::Copy => Some(stated.json(self.zone)),
            How::Slug => Some(slug(&text)).filter(|slug| !slug.is_empty()).map(Json::from),
            How::PermitKind => visa().filter(|visa| !visa.kind.is_empty()).map(|visa| Json::from(visa.kind.as_str())),
            How::MayWork => visa().and_then(|visa| visa.may_work).map(Json::from),
            How::MayReport => visa().and_then(|visa| visa.may_report).map(Json::from),
        };
        let value = match (value, stated) {
            (Some(_), Stated::Moment(moment)) if derived.how == How::Copy => Some(Stated::Moment(*moment)),
            (value, _) => value.map(Stated::Value),
        };
        self.stated.extend(value.map(|value| (field.clone(), value)));
    }

    /// The values of the identity; of those that nobody is sure of the guess, so that a row has its id before and after
    /// a person accepts it.
    fn identity(&self, fit: &Fit) -> String {
        let value = |field: &String| {
            let guess = self.guessed.get(field).or_else(|| self.guessed.get(fit.origin(field)));
            let stated = || self.stated.get(field).map(Stated::identity);
            guess.cloned().or_else(stated).unwrap_or_default()
        };
        serde_json::to_string(&fit.profile.identity.iter().map(value).collect::<Vec<_>>()).unwrap_or_default()
    }
}

fn read(column: &Column, field: &str, known: &Known, cell: &Cell, text: &str) -> Result<Stated, Doubt> {
    let value = match column.form {
        Form::Date => return date::read(cell, &known.manner).map(Stated::Moment),
        Form::Text | Form::Ignored | Form::Time => Json::from(text),
        Form::Slug => Json::from(slug(text)),
        Form::Country => Json::from(country::read(text)?),
        Form::Passport => Json::from(passport::read(cell, &known.lengths)?),
        Form::VisaIndex => Json::from(word::visa_index(text)?),
        Form::Region => {
            let level = if field.ends_with("kecamatan") { Level::Kecamatan } else { Level::Kabupaten };
            Json::from(place::read(cell, level)?)
        }
        Form::Word => Json::from(word::word(text, &column.words)?),
        Form::Bool => Json::from(word::yes(cell)?),
        Form::Number => word::json(word::number(cell)?),
    };
    Ok(Stated::Value(value))
}

/// Letters only: a run of digits could pass for a NIK.
fn id(profile: &str, identity: &str) -> String {
    let hash = Sha256::digest(format!("{profile}\n{identity}"));
    let letters = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(b'a' + half));
    format!("{profile}-{}", letters.take(ID_LETTERS).collect::<String>())
}

/// Puts a value at a dotted path.
fn put(object: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = object.entry(section).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_can_pass_for_a_nik() {
        for row in 0..100 {
            let id = id("apoa-tamu", &row.to_string());
            assert!(id.len() == 30 && !id.contains(|c: char| c.is_ascii_digit()), "{id}");
        }
    }
}
