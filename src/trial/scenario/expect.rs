//! What a scenario file says of alerts: the events that are expected, and what people do.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::{Act, CloseReason, HoldReason, Severity};
use crate::pack::Pack;
use crate::pack::diagnostic::Code;
use crate::words::say;

use super::node::{Node, head, under};
use super::read::Reader;
use super::run::local;
use super::{Does, Expected};

const LINE_KEYS: [&str; 7] = ["rule", "what", "severity", "told", "reason", "record", "at"];
const ACT_KEYS: [&str; 5] = ["rule", "what", "reason", "record", "by"];
const WHATS: [&str; 5] = ["open", "repeat", "escalate", "hold", "resolve"];
const ACTS: [&str; 3] = ["acknowledge", "review", "close"];

impl Reader<'_> {
    /// The lines of an `expect`.
    pub(super) fn expect(&mut self, node: &Node<'_>) -> Vec<Expected> {
        let nodes = self.values.list(node).unwrap_or_default();
        nodes.into_iter().filter_map(|node| self.expected(node)).collect()
    }

    fn expected(&mut self, node: &Node<'_>) -> Option<Expected> {
        let table = self.values.table(node)?;
        self.values.keys(table, &LINE_KEYS);
        let (Some(rule), Some(what)) = (under(table, "rule"), under(table, "what")) else {
            let place = head(self.values.text, node.span());
            let help = say("scenario-expect-lacks-help");
            return self.values.wrong(Code::Tests, place, say("scenario-expect-lacks"), Some(help));
        };
        let rule = self.rule(rule);
        let what = self.one_of(what, &WHATS);
        let severity = under(table, "severity").and_then(|node| self.severity(node));
        let told = under(table, "told").and_then(|node| {
            let agencies = self.values.list(node)?;
            Some(agencies.into_iter().filter_map(|node| self.agency(node)).map(|id| id.to_string()).collect())
        });
        let reason = under(table, "reason").and_then(|node| self.reason(node, what?));
        let record = under(table, "record").and_then(|node| self.mention(node));
        let at = under(table, "at").and_then(|node| self.values.time(node));
        let line = self.line(node.span());
        Some(Expected { line, rule: rule?, what: what?, severity, told, reason, record, at })
    }

    /// What a person does.
    pub(super) fn act(&mut self, node: &Node<'_>, at: Option<DateTime<Utc>>) -> Option<Does> {
        let table = self.values.table(node)?;
        self.values.keys(table, &ACT_KEYS);
        let (Some(rule), Some(what)) = (under(table, "rule"), under(table, "what")) else {
            let help = say("scenario-act-lacks-help");
            return self.values.wrong(Code::Tests, node.span(), say("scenario-act-lacks"), Some(help));
        };
        let rule = self.rule(rule);
        let what = self.one_of(what, &ACTS);
        let reason = under(table, "reason");
        let record = under(table, "record").and_then(|node| self.mention(node));
        let by = under(table, "by").and_then(|node| self.agency(node));
        let act = match (what?, reason) {
            ("close", Some(reason)) => Act::Close { reason: self.close_reason(reason)? },
            ("close", None) => {
                let known = CloseReason::BY_PEOPLE.map(|(_, word)| word).join(", ");
                let help = say("one-of").with("known", known);
                return self.values.wrong(Code::Tests, node.span(), say("scenario-close-lacks"), Some(help));
            }
            (_, Some(reason)) => {
                return self.values.wrong(Code::Tests, reason.span(), say("scenario-act-reason"), None);
            }
            ("review", None) => Act::Review,
            (_, None) => Act::Acknowledge,
        };
        Some(Does::Act { at, rule: rule?, record, by, act })
    }

    fn rule(&mut self, node: &Node<'_>) -> Option<Arc<str>> {
        let word = self.values.word(node)?;
        let rules = &self.values.pack.rules;
        let found = self.values.pack.rule(word).map(|rule| rule.id.clone());
        let known: Vec<&str> = rules.iter().map(|rule| rule.id.as_ref()).collect();
        found.or_else(|| {
            self.values.unknown(
                node.span(),
                say("unknown").with("thing", say("thing-rule")).with("word", word),
                word,
                known,
            )
        })
    }

    fn agency(&mut self, node: &Node<'_>) -> Option<Arc<str>> {
        let word = self.values.word(node)?;
        let pack = self.values.pack;
        let found = pack.agency(word).map(|agency| agency.id.clone());
        let known: Vec<&str> = pack.agencies.iter().map(|agency| agency.id.as_ref()).collect();
        found.or_else(|| {
            self.values.unknown(
                node.span(),
                say("unknown").with("thing", say("thing-agency")).with("word", word),
                word,
                known,
            )
        })
    }

    fn severity(&mut self, node: &Node<'_>) -> Option<Severity> {
        let words = Severity::ALL.map(|(_, word)| word);
        self.one_of(node, &words).and_then(Severity::from_word)
    }

    fn close_reason(&mut self, node: &Node<'_>) -> Option<CloseReason> {
        let word = self.one_of(node, &CloseReason::BY_PEOPLE.map(|(_, word)| word))?;
        CloseReason::BY_PEOPLE.iter().find(|(_, known)| *known == word).map(|(reason, _)| *reason)
    }

    fn one_of(&mut self, node: &Node<'_>, known: &[&'static str]) -> Option<&'static str> {
        let word = self.values.word(node)?;
        let found = known.iter().find(|known| **known == word).copied();
        let message = say("scenario-no-word").with("word", word);
        found.or_else(|| self.values.unknown(node.span(), message, word, known.iter().copied()))
    }

    /// Why something became of a finding, as [`super::run`] words it.
    fn reason(&mut self, node: &Node<'_>, what: &str) -> Option<String> {
        let word = self.values.word(node)?;
        let pack = self.values.pack;
        if what == "repeat" {
            let zone = pack.timeline.zone;
            let since = word.strip_prefix("since ").and_then(|time| crate::record::parse::instant(time, zone));
            let help = say("scenario-since-help");
            let since = since.map(|since| format!("since {}", local(since, zone)));
            let message = say("scenario-no-reason").with("what", what).with("reason", word);
            return since.or_else(|| self.values.wrong(Code::Name, node.span(), message, Some(help)));
        }
        let known = reasons(pack, what);
        if known.iter().any(|known| known == word) {
            return Some(word.to_owned());
        }
        let message = say("scenario-no-reason").with("what", what).with("reason", word);
        self.values.unknown(node.span(), message, word, known.iter().map(String::as_str))
    }
}

fn reasons(pack: &Pack, what: &str) -> Vec<String> {
    let holds = [HoldReason::SilentPhase, HoldReason::Exempt, HoldReason::Shadow];
    match what {
        "hold" => {
            let own = holds.iter().map(HoldReason::word).chain([CloseReason::FalseAlarm.word()]).map(str::to_owned);
            own.chain(pack.suppressors.iter().map(|rule| format!("suppressed by {}", rule.id))).collect()
        }
        "resolve" => [CloseReason::AnsweredLate, CloseReason::EvidenceWithdrawn].map(|r| r.word().to_owned()).into(),
        "escalate" => {
            let pairs = Severity::ALL.iter().flat_map(|from| Severity::ALL.iter().map(move |to| (from, to)));
            pairs.filter(|(from, to)| from.0 < to.0).map(|(from, to)| format!("{} to {}", from.1, to.1)).collect()
        }
        _ => Vec::new(),
    }
}
