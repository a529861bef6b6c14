//! What a test expected and what happened instead, with the conditions that decided.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use crate::alert::{Alert, Disposition};
use crate::engine::Judged;
use crate::engine::trace::{Asked, Trace};
use crate::entry::Step;
use crate::pack::Pack;
use crate::pack::rule::RuleTest;
use crate::record::shown::Shown;
use crate::words::{Language, Text, say};

/// Records that are told of one failure: beyond them a test is too long to be read so.
const MOST_REASONS: usize = 6;

/// One thing that came otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What was expected and what happened.
    pub said: Text,
    /// Why, record by record.
    pub because: Vec<Text>,
}

impl Failure {
    /// One that needs no reason.
    pub fn plain(said: Text) -> Self {
        Failure { said, because: Vec::new() }
    }

    /// What was expected and what happened, in a language.
    pub fn said(&self, language: Language) -> String {
        self.said.render(language)
    }

    /// The same with the reasons, a line each.
    pub fn lines(&self, language: Language) -> Vec<String> {
        let because = self.because.iter().map(|text| format!("  {}", text.render(language)));
        [self.said(language)].into_iter().chain(because).collect()
    }
}

/// What came otherwise than a test says.
pub fn compare(pack: &Pack, test: &RuleTest, steps: &[Step], traces: &[Trace]) -> Vec<Failure> {
    let happened = Happened { pack, steps, traces };
    let checks = [happened.fires(test), happened.severity(test), happened.told(test), happened.resolved(test)];
    let failed = steps.iter().flat_map(|step| &step.effects.failures);
    let failed = failed.map(|failed| Failure::plain(say("trial-failed").with("reason", failed.reason.as_str())));
    checks.into_iter().flatten().chain(failed).collect()
}

struct Happened<'a> {
    pack: &'a Pack,
    steps: &'a [Step],
    traces: &'a [Trace],
}

impl Happened<'_> {
    fn fires(&self, test: &RuleTest) -> Option<Failure> {
        let disposed = self.steps.iter().flat_map(|step| &step.effects.dispositions);
        let opened = disposed.filter(|disposed| disposed.disposition == Disposition::Open).count();
        let expected = test.fires.len();
        let said = say("trial-fires").with("expected", expected).with("happened", opened);
        (expected != opened).then(|| Failure { said, because: self.reasons(opened < expected) })
    }

    fn severity(&self, test: &RuleTest) -> Option<Failure> {
        let expected = test.severity?;
        let last = self.last_alert().map(|alert| alert.severity);
        let said = match last {
            Some(last) => say("trial-severity").with("happened", last.word()),
            None => say("trial-severity-without-alert"),
        };
        let because = if last.is_some() { self.places() } else { Vec::new() };
        (last != Some(expected)).then(|| Failure { said: said.with("expected", expected.word()), because })
    }

    fn told(&self, test: &RuleTest) -> Option<Failure> {
        let expected = test.told.as_ref()?;
        let notices = self.steps.iter().flat_map(|step| &step.effects.notices);
        let told: BTreeSet<String> = notices.map(|notice| notice.agency.to_string()).collect();
        let listed = |agencies: &BTreeSet<String>| match agencies.is_empty() {
            true => "–".to_owned(),
            false => agencies.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        let said = say("trial-told").with("expected", listed(expected)).with("happened", listed(&told));
        (*expected != told).then(|| Failure { said, because: self.places() })
    }

    fn resolved(&self, test: &RuleTest) -> Option<Failure> {
        let expected = test.resolved?;
        let disposed = self.steps.iter().flat_map(|step| &step.effects.dispositions);
        let happened = disposed.filter(|disposed| matches!(disposed.disposition, Disposition::Resolve { .. })).count();
        let said = say("trial-resolved").with("expected", expected).with("happened", happened);
        (expected != happened).then(|| Failure::plain(said))
    }

    fn last_alert(&self) -> Option<&Alert> {
        self.steps.iter().flat_map(|step| &step.effects.alerts).next_back()
    }

    /// Why records were not found, or why they were.
    fn reasons(&self, too_few: bool) -> Vec<Text> {
        let mut reasons = Vec::new();
        for trace in self.traces {
            let found = trace.ends() == Some(Judged::Found);
            if too_few && !found {
                reasons.push(self.at(trace, trace.said(self.pack.timeline.zone)));
            } else if !too_few && found {
                reasons.extend(trace.conjuncts().iter().map(|clause| self.at(trace, clause.said())));
            }
        }
        reasons.dedup();
        if reasons.is_empty() {
            reasons.push(if self.traces.is_empty() { say("trial-nothing-judged") } else { say("trial-joined") });
        }
        let more = reasons.len().saturating_sub(MOST_REASONS);
        reasons.truncate(MOST_REASONS);
        if more > 0 {
            reasons.push(say("trial-more").with("records", more));
        }
        reasons
    }

    /// Where and in which phase it was found: severities and recipients follow from it.
    fn places(&self) -> Vec<Text> {
        let place = |trace: &Trace| match &trace.asked {
            Asked::All { phase, kabupaten, .. } => {
                let place = say("trial-place").with("phase", phase.as_ref());
                let kabupaten = kabupaten.as_deref().map_or_else(|| "–".to_owned(), str::to_owned);
                Some(self.at(trace, place.with("kabupaten", kabupaten)))
            }
            _ => None,
        };
        let found = self.traces.iter().filter(|trace| trace.ends() == Some(Judged::Found));
        found.filter_map(place).take(MOST_REASONS).collect()
    }

    fn at(&self, trace: &Trace, why: Text) -> Text {
        at(trace, why, self.pack.timeline.zone)
    }
}

/// At which record, and as of when, something came so.
pub fn at(trace: &Trace, why: Text, zone: Tz) -> Text {
    let at = Shown::Time(trace.at, zone).to_string();
    say("trial-at").with("record", trace.key.trigger.id.as_ref()).with("at", at).with("why", why)
}
