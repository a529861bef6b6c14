//! Whether alerts fall on some nationalities more than on others: people with an alert beside all people who were
//! reported, with every small count hidden. It is a question to the rules, not a finding about anybody.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::record::schema::core;
use crate::record::slot::{Fields, Slot};
use crate::subject::{Subject, SubjectKind};

/// Counts below this could point at a person: they are hidden.
pub const LEAST: usize = 5;
/// The normal deviate of an interval that holds in 95 of 100 cases.
const Z: f64 = 1.96;

/// People and the alerts about them.
#[derive(Debug, Default)]
pub struct Census {
    nationalities: HashMap<Arc<str>, Arc<str>>,
    alerted: HashMap<Arc<str>, BTreeSet<Arc<str>>>,
    elsewhere: BTreeSet<Arc<str>>,
}

impl Census {
    /// Takes note of the person that a record is about, if it states one with a nationality; the last one counts.
    pub fn see<F: Fields>(&mut self, record: &F) {
        let slots = [core::PASSPORT_ISSUER, core::PASSPORT_NUMBER, core::NATIONALITY].map(|field| record.slot(field));
        if let [Slot::Text(issuer), Slot::Text(number), Slot::Text(nationality)] = slots {
            self.nationalities.insert(Arc::from(format!("{issuer}:{number}")), Arc::from(nationality));
        }
    }

    /// Takes note of an alert that somebody was told of.
    pub fn alert(&mut self, id: &Arc<str>, subject: &Subject) {
        match subject.kind {
            SubjectKind::Person => drop(self.alerted.entry(subject.key.clone()).or_default().insert(id.clone())),
            _ => drop(self.elsewhere.insert(id.clone())),
        }
    }

    /// Alerts about lodgings, sponsors, events and sources rather than about one person.
    pub fn alerts_about_no_person(&self) -> usize {
        self.elsewhere.len()
    }

    /// The counts by nationality, the most people first; what was small is hidden.
    pub fn rows(&self) -> Vec<Row> {
        let mut by_nationality: BTreeMap<Arc<str>, Tally> = BTreeMap::new();
        for (person, nationality) in &self.nationalities {
            let tally = by_nationality.entry(nationality.clone()).or_default();
            tally.people += 1;
            if let Some(alerts) = self.alerted.get(person) {
                tally.with_alert += 1;
                tally.alerts += alerts.len();
            }
        }
        let mut tallies: Vec<(Arc<str>, Tally)> = by_nationality.into_iter().collect();
        tallies.sort_by(|(a, x), (b, y)| y.people.cmp(&x.people).then_with(|| a.cmp(b)));
        let people = hidden(tallies.iter().map(|(_, tally)| tally.people));
        let with_alert = hidden(tallies.iter().map(|(_, tally)| tally.with_alert));
        let row = |(index, (nationality, tally)): (usize, (Arc<str>, Tally))| {
            let people = Some(tally.people).filter(|_| !people.contains(&index));
            let told = people.is_some() && !with_alert.contains(&index);
            Row {
                nationality,
                people,
                with_alert: told.then_some(tally.with_alert),
                alerts: told.then_some(tally.alerts),
                share: told.then(|| Share::of(tally.with_alert, tally.people)),
            }
        };
        tallies.into_iter().enumerate().map(row).collect()
    }

    /// All people together.
    pub fn whole(&self) -> Whole {
        let with_alert = self.nationalities.keys().filter(|person| self.alerted.contains_key(*person)).count();
        let people = self.nationalities.len();
        Whole { people, with_alert, share: Share::of(with_alert, people) }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    people: usize,
    with_alert: usize,
    alerts: usize,
}

/// The counts of one nationality; none where they are hidden.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its code.
    pub nationality: Arc<str>,
    /// People of it in the records.
    pub people: Option<usize>,
    /// Those with an alert.
    pub with_alert: Option<usize>,
    /// Their alerts.
    pub alerts: Option<usize>,
    /// Those with an alert beside all of it.
    pub share: Option<Share>,
}

/// All people of the records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whole {
    /// How many.
    pub people: usize,
    /// Those with an alert.
    pub with_alert: usize,
    /// Those beside all.
    pub share: Share,
}

/// A share with what chance alone would make of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share itself, from 0 to 1.
    pub value: f64,
    /// Where the true share hardly lies below.
    pub from: f64,
    /// Where it hardly lies above.
    pub to: f64,
}

impl Share {
    /// Wilson's score interval, which holds for few people too.
    #[expect(clippy::cast_precision_loss, reason = "people are fewer than 2^52")]
    fn of(some: usize, all: usize) -> Self {
        if all == 0 {
            return Share { value: 0.0, from: 0.0, to: 1.0 };
        }
        let (n, p) = (all as f64, some as f64 / all as f64);
        let middle = p + Z * Z / (2.0 * n);
        let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        Share { value: p, from: (middle - spread) / whole, to: (middle + spread) / whole }
    }

    /// Whether more than chance sets it apart from another share.
    pub fn differs_from(self, other: f64) -> bool {
        !(self.from..=self.to).contains(&other)
    }
}

/// The places of the counts to hide: all below the least, and then the smallest others until nobody can work a small one
/// out from the sum.
fn hidden(counts: impl Iterator<Item = usize>) -> BTreeSet<usize> {
    let mut counts: Vec<(usize, usize)> = counts.enumerate().map(|(index, count)| (count, index)).collect();
    counts.sort_unstable();
    let mut sum = 0;
    let mut hidden = BTreeSet::new();
    for (count, index) in counts {
        let is_safe = hidden.is_empty() || (hidden.len() > 1 && sum >= LEAST);
        if count >= LEAST && is_safe {
            break;
        }
        sum += count;
        hidden.insert(index);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_hidden_and_cannot_be_worked_out_from_the_sum() {
        let hide = |counts: &[usize]| hidden(counts.iter().copied()).into_iter().collect::<Vec<_>>();
        assert_eq!(hide(&[9, 8, 7]), [0; 0]);
        assert_eq!(hide(&[9, 8, 4]), [1, 2], "one alone is the rest");
        assert_eq!(hide(&[9, 8, 4, 3]), [2, 3]);
        assert_eq!(hide(&[9, 8, 1, 1]), [1, 2, 3], "two that add up to less than the least");
        assert_eq!(hide(&[9, 0]), [0, 1]);
    }

    #[test]
    fn rows_show_what_is_not_small() {
        let mut census = Census::default();
        for (nationality, people, alerted) in
            [("AAA", 20, 10), ("BBB", 20, 6), ("CCC", 10, 1), ("DDD", 9, 5), ("EEE", 2, 0)]
        {
            for number in 0..people {
                let key: Arc<str> = Arc::from(format!("UTO:{nationality}{number}"));
                census.nationalities.insert(key.clone(), Arc::from(nationality));
                if number < alerted {
                    census.alert(&Arc::from(format!("A-{key}")), &Subject { kind: SubjectKind::Person, key });
                }
            }
        }
        census.alert(&Arc::from("A-1"), &Subject { kind: SubjectKind::Lodging, key: Arc::from("hotel-contoh-1") });
        let shown: Vec<_> =
            census.rows().into_iter().map(|row| (row.nationality, row.people, row.with_alert)).collect();
        // two small counts of alerts could be told from their sum of one, and so a third is hidden
        let expected = [
            ("AAA", Some(20), Some(10)),
            ("BBB", Some(20), Some(6)),
            ("CCC", Some(10), None),
            ("DDD", None, None),
            ("EEE", None, None),
        ];
        assert_eq!(shown, expected.map(|(word, people, alerted)| (Arc::from(word), people, alerted)));
        assert_eq!(census.alerts_about_no_person(), 1);
        assert_eq!((census.whole().people, census.whole().with_alert), (61, 22));
    }

    #[test]
    fn an_interval_holds_for_few_people() {
        // Newcombe 1998, table I: 15 of 148
        let share = Share::of(15, 148);
        assert!((share.from - 0.0624).abs() < 0.0001 && (share.to - 0.1605).abs() < 0.0001, "{share:?}");
        assert!(share.differs_from(0.2) && !share.differs_from(0.1));
    }
}
