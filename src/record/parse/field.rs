//! The fields of the schema: types, forms and one spelling for equal content.

use chrono_tz::Tz;
use serde_json::{Map, Value as Json};

use super::{arrival, passport, place, time};
use crate::record::region::{self, Level};
use crate::record::reject::{RejectCode, Rejection, pointer};
use crate::record::schema::{FieldId, Schema, Type, core};
use crate::record::value::Value;

/// The members that are no fields and are read elsewhere.
const ENVELOPE: &[&str] = &["id", "source", "kind", "occurred_at", "withdrawn"];

/// Fields in which people write more than one line.
pub const LINES: &[&str] = &["notes", "place.address", "activity.evidence"];

/// Fields that may be there although nobody stated them.
const FILLED_IN: [FieldId; 10] = [
    core::PASSPORT_NUMBER,
    core::PASSPORT_ISSUER,
    core::PASSPORT_INCONSISTENT,
    core::KABUPATEN,
    core::PERMIT_KIND,
    core::PERMIT_VALID_FROM,
    core::PERMIT_VALID_UNTIL,
    core::PERMIT_MAY_WORK,
    core::PERMIT_MAY_REPORT,
    core::PERMIT_DERIVED,
];

/// A keyed hash has 32 bytes.
const HASH_HEX_DIGITS: usize = 64;

/// What the known sections hold.
pub struct Fields {
    /// The typed values.
    pub values: Vec<(FieldId, Value)>,
    /// Members that the schema does not know.
    pub unknown: u32,
}

/// Reads every known field, and brings the JSON into its one form: trimmed, without what is empty.
pub fn read(schema: &Schema, zone: Tz, root: &mut Map<String, Json>, faults: &mut Vec<Rejection>) -> Fields {
    let mut tidy = Tidy { schema, faults, unknown: 0, found: FILLED_IN.to_vec() };
    tidy.section("", root);
    let Tidy { unknown, mut found, .. } = tidy;
    found.sort_unstable();
    found.dedup();
    let days = passport::Days::of(root, zone);
    if let Some(Json::Object(person)) = root.get_mut("person")
        && let Some(Json::Object(passport)) = person.get_mut("passport")
    {
        faults.extend(passport::settle(passport, &days));
    }
    if let Some(Json::Object(place)) = root.get_mut("place") {
        faults.extend(place::settle(place));
    }
    arrival::settle(schema, root, zone);
    let mut values = Vec::new();
    for id in found {
        let Some((field, json)) = schema.field(id).and_then(|f| Some((f, stated(root, &f.path)?))) else {
            continue;
        };
        match typed(field.ty, &field.path, json, zone) {
            Ok(value) => values.push((id, value)),
            Err(fault) => faults.push(fault),
        }
    }
    Fields { values, unknown }
}

/// What stands at a dotted path.
pub fn stated<'a>(root: &'a Map<String, Json>, path: &str) -> Option<&'a Json> {
    let mut names = path.split('.');
    let first = names.next().and_then(|name| root.get(name));
    names.fold(first, |at, name| at.and_then(|value| value.get(name)))
}

/// The noun for a JSON value in a message.
pub fn noun(json: &Json) -> &'static str {
    match json {
        Json::Null => "nothing",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// A date that is not understood.
pub fn bad_date(path: &str) -> Rejection {
    let what = format!("`{path}` is not a date or time that can be read");
    let help = "write `2024-11-20T21:15:00+07:00`, or `2024-11-20` for a day";
    Rejection::at(RejectCode::Date, path, &what, help)
}

struct Tidy<'a> {
    schema: &'a Schema,
    faults: &'a mut Vec<Rejection>,
    unknown: u32,
    found: Vec<FieldId>,
}

impl Tidy<'_> {
    fn section(&mut self, prefix: &str, members: &mut Map<String, Json>) {
        members.retain(|name, member| {
            // a dot in a name would reach into another section
            let path = match (prefix, name.contains('.')) {
                (_, true) => None,
                ("", false) => Some(name.clone()),
                (prefix, false) => Some(format!("{prefix}.{name}")),
            };
            match path {
                Some(path) if prefix.is_empty() && ENVELOPE.contains(&path.as_str()) => true,
                Some(path) => self.member(&path, member),
                None => self.unknown(),
            }
        });
    }

    fn member(&mut self, path: &str, member: &mut Json) -> bool {
        if let Some(id) = self.schema.field_id(path) {
            self.found.push(id);
            self.field(path, member)
        } else if self.schema.is_section(path) {
            self.subsection(path, member)
        } else {
            self.unknown()
        }
    }

    /// Counts a member and keeps it.
    fn unknown(&mut self) -> bool {
        self.unknown = self.unknown.saturating_add(1);
        true
    }

    /// False where nothing is stated, so that the member goes.
    fn subsection(&mut self, path: &str, member: &mut Json) -> bool {
        match member {
            Json::Object(members) => {
                self.section(path, members);
                !members.is_empty()
            }
            Json::Null => false,
            other => {
                let what = format!("`{path}` must be an object, not {}", noun(other));
                self.faults.push(Rejection::at(RejectCode::Type, path, &what, "write it as `{...}`"));
                true
            }
        }
    }

    /// False where nothing is stated, so that the member goes.
    fn field(&mut self, path: &str, member: &mut Json) -> bool {
        match member {
            Json::Null => false,
            _ if path == passport::INCONSISTENT => false,
            Json::String(text) => match spelled(path, text.trim()) {
                Ok(spelled) => {
                    *text = spelled;
                    !text.is_empty()
                }
                Err(fault) => {
                    self.faults.push(fault);
                    true
                }
            },
            _ => true,
        }
    }
}

/// The one spelling of a text; where two spellings mean the same, equal content must have equal bytes.
fn spelled(path: &str, text: &str) -> Result<String, Rejection> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let identity = |what: &str, help: &str| Rejection::at(RejectCode::Identity, path, what, help);
    match path {
        "person.passport.number" => passport::number(text)
            .ok_or_else(|| identity("a passport number has letters and digits only", "copy it from the passport")),
        "person.passport.issuer" | "person.nationality" => passport::country(text).ok_or_else(|| {
            let what = format!("`{path}` must be a code of three letters");
            identity(&what, "use the code in the passport, such as `UTO`")
        }),
        "person.passport.mrz" => Ok(passport::squeezed(text)),
        "person.nik_hash" | "voter.nik_hash" => nik_hash(path, text),
        "place.kabupaten" => code(path, text, Level::Kabupaten),
        "place.kecamatan" => code(path, text, Level::Kecamatan),
        _ if !LINES.contains(&path) && text.contains(char::is_control) => {
            let what = format!("`{path}` must be one line");
            Err(Rejection::at(RejectCode::Control, path, &what, "take out line breaks and tabs"))
        }
        _ => Ok(text.to_owned()),
    }
}

fn nik_hash(path: &str, text: &str) -> Result<String, Rejection> {
    let is_hash = text.len() == HASH_HEX_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hash {
        return Ok(text.to_ascii_lowercase());
    }
    let what = format!("`{path}` must be a keyed hash of {HASH_HEX_DIGITS} hexadecimal digits");
    let help = "make it with `siaga hash-nik`";
    Err(Rejection::at(RejectCode::NikHash, path, &what, help))
}

fn code(path: &str, text: &str, level: Level) -> Result<String, Rejection> {
    region::check(text, level)
        .map(|()| text.to_owned())
        .map_err(|fault| Rejection::at(fault.code, path, &fault.what, &fault.help))
}

fn typed(ty: Type, path: &str, json: &Json, zone: Tz) -> Result<Value, Rejection> {
    let wrong = |wanted: &str| {
        let what = format!("`{path}` must be {wanted}, not {}", noun(json));
        Rejection::at(RejectCode::Type, path, &what, "correct the value, or leave it out")
    };
    match ty {
        Type::Bool => json.as_bool().map(Value::Bool).ok_or_else(|| wrong("true or false")),
        Type::Int => whole(json).map(Value::Int).ok_or_else(|| wrong("a whole number")),
        Type::Number => {
            let number = json.as_f64().filter(|n| n.is_finite()).ok_or_else(|| wrong("a number"))?;
            place::check_degrees(path, number)?;
            Ok(Value::Number(number))
        }
        Type::Text => match json {
            Json::String(text) => Ok(Value::text(text)),
            Json::Number(number) => Err(place::unquoted(path, &number.to_string()).unwrap_or_else(|| wrong("text"))),
            _ => Err(wrong("text")),
        },
        Type::Time => {
            let text = json.as_str().ok_or_else(|| wrong("a date in quotes"))?;
            time::instant(text, zone).map(Value::Time).ok_or_else(|| bad_date(path))
        }
        Type::Choice(words) => {
            let text = json.as_str().ok_or_else(|| wrong("one of a list of words"))?;
            if words.contains(&text) {
                return Ok(Value::text(text));
            }
            let what = format!("`{path}` is none of the words that are known");
            let help = format!("use one of `{}`", words.join("`, `"));
            Err(Rejection::new(RejectCode::Choice, &pointer(path), &what, &help))
        }
    }
}

/// A whole number, also one that was written `5.0`.
fn whole(json: &Json) -> Option<i64> {
    json.as_i64().or_else(|| json.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| n as i64))
}
