//! What a finding says, put into words when somebody reads it, and its form as it is kept.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::telling::{Added, Teller, Telling};
use super::{About, Evidence, Finding, FindingKey, KeyOf, Message, Severity};
use crate::record::shown::Shown;
use crate::subject::Subject;

/// What a finding says beside its key and whom it is about.
#[derive(Clone, Debug)]
pub enum Words {
    /// What its rule's findings say alike, and what this one adds.
    Told(Told),
    /// All of it, as it was kept.
    Kept(Arc<Kept>),
}

/// What a finding adds to what its rule's findings say alike.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who knows what they say alike: one for all rules, so that its count is at hand.
    pub teller: Arc<dyn Teller>,
    /// The rule's place there.
    pub place: u32,
    /// What is its own, where something is.
    pub more: Option<Box<More>>,
}

/// What only some findings have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct More {
    /// Values that are no field of the trigger.
    pub own: Box<[Shown]>,
    /// Its citations, where they are not all of its rule's.
    pub basis: Option<Arc<[Arc<str>]>>,
}

/// The words of a finding.
#[derive(Debug)]
pub struct Kept {
    rule: Arc<str>,
    notify: Box<[(Arc<str>, Message)]>,
    basis: Arc<[Arc<str>]>,
    evidence: Box<[Evidence]>,
}

/// A finding with all its words, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// Rule, trigger and firing.
    pub key: FindingKey,
    /// Whom or what it is about.
    pub subject: Subject,
    /// When the trigger happened.
    pub occurred_at: DateTime<Utc>,
    /// The instant as of which the rule was judged.
    pub at: DateTime<Utc>,
    /// The phase, as of `at`, in the finding's kabupaten.
    pub phase: Arc<str>,
    /// The kabupaten it belongs to; none means the whole area.
    pub kabupaten: Option<Arc<str>>,
    /// Its severity in that phase.
    pub severity: Severity,
    /// What each role is told, in the rule's order.
    pub notify: Box<[(Arc<str>, Message)]>,
    /// The citations it rests on, valid at `at`.
    pub basis: Arc<[Arc<str>]>,
    /// Each conjunct with what it saw.
    pub evidence: Box<[Evidence]>,
    /// The person concerned is exempt: held, counted, never sent.
    pub exempt: bool,
}

impl Finding {
    /// What makes it the same when it is judged again.
    #[inline]
    pub fn key(&self) -> KeyOf<'_> {
        KeyOf { rule: self.rule(), trigger: &self.about.trigger, firing: self.firing }
    }

    /// How its key compares to another's.
    #[inline]
    pub fn cmp_key(&self, other: &Finding) -> Ordering {
        match (&self.words, &other.words) {
            // without looking at the ids, which lie elsewhere
            (Words::Told(a), Words::Told(b)) if a.place != b.place && Arc::ptr_eq(&a.teller, &b.teller) => {
                a.place.cmp(&b.place)
            }
            _ => self.key().cmp(&other.key()),
        }
    }

    /// The rule's id.
    #[inline]
    pub fn rule(&self) -> &Arc<str> {
        match &self.words {
            Words::Told(told) => &told.telling().rule,
            Words::Kept(kept) => &kept.rule,
        }
    }

    /// The roles that its rule asks, in the rule's order.
    pub fn roles(&self) -> impl Iterator<Item = &Arc<str>> {
        let (told, kept) = self.words.parted();
        let told = told.into_iter().flat_map(|told| &told.telling().messages).map(|message| &message.role);
        told.chain(kept.into_iter().flat_map(|kept| &kept.notify).map(|(role, _)| role))
    }

    /// What each role is told, in the rule's order.
    pub fn notify(&self) -> Box<[(Arc<str>, Message)]> {
        match &self.words {
            Words::Told(told) => told.telling().notify(self.added(told)).collect(),
            Words::Kept(kept) => kept.notify.clone(),
        }
    }

    /// What the first of some roles is told that its rule asks.
    pub fn message(&self, is_meant: impl Fn(&Arc<str>) -> bool) -> Option<Message> {
        match &self.words {
            Words::Told(told) => {
                let telling = told.telling();
                let message = telling.messages.iter().find(|message| is_meant(&message.role))?;
                Some(telling.message(message, self.added(told)))
            }
            Words::Kept(kept) => {
                kept.notify.iter().find(|(role, _)| is_meant(role)).map(|(_, message)| message.clone())
            }
        }
    }

    /// The different texts that it tells, in the rule's order.
    pub fn texts(&self) -> Vec<Shown> {
        let mut texts: Vec<Shown> = self.notify().into_iter().map(|(_, message)| message.text).collect();
        texts.dedup();
        texts
    }

    /// The citations it rests on, valid as of when it was judged.
    pub fn basis(&self) -> &Arc<[Arc<str>]> {
        match &self.words {
            Words::Told(told) => {
                let own = told.more.as_ref().and_then(|more| more.basis.as_ref());
                own.unwrap_or_else(|| &told.telling().basis)
            }
            Words::Kept(kept) => &kept.basis,
        }
    }

    /// Each conjunct with what it saw.
    pub fn evidence(&self) -> Box<[Evidence]> {
        match &self.words {
            Words::Told(told) => told.telling().evidence(self.added(told)).collect(),
            Words::Kept(kept) => kept.evidence.clone(),
        }
    }

    /// How many lines of evidence it has.
    pub fn evidence_lines(&self) -> usize {
        match &self.words {
            Words::Told(told) => told.telling().lines.len(),
            Words::Kept(kept) => kept.evidence.len(),
        }
    }

    /// The same in another phase, as of another instant.
    pub fn raised(&self, severity: Severity, at: DateTime<Utc>, phase: Arc<str>) -> Finding {
        let about = Arc::new(About { at, phase, ..self.about.as_ref().clone() });
        Finding { about, words: self.words.clone(), severity, firing: self.firing }
    }

    fn added<'a>(&'a self, told: &'a Told) -> Added<'a> {
        let own = told.more.as_ref().map_or(&[][..], |more| &more.own);
        Added { record: self.about.record.as_deref(), own }
    }

    /// Whether they are the same without being read.
    fn is_plainly(&self, other: &Finding) -> bool {
        match (&self.words, &other.words) {
            (Words::Told(a), Words::Told(b)) => {
                let records = self.about.record.as_ref().zip(other.about.record.as_ref());
                Arc::ptr_eq(&a.teller, &b.teller)
                    && a.place == b.place
                    && records.is_some_and(|(a, b)| Arc::ptr_eq(a, b))
                    && a.more == b.more
            }
            (Words::Kept(a), Words::Kept(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    fn reads_as(&self, other: &Finding) -> bool {
        self.basis() == other.basis() && self.notify() == other.notify() && self.evidence() == other.evidence()
    }
}

impl PartialEq for Finding {
    fn eq(&self, other: &Self) -> bool {
        let is_alike = self.key() == other.key() && self.severity == other.severity && self.about == other.about;
        is_alike && (self.is_plainly(other) || self.reads_as(other))
    }
}

impl Told {
    /// What they say alike.
    #[inline]
    fn telling(&self) -> &Telling {
        self.teller.telling(self.place)
    }
}

impl Words {
    fn parted(&self) -> (Option<&Told>, Option<&Kept>) {
        match self {
            Words::Told(told) => (Some(told), None),
            Words::Kept(kept) => (None, Some(kept)),
        }
    }
}

impl PartialEq for About {
    fn eq(&self, other: &Self) -> bool {
        let parts = |about: &About| (about.occurred_at, about.at, about.exempt);
        parts(self) == parts(other)
            && self.subject == other.subject
            && self.trigger == other.trigger
            && self.phase == other.phase
            && self.kabupaten == other.kabupaten
    }
}

impl From<Finding> for Written {
    fn from(finding: Finding) -> Self {
        let About { subject, occurred_at, at, phase, kabupaten, exempt, .. } = finding.about.as_ref().clone();
        Written {
            key: finding.key().owned(),
            subject,
            occurred_at,
            at,
            phase,
            kabupaten,
            severity: finding.severity,
            notify: finding.notify(),
            basis: finding.basis().clone(),
            evidence: finding.evidence(),
            exempt,
        }
    }
}

impl From<Written> for Finding {
    fn from(written: Written) -> Self {
        let Written { key, subject, occurred_at, at, phase, kabupaten, severity, notify, basis, evidence, exempt } =
            written;
        let FindingKey { rule, trigger, firing } = key;
        Finding {
            about: Arc::new(About { subject, trigger, record: None, occurred_at, at, phase, kabupaten, exempt }),
            words: Words::Kept(Arc::new(Kept { rule, notify, basis, evidence })),
            severity,
            firing,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Jakarta;

    use super::super::telling::{Line, Piece, RoleText};
    use super::*;
    use crate::record::groups::Groups;
    use crate::record::schema::{KindId, core};
    use crate::record::shown::Naming;
    use crate::record::value::Value;
    use crate::record::{Record, RecordKey};
    use crate::subject::SubjectKind;

    fn record(kecamatan: &str) -> Arc<Record> {
        let key = RecordKey { source: "apoa".into(), id: "a-1".into() };
        let values = vec![(core::KECAMATAN, Value::text(kecamatan))];
        Arc::new(Record::new(key, KindId(0), DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH, values))
    }

    struct One(Telling);

    impl Teller for One {
        fn telling(&self, _: u32) -> &Telling {
            &self.0
        }
    }

    fn telling() -> Arc<dyn Teller> {
        let place = Piece::Field(core::KECAMATAN, Some(Naming::Kecamatan));
        let text = Piece::Joined([Piece::Fixed("di ".into()), place.clone(), Piece::Own(0)].into());
        let bound = Some(("≥", Piece::Listed([Piece::Own(0), Piece::Fixed(Shown::Int(2))].into())));
        let line = Line { text: "place.kecamatan".into(), value: place, bound, groups: Groups::default() };
        Arc::new(One(Telling {
            rule: "aturan".into(),
            basis: ["uu-contoh".into()].into(),
            messages: [RoleText { role: "kanim".into(), text, groups: Groups::default() }].into(),
            lines: [line].into(),
            zone: Jakarta,
        }))
    }

    fn finding(teller: &Arc<dyn Teller>, trigger: &Arc<Record>, own: i64) -> Finding {
        let about = About {
            subject: Subject { kind: SubjectKind::Source, key: "apoa".into() },
            trigger: trigger.key.clone(),
            record: Some(trigger.clone()),
            occurred_at: trigger.occurred_at,
            at: trigger.occurred_at,
            phase: "tenang".into(),
            kabupaten: None,
            exempt: false,
        };
        let more = More { own: [Shown::Int(own)].into(), basis: None };
        let words = Told { teller: teller.clone(), place: 0, more: Some(Box::new(more)) };
        Finding { about: Arc::new(about), words: Words::Told(words), severity: Severity::Siaga2, firing: 0 }
    }

    #[test]
    fn it_says_what_its_rule_and_its_trigger_say() {
        let told = finding(&telling(), &record("16.01.14"), 3);
        let [line] = &*told.evidence() else { panic!("one line") };
        assert_eq!(
            (line.value.to_string(), line.bound.as_ref().unwrap().to_string()),
            ("Baturaja Timur".to_owned(), "≥ 3, 2".to_owned())
        );
        assert_eq!(told.texts(), [Shown::from("di Baturaja Timur3")]);
        assert_eq!((told.evidence_lines(), told.roles().count(), told.basis().len()), (1, 1, 1));
        assert_eq!(told.message(|role| &**role == "polres"), None);
    }

    #[test]
    fn it_is_kept_with_its_words_and_is_the_same_where_it_reads_the_same() {
        let (shared, trigger) = (telling(), record("16.01.14"));
        let told = finding(&shared, &trigger, 3);
        let json = serde_json::to_string(&told).unwrap();
        let kept: Finding = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&kept).unwrap(), json);
        for alike in [kept, told.clone(), finding(&telling(), &record("16.01.14"), 3)] {
            assert_eq!(told, alike);
            assert_eq!(told.notify(), alike.notify());
            assert_eq!(told.roles().collect::<Vec<_>>(), alike.roles().collect::<Vec<_>>());
        }
        for other in [
            finding(&shared, &trigger, 4),
            finding(&shared, &record("16.01.13"), 3),
            told.raised(Severity::Siaga1, told.about.at, "tenang".into()),
            told.raised(Severity::Siaga2, told.about.at, "pungut".into()),
        ] {
            assert_ne!(told, other);
        }
    }
}
