//! The members that every record has: who sent it, what happened, when.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json};

use super::{MAX_ID_CHARS, field, time};
use crate::record::reject::{RejectCode, Rejection};
use crate::record::schema::{KindId, Schema};

/// The members that every record has.
pub struct Envelope<'a> {
    /// The record.
    pub root: &'a mut Map<String, Json>,
    /// Where a date alone begins at 00:00.
    pub zone: Tz,
    /// What was found wrong.
    pub faults: &'a mut Vec<Rejection>,
}

impl Envelope<'_> {
    fn fault(&mut self, code: RejectCode, name: &str, what: &str, help: &str) {
        self.faults.push(Rejection::at(code, name, what, help));
    }

    /// A member that must be text, trimmed in place.
    fn text(&mut self, name: &str, help: &str) -> Option<String> {
        match self.root.get(name) {
            Some(Json::String(text)) if !text.trim().is_empty() => {
                let text = text.trim().to_owned();
                self.root.insert(name.to_owned(), Json::from(text.clone()));
                Some(text)
            }
            None | Some(Json::Null | Json::String(_)) => {
                self.fault(RejectCode::Missing, name, &format!("`{name}` is missing"), help);
                None
            }
            Some(other) => {
                let what = format!("`{name}` must be text, not {}", field::noun(other));
                self.fault(RejectCode::Type, name, &what, "write it in quotes");
                None
            }
        }
    }

    /// The record's id or its source.
    pub fn id(&mut self, name: &str) -> Option<Arc<str>> {
        let help = match name {
            "id" => "give each record an id that stays the same when it is sent again",
            _ => "name the sender as its token does, for example `apoa`",
        };
        let text = self.text(name, help)?;
        if text.chars().count() > MAX_ID_CHARS || text.chars().any(char::is_control) {
            let what = format!("`{name}` must be 1 to {MAX_ID_CHARS} characters without control characters");
            self.fault(RejectCode::Identity, name, &what, "shorten it");
            return None;
        }
        // `source/id` is how people and tables write a record's identity, so it must come apart in one way only.
        if name == "source" && text.contains('/') {
            self.fault(RejectCode::Identity, name, "`source` must not contain `/`", "use a plain name such as `apoa`");
            return None;
        }
        Some(Arc::from(text))
    }

    /// What happened, if the schema knows it.
    pub fn kind(&mut self, schema: &Schema) -> Option<KindId> {
        let text = self.text("kind", "say what happened, for example `lodging.check_in`")?;
        let kind = schema.kind_id(&text);
        if kind.is_none() {
            let near = schema
                .kinds()
                .iter()
                .map(|known| (strsim::normalized_damerau_levenshtein(&known.name, &text), &known.name))
                .filter(|(likeness, _)| *likeness > 0.6)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let help = match near {
                Some((_, name)) => format!("did you mean `{name}`?"),
                None => "use a kind of the schema, or declare it in the pack's `fields.toml`".to_owned(),
            };
            self.fault(RejectCode::Kind, "kind", "the kind of record is not known", &help);
        }
        kind
    }

    /// A time that must be stated.
    pub fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.text(name, "say when it happened, for example `2024-11-20T21:15:00+07:00`")?;
        let time = time::instant(&text, self.zone);
        if time.is_none() {
            self.faults.push(field::bad_date(name));
        }
        time
    }

    /// What historical data says about its arrival.
    pub fn received_at(&mut self, stated: Option<Json>) -> Option<DateTime<Utc>> {
        let stated = stated.filter(|value| !value.is_null())?;
        let time = stated.as_str().and_then(|text| time::instant(text.trim(), self.zone));
        if time.is_none() {
            self.faults.push(field::bad_date("received_at"));
        }
        time
    }

    /// `false` and nothing stated are the same content.
    pub fn withdrawn(&mut self) -> bool {
        match self.root.get("withdrawn") {
            Some(Json::Bool(true)) => true,
            Some(Json::Bool(false) | Json::Null) => {
                self.root.remove("withdrawn");
                false
            }
            None => false,
            Some(other) => {
                let what = format!("`withdrawn` must be true or false, not {}", field::noun(other));
                self.fault(RejectCode::Type, "withdrawn", &what, "write `true` without quotes, or leave it out");
                false
            }
        }
    }
}
