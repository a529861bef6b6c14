//! One row of a body or file: JSON read once, strictly, or the reason why not.

use std::fmt;
use std::sync::OnceLock;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::record::parse::MAX_MEMBERS;
use crate::record::reject::{RejectCode, Rejection, below};

/// The longest name that a message repeats.
const MAX_SHOWN_NAME_BYTES: usize = 40;

/// Beyond this a row is not read to its end. Twice what a record may have, so that one slightly too large is told so with
/// its source.
const MAX_ROW_MEMBERS: usize = 2 * MAX_MEMBERS;

const TOO_MANY: &str = "too many members";

/// One row, before anybody looked at what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its place among the rows, from 0.
    pub index: usize,
    /// Its bytes as they came.
    pub raw: Vec<u8>,
    /// What whoever made the row is not sure of: it does not stand, whatever else it says.
    pub doubts: Vec<Rejection>,
    json: OnceLock<Result<Json, Rejection>>,
}

impl Row {
    /// The row of some bytes; they are read when somebody asks what they say.
    pub fn read(index: usize, raw: &[u8]) -> Self {
        Row { index, raw: raw.to_vec(), doubts: Vec::new(), json: OnceLock::new() }
    }

    /// The row of a record.
    pub fn of(index: usize, record: Json) -> Self {
        Row::doubted(index, record, Vec::new())
    }

    /// The row of a record of which somebody is not sure.
    pub fn doubted(index: usize, record: Json, doubts: Vec<Rejection>) -> Self {
        Row { index, raw: record.to_string().into_bytes(), doubts, json: Ok(record).into() }
    }

    /// What its bytes say.
    ///
    /// # Errors
    /// They are no JSON, or the row was refused before it was read.
    pub fn json(&self) -> Result<&Json, &Rejection> {
        self.json.get_or_init(|| read(&self.raw)).as_ref()
    }

    /// Its bytes, unless nobody may take them as they are.
    pub fn unrefused(&self) -> Option<&[u8]> {
        match self.json.get() {
            Some(Err(_)) => None,
            Some(Ok(_)) | None => Some(self.raw.as_slice()).filter(|_| self.doubts.is_empty()),
        }
    }

    /// A row that is refused before it is read.
    pub fn refused(index: usize, raw: &[u8], fault: Rejection) -> Self {
        Row { index, raw: raw.to_vec(), doubts: Vec::new(), json: Err(fault).into() }
    }
}

/// One JSON value and nothing after it, in which no object states a member twice.
fn read(raw: &[u8]) -> Result<Json, Rejection> {
    let mut notes = Notes::default();
    let mut reader = serde_json::Deserializer::from_slice(raw);
    let strict = Strict { pointer: "", notes: &mut notes };
    let json = strict
        .deserialize(&mut reader)
        .and_then(|json| reader.end().map(|()| json))
        .map_err(|error| syntax_fault(&error))?;
    match notes.twice {
        Some(fault) => Err(fault),
        None => Ok(json),
    }
}

fn syntax_fault(error: &serde_json::Error) -> Rejection {
    let reason = reason(error);
    if reason == TOO_MANY {
        let what = format!("the row has more than {MAX_ROW_MEMBERS} members");
        return Rejection::new(RejectCode::TooMany, "", &what, "send one record per row");
    }
    if reason == "recursion limit exceeded" {
        return Rejection::new(RejectCode::TooDeep, "", "the row is nested too deep to be read", "flatten it");
    }
    let what = format!("not JSON at line {}, column {}: {reason}", error.line(), error.column());
    Rejection::new(RejectCode::NotJson, "", &what, "send each record as one JSON object")
}

/// The words of a syntax error without its place.
pub fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// What is noticed while a row is read.
#[derive(Default)]
struct Notes {
    members: usize,
    twice: Option<Rejection>,
}

impl Notes {
    /// Stops a row of which each byte could become a value of its own.
    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.members += 1;
        if self.members > MAX_ROW_MEMBERS {
            return Err(E::custom(TOO_MANY));
        }
        Ok(())
    }
}

/// Builds a JSON value and notes the first member that an object states twice; two readers could take it two ways.
struct Strict<'a> {
    pointer: &'a str,
    notes: &'a mut Notes,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        loop {
            let pointer = format!("{}/{}", self.pointer, list.len());
            let item = Strict { pointer: &pointer, notes: &mut *self.notes };
            match items.next_element_seed(item)? {
                Some(value) => {
                    self.notes.count()?;
                    list.push(value);
                }
                None => return Ok(Json::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            self.notes.count()?;
            let pointer = below(self.pointer, &name);
            let value = members.next_value_seed(Strict { pointer: &pointer, notes: &mut *self.notes })?;
            if object.contains_key(&name) && self.notes.twice.is_none() {
                self.notes.twice = Some(stated_twice(self.pointer, &name));
            }
            object.insert(name, value);
        }
        Ok(Json::Object(object))
    }
}

/// A name can be anything; only one that looks like a field's is repeated.
fn stated_twice(object: &str, name: &str) -> Rejection {
    let plain = name.len() <= MAX_SHOWN_NAME_BYTES && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    let (pointer, what) = if plain {
        (below(object, name), format!("`{name}` is stated twice"))
    } else {
        (object.to_owned(), "a member is stated twice".to_owned())
    };
    Rejection::new(RejectCode::DuplicateKey, &pointer, &what, "state it once")
}
