//! Records column by column, so that many rules can be tried on many records: what the engines must agree with.

use crate::fields::FIELDS;
use crate::record::{Record, Value};
use crate::rule::{Order, Predicate, Rule, Test};

/// Records on which a rule is tried first.
const SAMPLE: usize = 2_000;

/// The values of all records by field, each as a number that orders as the values do.
pub struct Columns {
    columns: Vec<Column>,
    rows: usize,
}

struct Column {
    /// Distinct texts in order; a text's code is its place.
    texts: Vec<String>,
    /// NaN where nothing is stated: every comparison with it is false.
    codes: Vec<f64>,
}

/// A predicate over codes.
enum Codes {
    OneOf(Vec<f64>),
    Compared(Order, f64),
    /// From the first, below the second.
    Within(f64, f64),
}

impl Columns {
    /// The columns of some records.
    pub fn new(records: &[Record]) -> Self {
        let columns = (0..FIELDS.len()).map(|field| Column::new(records, field)).collect();
        Columns { columns, rows: records.len() }
    }

    /// The places of the records that a rule matches, in order.
    pub fn matches(&self, rule: &Rule) -> Vec<u32> {
        self.among(self.rows, &rule.predicates)
    }

    /// The share of all records in which all predicates hold; none where a sample says that it is above the limit.
    pub fn share(&self, predicates: &[Predicate], limit: f64) -> Option<f64> {
        let sample = self.rows.min(SAMPLE);
        let in_sample = self.among(sample, predicates).len() as f64 / sample as f64;
        if sample < self.rows && in_sample > 2.0 * limit {
            return None;
        }
        let share = self.among(self.rows, predicates).len() as f64 / self.rows as f64;
        (share <= limit).then_some(share)
    }

    /// The places of the records among the first `rows` in which all predicates hold, in order.
    fn among(&self, rows: usize, predicates: &[Predicate]) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..u32::try_from(rows).unwrap_or(u32::MAX)).collect();
        for predicate in predicates {
            let column = &self.columns[predicate.field];
            let codes = column.coded(&predicate.test);
            rows.retain(|row| codes.hold(column.codes[*row as usize]));
        }
        rows
    }

    /// For each record the numbers of the rules that match it, in order.
    pub fn matched(&self, rules: &[Rule]) -> Vec<Vec<u32>> {
        let mut matched = vec![Vec::new(); self.rows];
        for rule in rules {
            let number = u32::try_from(rule.number).unwrap_or(u32::MAX);
            for row in self.matches(rule) {
                matched[row as usize].push(number);
            }
        }
        matched
    }
}

impl Column {
    fn new(records: &[Record], field: usize) -> Self {
        let values = || records.iter().map(|record| record.0[field].as_ref());
        let mut texts: Vec<&str> = values().flatten().filter_map(Value::as_text).collect();
        texts.sort_unstable();
        texts.dedup();
        let code = |value: Option<&Value>| match value {
            None => f64::NAN,
            Some(Value::Number(number)) => *number,
            Some(Value::Flag(flag)) => f64::from(u8::from(*flag)),
            Some(Value::Text(text)) => place(&texts, text),
        };
        let codes = values().map(code).collect();
        Column { texts: texts.into_iter().map(str::to_owned).collect(), codes }
    }

    fn coded(&self, test: &Test) -> Codes {
        let known = |text: &str| self.texts.binary_search_by(|t| t.as_str().cmp(text)).ok().map(|place| place as f64);
        match test {
            Test::Equal(text) => Codes::OneOf(known(text).into_iter().collect()),
            Test::OneOf(texts) => Codes::OneOf(texts.iter().filter_map(|text| known(text)).collect()),
            Test::Number(order, bound) => Codes::Compared(*order, *bound),
            Test::Date(order, bound) => {
                let from = self.texts.partition_point(|text| text < bound) as f64;
                let after = self.texts.partition_point(|text| text <= bound) as f64;
                match order {
                    Order::Less => Codes::Compared(Order::Less, from),
                    Order::AtMost => Codes::Compared(Order::Less, after),
                    Order::More => Codes::Compared(Order::AtLeast, after),
                    Order::AtLeast => Codes::Compared(Order::AtLeast, from),
                }
            }
            Test::Prefix(prefix) => {
                let from = self.texts.partition_point(|text| text < prefix);
                let until = self.texts.partition_point(|text| text < prefix || text.starts_with(prefix));
                Codes::Within(from as f64, until as f64)
            }
            Test::Flag(wanted) => Codes::OneOf(vec![f64::from(u8::from(*wanted))]),
        }
    }
}

impl Codes {
    fn hold(&self, code: f64) -> bool {
        match self {
            Codes::OneOf(wanted) => wanted.contains(&code),
            Codes::Compared(Order::Less, bound) => code < *bound,
            Codes::Compared(Order::AtMost, bound) => code <= *bound,
            Codes::Compared(Order::More, bound) => code > *bound,
            Codes::Compared(Order::AtLeast, bound) => code >= *bound,
            Codes::Within(from, until) => code >= *from && code < *until,
        }
    }
}

fn place(texts: &[&str], text: &str) -> f64 {
    texts.partition_point(|known| *known < text) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{records, rules};

    #[test]
    fn columns_and_records_agree() {
        let records = records::generate(7, 1_000);
        let columns = Columns::new(&records);
        let rules = rules::generate(7, &records, &columns, 60);
        for rule in &rules {
            let one_by_one: Vec<u32> = (0..1_000).filter(|row| rule.matches(&records[*row as usize])).collect();
            assert_eq!(columns.matches(rule), one_by_one, "{rule:?}");
        }
    }
}
