//! What may stand in a record as an author writes it, so that a misspelt member is not taken for one that siaga ignores.

use std::collections::BTreeSet;

use crate::record::schema::Schema;

/// The members of a record that are no fields.
const ENVELOPE: [&str; 6] = ["id", "source", "kind", "occurred_at", "received_at", "withdrawn"];

/// What a member of a record is.
#[derive(Debug)]
pub enum Member<'a> {
    /// Of the envelope, or a field.
    Known,
    /// Others stand below it.
    Section,
    /// The schema has no such one: these stand in its place.
    Unknown(BTreeSet<&'a str>),
}

/// The path of a member below another one, or at the top where that is empty.
pub fn below(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// What stands in a record under a name, below a path.
pub fn member<'a>(schema: &'a Schema, prefix: &str, name: &str) -> Member<'a> {
    let path = below(prefix, name);
    if schema.is_section(&path) {
        return Member::Section;
    }
    if schema.field_id(&path).is_some() || (prefix.is_empty() && ENVELOPE.contains(&name)) {
        return Member::Known;
    }
    let fields = schema.fields().iter().filter_map(|field| first_below(prefix, &field.path));
    Member::Unknown(if prefix.is_empty() { fields.chain(ENVELOPE).collect() } else { fields.collect() })
}

/// The part of a field's path that comes after a prefix.
fn first_below<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    let rest = if prefix.is_empty() { path } else { path.strip_prefix(prefix)?.strip_prefix('.')? };
    rest.split('.').next()
}
