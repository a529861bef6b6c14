//! Rules as the benchmark means them, before any engine's language: conjunctions of predicates over fields.

use crate::fields::{FIELDS, Type};
use crate::record::{Record, Value};

/// How a number or a day stands to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

impl Order {
    /// The operator, which all the languages write alike.
    pub fn sign(self) -> &'static str {
        match self {
            Order::Less => "<",
            Order::AtMost => "<=",
            Order::More => ">",
            Order::AtLeast => ">=",
        }
    }

    fn holds<T: PartialOrd + ?Sized>(self, value: &T, bound: &T) -> bool {
        match self {
            Order::Less => value < bound,
            Order::AtMost => value <= bound,
            Order::More => value > bound,
            Order::AtLeast => value >= bound,
        }
    }
}

/// What a predicate asks of its field. All of it is false where the field is not stated.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Is this text.
    Equal(String),
    /// Is one of these texts.
    OneOf(Vec<String>),
    /// Compares so with this number.
    Number(Order, f64),
    /// Compares so with this day.
    Date(Order, String),
    /// Begins so.
    Prefix(String),
    /// Is true, or false.
    Flag(bool),
}

/// One conjunct.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// The field's place in [`FIELDS`].
    pub field: usize,
    /// What is asked.
    pub test: Test,
}

impl Predicate {
    /// The field's dotted path.
    pub fn path(&self) -> &'static str {
        FIELDS[self.field].path
    }

    /// Whether it holds.
    pub fn holds(&self, record: &Record) -> bool {
        let Some(value) = &record.0[self.field] else { return false };
        match (&self.test, value) {
            (Test::Equal(wanted), Value::Text(text)) => text == wanted,
            (Test::OneOf(wanted), Value::Text(text)) => wanted.contains(text),
            (Test::Number(order, bound), Value::Number(number)) => order.holds(number, bound),
            (Test::Date(order, bound), Value::Text(day)) => order.holds(day.as_str(), bound.as_str()),
            (Test::Prefix(prefix), Value::Text(text)) => text.starts_with(prefix),
            (Test::Flag(wanted), Value::Flag(flag)) => flag == wanted,
            _ => false,
        }
    }
}

/// One rule: all of its predicates, each over another field.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its number, from 0.
    pub number: usize,
    /// Its conjuncts.
    pub predicates: Vec<Predicate>,
    /// A record that it matches, by its place.
    pub example: usize,
}

impl Rule {
    /// Whether it matches.
    pub fn matches(&self, record: &Record) -> bool {
        self.predicates.iter().all(|predicate| predicate.holds(record))
    }
}

/// A day as a whole number that orders as the days do, for engines that compare numbers only: `20240517`.
pub fn day_number(day: &str) -> Option<i64> {
    let digits = day.as_bytes();
    if digits.len() != 10 {
        return None;
    }
    digits
        .iter()
        .filter(|b| **b != b'-')
        .try_fold(0, |number, b| b.is_ascii_digit().then(|| number * 10 + i64::from(b - b'0')))
}

/// The paths of the fields that are days.
pub fn days() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter(|field| field.ty == Type::Date).map(|field| field.path)
}
