//! What may stand at a place of a rule file: which sorts of names, told by the brackets, keys and calls around it.

use crate::record::schema::Schema;

use super::lexer::{Frame, Look, Opener, Within};
use super::token::{Base, Token, path};

/// A sort of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Host functions.
    Function,
    /// `record`, the trigger.
    Record,
    /// The file's own helpers.
    Helper,
    /// The rule's `values`.
    Value,
    /// The parameters of the helper around.
    Parameter,
    /// What a rule file begins with.
    Skeleton,
    /// Keys of a rule.
    RuleKey,
    /// Keys of a test.
    TestKey,
    /// Keys of a deadline's step.
    StepKey,
    /// What a section of a test's record can state; the path of the section, empty for the record itself.
    Stated(String),
    /// Fields below a section, empty for the record itself.
    Field(String),
    /// Fields and subject kinds, by which records are matched.
    Match,
    /// `starts` and `ends`.
    StageEnd,
    /// Record kinds.
    Kind,
    /// Thresholds.
    Threshold,
    /// Phases.
    Phase,
    /// `otherwise`.
    Otherwise,
    /// Stages.
    Stage,
    /// Citations.
    Citation,
    /// Roles.
    Role,
    /// Agencies.
    Agency,
    /// Reference lists.
    List,
    /// Rules of the pack.
    Rule,
    /// The rule of this file.
    OwnRule,
    /// Subject kinds.
    Subject,
    /// Severities.
    Severity,
    /// How far a rule has come.
    Status,
    /// How often a matter becomes an alert.
    Occasion,
    /// What each deadline is for.
    Each,
    /// Words of a field with a closed list of them.
    Word(String),
    /// Kabupaten of the pack.
    Kabupaten,
    /// Sources of the pack.
    Source,
    /// Groups of fields, by which agencies see them.
    Group,
}

/// What may stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Names that stand as they are.
    pub bare: Vec<Sort>,
    /// Names that stand in quotes; the quotes are there already where `bare` is empty and the place is in a text.
    pub quoted: Vec<Sort>,
    /// Where what was written of the name so far begins.
    pub start: usize,
    /// Whether the place is between quotes.
    pub is_text: bool,
}

/// Tells what may stand at the place of a look.
pub fn expected(look: &Look, schema: &Schema) -> Expected {
    match look.within {
        Within::Words => Expected::default(),
        Within::Text(start) => {
            Expected { bare: Vec::new(), quoted: texts(look, schema), start: start + 1, is_text: true }
        }
        Within::Code(start) => {
            let bare = names(look, schema);
            let is_member = look.top().is_some_and(|top| top.tokens.last() == Some(&Token::Dot));
            let quoted = if is_member { Vec::new() } else { texts(look, schema) };
            Expected { bare, quoted, start, is_text: false }
        }
    }
}

/// The sorts that stand in quotes here.
fn texts(look: &Look, schema: &Schema) -> Vec<Sort> {
    let Some(top) = look.top() else { return Vec::new() };
    if let [before @ .., Token::Operator(operator)] = top.tokens.as_slice()
        && matches!(operator.as_str(), "==" | "!=")
    {
        return compared(before, schema);
    }
    if let (Opener::List, Some(outer)) = (&top.opener, look.outer())
        && let [before @ .., Token::Word(word, _)] = outer.tokens.as_slice()
        && word == "in"
    {
        return compared(before, schema);
    }
    match (&top.opener, look.outer()) {
        (Opener::Call(name), _) if name == "rule" => {
            if top.part == 0 {
                vec![Sort::OwnRule]
            } else {
                Vec::new()
            }
        }
        (Opener::Call(name), _) => argument(name, top),
        (Opener::Map, Some(Frame { opener: Opener::Call(name), .. })) if name != "rule" => match &top.key {
            None => vec![Sort::Match],
            Some(field) => words(field, schema),
        },
        _ => look.chain().map(|chain| literal(&chain, top, schema)).unwrap_or_default(),
    }
}

/// The sorts that a text argument of a call can be of.
fn argument(function: &str, call: &Frame) -> Vec<Sort> {
    let sort = match (function, call.part) {
        ("seen" | "count" | "first" | "last" | "in_force" | "median_count", 0) => Sort::Kind,
        ("distinct" | "overlaps", 0) => Sort::Match,
        ("distinct" | "overlaps", 1) => Sort::Kind,
        ("threshold", 0) => Sort::Threshold,
        ("listed", 0) => Sort::List,
        ("stage", 0) => Sort::Stage,
        _ => return Vec::new(),
    };
    vec![sort]
}

/// The sorts that the literal value of a key can be of.
fn literal(chain: &[String], top: &Frame, schema: &Schema) -> Vec<Sort> {
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    let is_key = top.opener == Opener::Map && top.key.is_none();
    if is_key {
        return Vec::new();
    }
    let sort = match chain.as_slice() {
        ["on"] => Sort::Kind,
        ["phases"] => Sort::Phase,
        ["severity", ..] | ["steps" | "tests", "severity"] => Sort::Severity,
        ["notify"] if top.opener == Opener::List => Sort::Role,
        ["basis"] | ["steps", "basis"] => Sort::Citation,
        ["per"] => Sort::Subject,
        ["once_per"] => Sort::Occasion,
        ["each"] => Sort::Each,
        ["status"] => Sort::Status,
        ["suppresses"] => Sort::Rule,
        ["tests", "fires"] => Sort::OwnRule,
        ["tests", "told"] => Sort::Agency,
        ["tests", "records", "kind"] => Sort::Kind,
        ["tests", "records", "source"] => Sort::Source,
        ["tests", "records", "place", "kabupaten"] => Sort::Kabupaten,
        ["tests", "records", field @ ..] => return words(&field.join("."), schema),
        _ => return Vec::new(),
    };
    vec![sort]
}

/// The words that what stands before a comparison can equal.
fn compared(before: &[Token], schema: &Schema) -> Vec<Sort> {
    let Some((base, names)) = path(before) else { return Vec::new() };
    if let (Base::Call(name, _), []) = (&base, names.as_slice()) {
        return if matches!(name.as_str(), "phase" | "phase_now") { vec![Sort::Phase] } else { Vec::new() };
    }
    let section = section(&base, schema).unwrap_or_default();
    let field = joined(&section, &names);
    match field.as_str() {
        "kind" => vec![Sort::Kind],
        "source" => vec![Sort::Source],
        "place.kabupaten" => vec![Sort::Kabupaten],
        field => words(field, schema),
    }
}

fn words(field: &str, schema: &Schema) -> Vec<Sort> {
    if schema.field_id(field).is_some() { vec![Sort::Word(field.to_owned())] } else { Vec::new() }
}

/// The section of a record that a path begins with; empty for a whole record.
fn section(base: &Base, schema: &Schema) -> Option<String> {
    match base {
        Base::Call(name, _) if name == "permit" => Some("permit".to_owned()),
        Base::Call(name, _) if matches!(name.as_str(), "first" | "last") => Some(String::new()),
        Base::Name(name) if name == "record" => Some(String::new()),
        // a helper's parameter is called after what it is given
        Base::Name(name) if schema.is_section(name) => Some(name.clone()),
        _ => None,
    }
}

fn joined(section: &str, names: &[&str]) -> String {
    let parts = [section].into_iter().filter(|section| !section.is_empty()).chain(names.iter().copied());
    parts.collect::<Vec<_>>().join(".")
}

/// The sorts that stand here as they are.
fn names(look: &Look, schema: &Schema) -> Vec<Sort> {
    let Some(top) = look.top() else { return Vec::new() };
    if let [before @ .., Token::Dot] = top.tokens.as_slice() {
        return members(before, schema);
    }
    let is_key = top.opener == Opener::Map && top.key.is_none();
    let in_query = look.outer().is_some_and(|outer| matches!(&outer.opener, Opener::Call(name) if name != "rule"));
    match (&top.opener, look.chain()) {
        (Opener::File, _) => vec![Sort::Skeleton],
        (Opener::Params(_), _) => Vec::new(),
        _ if is_key && in_query => Vec::new(),
        (_, Some(chain)) if is_key => keys(&chain),
        (_, Some(chain)) if !is_expression(&chain) => Vec::new(),
        _ if look.frames.iter().any(|frame| frame.opener == Opener::Block) => {
            vec![Sort::Parameter, Sort::Helper, Sort::Function]
        }
        (Opener::Call(name), _) if name == "rule" => Vec::new(),
        _ => vec![Sort::Record, Sort::Value, Sort::Helper, Sort::Function],
    }
}

/// Whether the value of a key is an expression.
fn is_expression(chain: &[String]) -> bool {
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    matches!(
        chain.as_slice(),
        ["when" | "unless" | "deadline" | "area" | "message" | "once_per"]
            | ["values" | "notify", _]
            | ["steps", "after"]
    )
}

fn keys(chain: &[String]) -> Vec<Sort> {
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    match chain.as_slice() {
        [] => vec![Sort::RuleKey],
        ["severity"] => vec![Sort::Phase, Sort::Otherwise],
        ["notify"] => vec![Sort::Role],
        ["steps"] => vec![Sort::StepKey],
        ["tests"] => vec![Sort::TestKey],
        ["tests", "thresholds"] => vec![Sort::Threshold],
        ["tests", "records", section @ ..] => vec![Sort::Stated(section.join("."))],
        _ => Vec::new(),
    }
}

/// What can follow a dot.
fn members(before: &[Token], schema: &Schema) -> Vec<Sort> {
    match path(before) {
        Some((Base::Call(name, _), names)) if name == "stage" && names.is_empty() => vec![Sort::StageEnd],
        Some((base, names)) => match section(&base, schema) {
            Some(section) => vec![Sort::Field(joined(&section, &names))],
            None => Vec::new(),
        },
        None => Vec::new(),
    }
}
