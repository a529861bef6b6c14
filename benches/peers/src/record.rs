//! Records as values in the order of the fields, and as lines of JSON.

use std::fmt::Write as _;

use crate::fields::{FIELDS, index};

/// The value of one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, a day or an instant.
    Text(String),
    /// A number; whole numbers are written without a fraction.
    Number(f64),
    /// True or false.
    Flag(bool),
}

impl Value {
    /// Text from a slice.
    pub fn text(text: &str) -> Self {
        Value::Text(text.to_owned())
    }

    /// The text, where this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Flag(_) => None,
        }
    }

    /// As JSON, Rust and rhai write it: the texts here have nothing to escape.
    pub fn literal(&self) -> String {
        match self {
            Value::Text(text) => format!("\"{text}\""),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
        }
    }
}

/// One record: a value or nothing for each of [`FIELDS`].
#[derive(Clone, Debug)]
pub struct Record(pub Vec<Option<Value>>);

impl Record {
    /// The value at a path.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(index(path)?)?.as_ref()
    }

    /// The line of JSON.
    pub fn json(&self) -> String {
        self.nested("{", |name| format!("\"{name}\":"), ",", |_| true)
    }

    /// A map literal of the rule language, of the fields that are wanted.
    pub fn map(&self, wanted: impl Fn(&str) -> bool) -> String {
        self.nested("#{ ", |name| format!("{name}: "), ", ", wanted).replace('}', " }")
    }

    /// The fields in their sections: how an object opens, a name is written, members are parted.
    fn nested(&self, open: &str, named: impl Fn(&str) -> String, part: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut out = String::from(open);
        let mut sections: Vec<&str> = Vec::new();
        let mut first = true;
        for (field, value) in FIELDS.iter().zip(&self.0) {
            let Some(value) = value.as_ref().filter(|_| wanted(field.path)) else { continue };
            let mut names: Vec<&str> = field.path.split('.').collect();
            let name = names.pop().unwrap_or_default();
            let shared = sections.iter().zip(&names).take_while(|(a, b)| a == b).count();
            out.extend(std::iter::repeat_n('}', sections.len() - shared));
            sections.truncate(shared);
            if !first {
                out.push_str(part);
            }
            for section in &names[shared..] {
                out.push_str(&named(section));
                out.push_str(open);
                sections.push(section);
            }
            let _ = write!(out, "{}{}", named(name), value.literal());
            first = false;
        }
        out.extend(std::iter::repeat_n('}', sections.len() + 1));
        out
    }
}
