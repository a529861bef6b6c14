//! Literal values of rule files: texts, numbers, lists and maps, whoever read them.

use rhai::{Expr, Position, Stmt};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value that stands written out.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal<'a> {
    /// `()`
    Nothing,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// `[...]`
    List(Vec<Literal<'a>>),
    /// `#{...}`
    Map(Vec<(&'a str, Literal<'a>)>),
}

impl<'a> Literal<'a> {
    /// The text, where it is one.
    pub fn text(&self) -> Option<&'a str> {
        match self {
            Literal::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value that an expression is; otherwise the parts that are not written out join `faults`.
    pub fn of(expr: &'a Expr, faults: &mut Vec<&'a Expr>) -> Option<Self> {
        Some(match expr {
            Expr::Unit(_) => Literal::Nothing,
            Expr::BoolConstant(value, _) => Literal::Bool(*value),
            Expr::IntegerConstant(value, _) => Literal::Int(*value),
            Expr::FloatConstant(value, _) => Literal::Number(**value),
            Expr::StringConstant(text, _) => Literal::Text(text),
            Expr::Array(items, _) => {
                let items: Vec<Option<Self>> = items.iter().map(|item| Literal::of(item, faults)).collect();
                Literal::List(items.into_iter().collect::<Option<_>>()?)
            }
            Expr::Map(map, _) => {
                let entries = map.0.iter().map(|(key, value)| Some((key.name.as_str(), Literal::of(value, faults)?)));
                Literal::Map(entries.collect::<Option<_>>()?)
            }
            other => match inner(other) {
                Some(inner) => Literal::of(inner, faults)?,
                None => {
                    faults.push(other);
                    return None;
                }
            },
        })
    }
}

/// The expression that a block of one is.
fn inner(expr: &Expr) -> Option<&Expr> {
    let Expr::Stmt(block) = expr else { return None };
    match block.statements() {
        [Stmt::Expr(inner)] => Some(inner),
        _ => None,
    }
}

/// As JSON; a number that is none is `null`.
impl Serialize for Literal<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Literal::Nothing => to.serialize_unit(),
            Literal::Bool(value) => to.serialize_bool(*value),
            Literal::Int(value) => to.serialize_i64(*value),
            Literal::Number(value) => to.serialize_f64(*value),
            Literal::Text(text) => to.serialize_str(text),
            Literal::List(items) => to.collect_seq(items),
            Literal::Map(entries) => {
                let mut map = to.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// A literal value, or the expression that may be one.
#[derive(Clone, Copy, Debug)]
pub enum Written<'a> {
    /// As rhai parsed it.
    Parsed(&'a Expr),
    /// As [`super::lift`] read it, which keeps no places.
    Lifted(&'a Literal<'a>),
}

/// A key of a map, where it stands, and its value.
pub type WrittenEntry<'a> = (&'a str, Position, Written<'a>);

impl<'a> Written<'a> {
    /// The items of a list.
    pub fn items(self) -> Option<Vec<Written<'a>>> {
        match self {
            Written::Parsed(Expr::Array(items, _)) => Some(items.iter().map(Written::Parsed).collect()),
            Written::Lifted(Literal::List(items)) => Some(items.iter().map(Written::Lifted).collect()),
            _ => None,
        }
    }

    /// A text, and where it stands.
    pub fn text(self) -> Option<(&'a str, &'a Expr)> {
        match self {
            Written::Parsed(expr @ Expr::StringConstant(text, _)) => Some((text, expr)),
            _ => None,
        }
    }

    /// The entries of a map, and where it begins.
    pub fn entries(self) -> Option<(Vec<WrittenEntry<'a>>, Position)> {
        match self {
            Written::Parsed(Expr::Map(map, at)) => {
                let entries = map.0.iter().map(|(key, value)| (key.name.as_str(), key.pos, Written::Parsed(value)));
                Some((entries.collect(), *at))
            }
            Written::Lifted(Literal::Map(entries)) => {
                let entries = entries.iter().map(|(key, value)| (*key, Position::NONE, Written::Lifted(value)));
                Some((entries.collect(), Position::NONE))
            }
            _ => None,
        }
    }
}
