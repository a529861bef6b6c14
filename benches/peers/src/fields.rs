//! The 46 leaf fields of a record, and what rules may ask of each.

/// The type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// A day, `2024-05-17`; its texts order as the days do.
    Date,
    /// An instant, RFC 3339; no rule asks for one.
    Moment,
    /// True or false.
    Flag,
}

/// A kind of predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Equal to a text.
    Equal,
    /// One of two to five texts.
    OneOf,
    /// A comparison of numbers.
    Number,
    /// A comparison of days.
    Date,
    /// Begins with a text of one of these lengths.
    Prefix(&'static [usize]),
    /// True, or false.
    Flag,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Dotted path.
    pub path: &'static str,
    /// The type of its value.
    pub ty: Type,
    /// What rules may ask.
    pub asks: &'static [Ask],
}

const fn field(path: &'static str, ty: Type, asks: &'static [Ask]) -> Field {
    Field { path, ty, asks }
}

const WORD: &[Ask] = &[Ask::Equal, Ask::OneOf];
const NUMBER: &[Ask] = &[Ask::Number];
const DATE: &[Ask] = &[Ask::Date];
const FLAG: &[Ask] = &[Ask::Flag];

/// All fields, sections together; the protected ones are asked for by no rule.
pub const FIELDS: [Field; 46] = [
    field("id", Type::Text, &[]),
    field("source", Type::Text, &[]),
    field("kind", Type::Text, &[]),
    field("occurred_at", Type::Moment, &[]),
    field("person.passport.number", Type::Text, &[]),
    field("person.passport.issuer", Type::Text, &[]),
    field("person.passport.expires_on", Type::Date, DATE),
    field("person.name", Type::Text, &[]),
    field("person.nationality", Type::Text, &[]),
    field("person.sex", Type::Text, &[]),
    field("person.born_on", Type::Date, DATE),
    field("place.kabupaten", Type::Text, WORD),
    field("place.kecamatan", Type::Text, &[Ask::Equal, Ask::OneOf, Ask::Prefix(&[5, 7])]),
    field("place.tps", Type::Text, &[Ask::Equal, Ask::OneOf, Ask::Prefix(&[2, 4, 5])]),
    field("place.lat", Type::Number, NUMBER),
    field("place.lon", Type::Number, NUMBER),
    field("lodging.id", Type::Text, &[Ask::Equal, Ask::OneOf, Ask::Prefix(&[7, 8])]),
    field("lodging.room", Type::Text, WORD),
    field("lodging.check_in", Type::Date, DATE),
    field("lodging.check_out", Type::Date, DATE),
    field("permit.kind", Type::Text, WORD),
    field("permit.index", Type::Text, &[Ask::Equal, Ask::OneOf, Ask::Prefix(&[1, 2])]),
    field("permit.number", Type::Text, &[Ask::Prefix(&[2, 3, 4])]),
    field("permit.valid_from", Type::Date, DATE),
    field("permit.valid_until", Type::Date, DATE),
    field("permit.sponsor_id", Type::Text, &[Ask::Equal, Ask::OneOf, Ask::Prefix(&[4, 5])]),
    field("permit.may_work", Type::Flag, FLAG),
    field("permit.may_report", Type::Flag, FLAG),
    field("permit.extensions", Type::Int, NUMBER),
    field("crossing.checkpoint", Type::Text, WORD),
    field("crossing.carrier", Type::Text, &[Ask::Equal, Ask::OneOf, Ask::Prefix(&[3, 4])]),
    field("work.employer_id", Type::Text, &[Ask::Equal, Ask::OneOf, Ask::Prefix(&[4, 5])]),
    field("work.position", Type::Text, WORD),
    field("work.site", Type::Text, WORD),
    field("work.valid_until", Type::Date, DATE),
    field("activity.event_kind", Type::Text, WORD),
    field("activity.role", Type::Text, WORD),
    field("activity.agency", Type::Text, WORD),
    field("donation.amount", Type::Number, NUMBER),
    field("donation.foreign_share", Type::Number, NUMBER),
    field("stay.purpose", Type::Text, WORD),
    field("stay.people", Type::Int, NUMBER),
    field("stay.nights", Type::Int, NUMBER),
    field("stay.visits", Type::Int, NUMBER),
    field("stay.escorted", Type::Flag, FLAG),
    field("stay.walk_in", Type::Flag, FLAG),
];

/// The fields that siaga's own schema lacks, with the type and group of `fields.toml`.
pub const OF_THE_PACK: [(&str, &str, &str); 7] = [
    ("permit.extensions", "int", "permit"),
    ("stay.purpose", "text", "lodging"),
    ("stay.people", "int", "lodging"),
    ("stay.nights", "int", "lodging"),
    ("stay.visits", "int", "lodging"),
    ("stay.escorted", "bool", "lodging"),
    ("stay.walk_in", "bool", "lodging"),
];

/// The kinds of records, their share of 100, who sends them, and what siaga's schema requires of each beside a passport.
pub const KINDS: [(&str, i64, &str, &[&str]); 8] = [
    ("lodging.check_in", 34, "apoa", &["lodging.id"]),
    ("crossing.entry", 15, "lintas", &["crossing.checkpoint"]),
    ("permit.issued", 13, "kanim", &["permit.kind"]),
    ("permit.extended", 10, "kanim", &["permit.valid_until"]),
    ("work.found", 9, "disnaker", &["work.employer_id"]),
    ("lodging.check_out", 9, "apoa", &["lodging.id"]),
    ("crossing.exit", 5, "lintas", &["crossing.checkpoint"]),
    ("activity.reported", 5, "bawaslu", &["activity.event_kind", "activity.role"]),
];

/// What every record states: without it siaga refuses the record, or no agency is responsible for it.
pub const ALWAYS: [&str; 7] =
    ["id", "source", "kind", "occurred_at", "person.passport.number", "person.passport.issuer", "place.kabupaten"];

/// The place of a field.
pub fn index(path: &str) -> Option<usize> {
    FIELDS.iter().position(|field| field.path == path)
}
