//! The generator of rules: conjunctions of three to six predicates whose constants are the records' own values.

use crate::columns::Columns;
use crate::draw::Draw;
use crate::fields::{Ask, FIELDS};
use crate::record::{Record, Value};
use crate::rule::{Order, Predicate, Rule, Test};

/// How many predicates a rule has, with weights; 4.07 on average.
const LENGTHS: [(usize, i64); 4] = [(3, 35), (4, 35), (5, 18), (6, 12)];

/// What is asked, with weights; a prefix's lengths are the field's own.
const ASKS: [(Ask, i64); 6] =
    [(Ask::Equal, 34), (Ask::OneOf, 19), (Ask::Number, 17), (Ask::Date, 13), (Ask::Prefix(&[]), 9), (Ask::Flag, 8)];

/// No rule matches a larger share of the records; it is looked for on all of them.
pub const LARGEST_SHARE: f64 = 0.005;

/// The share of the records that a rule matches on average.
pub const MEAN_SHARE: f64 = 0.0009;

/// So many rules of a seed; the first hundred are the same, however many follow.
///
/// Each is drawn around a record, which it therefore matches. One that matches too many is drawn again; once those so far
/// match more than the mean, only those that match less are taken.
pub fn generate(seed: u64, records: &[Record], columns: &Columns, count: usize) -> Vec<Rule> {
    let mut draw = Draw::new(seed, 1);
    let total = records.len() as f64;
    // of few records one is already a larger share
    let low = MEAN_SHARE.max(1.0 / total);
    let mut sum = 0.0;
    let mut rules = Vec::with_capacity(count);
    while rules.len() < count {
        let example = draw.index(records.len());
        let length = *draw.weighted(&LENGTHS);
        // the mean length must not depend on which lengths match little
        let rule = loop {
            let predicates = predicates(&mut draw, records, example, length);
            let is_mean_high = sum > MEAN_SHARE * rules.len() as f64;
            let limit = if is_mean_high { low } else { LARGEST_SHARE };
            if let Some(share) = columns.share(&predicates, limit) {
                sum += share;
                break Rule { number: rules.len(), predicates, example };
            }
        };
        rules.push(rule);
    }
    rules
}

fn predicates(draw: &mut Draw, records: &[Record], example: usize, length: usize) -> Vec<Predicate> {
    let mut predicates: Vec<Predicate> = Vec::with_capacity(length);
    while predicates.len() < length {
        let ask = *draw.weighted(&ASKS);
        let same = |known: &&Ask| std::mem::discriminant(*known) == std::mem::discriminant(&ask);
        let fields: Vec<(usize, Ask)> = (0..FIELDS.len())
            .filter(|field| predicates.iter().all(|predicate| predicate.field != *field))
            .filter_map(|field| Some((field, *FIELDS[field].asks.iter().find(same)?)))
            .collect();
        if fields.is_empty() {
            continue;
        }
        let (field, ask) = *draw.pick(&fields);
        if let Some(test) = test(draw, records, example, field, ask) {
            predicates.push(Predicate { field, test });
        }
    }
    predicates
}

/// A test that the example passes; none where it does not state the field.
fn test(draw: &mut Draw, records: &[Record], example: usize, field: usize, ask: Ask) -> Option<Test> {
    let value = records[example].0[field].as_ref()?;
    let other = |draw: &mut Draw| records[draw.index(records.len())].0[field].clone();
    Some(match (ask, value) {
        (Ask::Equal, Value::Text(text)) => Test::Equal(text.clone()),
        (Ask::OneOf, Value::Text(text)) => {
            let more = (0..draw.between(1, 4)).filter_map(|_| other(draw)?.as_text().map(str::to_owned));
            let mut texts: Vec<String> = more.chain([text.clone()]).collect();
            texts.sort_unstable();
            texts.dedup();
            Test::OneOf(texts)
        }
        (Ask::Number, Value::Number(number)) => {
            let Value::Number(bound) = other(draw)? else { return None };
            Test::Number(order(draw, number.total_cmp(&bound)), bound)
        }
        (Ask::Date, Value::Text(day)) => {
            let Value::Text(bound) = other(draw)? else { return None };
            Test::Date(order(draw, day.cmp(&bound)), bound)
        }
        (Ask::Prefix(lengths), Value::Text(text)) => Test::Prefix(text.get(..*draw.pick(lengths))?.to_owned()),
        (Ask::Flag, Value::Flag(flag)) => Test::Flag(*flag),
        _ => return None,
    })
}

/// An order that holds for values that stand so.
fn order(draw: &mut Draw, stands: std::cmp::Ordering) -> Order {
    match (stands, draw.chance(50)) {
        (std::cmp::Ordering::Less, true) => Order::Less,
        (std::cmp::Ordering::Less | std::cmp::Ordering::Equal, false) => Order::AtMost,
        (std::cmp::Ordering::Greater, false) => Order::More,
        (std::cmp::Ordering::Greater | std::cmp::Ordering::Equal, true) => Order::AtLeast,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records;

    #[test]
    fn rules_are_as_described() {
        let records = records::generate(3, 2_000);
        let columns = Columns::new(&records);
        let rules = generate(3, &records, &columns, 300);
        let again = generate(3, &records, &columns, 100);
        assert!(rules.iter().zip(&again).all(|(a, b)| a.predicates == b.predicates), "the first rules stay the same");
        let conjuncts: usize = rules.iter().map(|rule| rule.predicates.len()).sum();
        assert!((3.9..4.3).contains(&(conjuncts as f64 / 300.0)), "{conjuncts}");
        for rule in &rules {
            let matches = columns.matches(rule).len();
            assert!((1..=10).contains(&matches) && rule.matches(&records[rule.example]), "{rule:?}");
        }
    }
}
