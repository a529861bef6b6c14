//! The findings of one subject in the order of their keys.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alert::{Finding, FindingKey, KeyOf};
use crate::record::RecordKey;

/// So many findings lie in one sorted list; a subject with more has a tree of them.
const FEW: usize = 64;

/// Findings by their keys.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// All of them, where they are few.
    few: Vec<Finding>,
    /// All of them, where they are many; never empty. Most subjects have few, so they carry no room for it.
    many: Option<Box<Many>>,
}

/// By rule, then by trigger and firing: each record asks what some rule has found, which is mostly nothing.
#[derive(Clone, Debug, Default)]
struct Many(BTreeMap<Arc<str>, BTreeMap<(RecordKey, u8), Finding>>);

impl Many {
    fn get(&self, key: &FindingKey) -> Option<&Finding> {
        self.0.get(&key.rule)?.get(&(key.trigger.clone(), key.firing))
    }

    fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.values().flat_map(BTreeMap::values)
    }

    fn insert(&mut self, finding: Finding) -> Option<Finding> {
        let FindingKey { rule, trigger, firing } = finding.key().owned();
        self.0.entry(rule).or_default().insert((trigger, firing), finding)
    }

    fn remove(&mut self, key: &FindingKey) -> Option<Finding> {
        let of_rule = self.0.get_mut(&key.rule)?;
        let removed = of_rule.remove(&(key.trigger.clone(), key.firing));
        if of_rule.is_empty() {
            self.0.remove(&key.rule);
        }
        removed
    }
}

impl Findings {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.is_none()
    }

    /// The finding of a key.
    pub fn get(&self, key: &FindingKey) -> Option<&Finding> {
        match self.place(key.of()) {
            Ok(place) => self.few.get(place),
            Err(_) => self.many.as_ref()?.get(key),
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.few.iter().chain(self.many.iter().flat_map(|many| many.iter()))
    }

    /// Makes room for more.
    pub(crate) fn reserve(&mut self, more: usize) {
        if self.many.is_none() {
            self.few.reserve((self.few.len() + more).min(FEW) - self.few.len().min(FEW));
        }
    }

    /// Those of one rule, in order.
    pub(crate) fn of(&self, rule: &Arc<str>) -> Vec<Finding> {
        let few = self.few.get(self.few.partition_point(|finding| finding.rule() < rule)..).unwrap_or(&[]);
        let few = few.iter().take_while(|finding| finding.rule() == rule);
        let many = self.many.iter().filter_map(|many| many.0.get(rule)).flat_map(BTreeMap::values);
        few.chain(many).cloned().collect()
    }

    /// Puts a finding in its place; what stood there before.
    pub(crate) fn insert(&mut self, finding: Finding) -> Option<Finding> {
        if let Some(many) = &mut self.many {
            return many.insert(finding);
        }
        match self.place_by(|known| known.cmp_key(&finding)) {
            Ok(place) => self.few.get_mut(place).map(|known| std::mem::replace(known, finding)),
            Err(place) if self.few.len() < FEW => {
                self.few.insert(place, finding);
                None
            }
            Err(_) => {
                let mut many = Box::<Many>::default();
                let all = std::mem::take(&mut self.few).into_iter().chain([finding]);
                all.for_each(|finding| drop(many.insert(finding)));
                self.many = Some(many);
                None
            }
        }
    }

    /// Takes a finding out.
    pub(crate) fn remove(&mut self, key: &FindingKey) -> Option<Finding> {
        match self.place(key.of()) {
            Ok(place) => Some(self.few.remove(place)),
            Err(_) => {
                let many = self.many.as_mut()?;
                let removed = many.remove(key);
                if many.0.is_empty() {
                    self.many = None;
                }
                removed
            }
        }
    }

    /// Where a key stands among the few, or belongs.
    fn place(&self, key: KeyOf<'_>) -> Result<usize, usize> {
        self.place_by(|known| known.key().cmp(&key))
    }

    /// The same of what the few compare to.
    #[inline]
    fn place_by(&self, compare: impl Fn(&Finding) -> Ordering) -> Result<usize, usize> {
        // rules are judged in their order, so most come last
        match self.few.last() {
            Some(last) if compare(last).is_lt() => Err(self.few.len()),
            _ => self.few.binary_search_by(compare),
        }
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(all: I) -> Self {
        let mut findings = Findings::default();
        all.into_iter().for_each(|finding| drop(findings.insert(finding)));
        findings
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alert::Severity;
    use crate::alert::finding::Written;
    use crate::record::RecordKey;
    use crate::subject::{Subject, SubjectKind};

    fn key(rule: u8, trigger: u8) -> FindingKey {
        let trigger = RecordKey { source: "uji".into(), id: trigger.to_string().into() };
        FindingKey { rule: format!("r-{rule}").into(), trigger, firing: 0 }
    }

    fn finding(key: FindingKey, severity: Severity) -> Finding {
        let written = Written {
            key,
            subject: Subject { kind: SubjectKind::Source, key: "uji".into() },
            occurred_at: chrono::DateTime::UNIX_EPOCH,
            at: chrono::DateTime::UNIX_EPOCH,
            phase: "tenang".into(),
            kabupaten: None,
            severity,
            notify: [].into(),
            basis: [].into(),
            evidence: [].into(),
            exempt: false,
        };
        written.into()
    }

    proptest! {
        #[test]
        fn it_is_a_map(done in proptest::collection::vec((0..4_u8, 0..40_u8, 0..4_u8), 0..300)) {
            let mut findings = Findings::default();
            let mut map = BTreeMap::new();
            for (rule, trigger, what) in done {
                let key = key(rule, trigger);
                if what == 0 {
                    prop_assert_eq!(findings.remove(&key), map.remove(&key));
                } else {
                    let severity = if what == 1 { Severity::Siaga1 } else { Severity::Siaga2 };
                    let new = finding(key.clone(), severity);
                    prop_assert_eq!(findings.insert(new.clone()), map.insert(key.clone(), new));
                }
                prop_assert_eq!(findings.get(&key), map.get(&key));
                prop_assert_eq!(findings.is_empty(), map.is_empty());
            }
            prop_assert!(findings.iter().eq(map.values()));
            for rule in 0..4_u8 {
                let rule: Arc<str> = format!("r-{rule}").into();
                let of: Vec<_> = map.values().filter(|finding| *finding.rule() == rule).cloned().collect();
                prop_assert_eq!(findings.of(&rule), of);
            }
        }
    }
}
