//! From a parsed rule file to a rule: every key read, typed and checked.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use rhai::{Expr, Position};

use crate::alert::Severity;
use crate::record::schema::{Group, KindId};
use crate::subject::SubjectKind;

use super::diagnostic::{Code, Diagnostic, did_you_mean};
use super::expr::Node;
use super::lint;
use super::lower::{Lowerer, Purpose, Vocabulary};
use super::order;
use super::place::Place;
use super::reads;
use super::rule::{Conjunct, RoleMessage, Rule, RuleTest, Status};
use super::script::{Key, Script};
use super::sight::{self, Sight};
use super::tables::Agency;
use super::testing;
use super::typing::Ty;

/// Every key that a rule can have.
const KEYS: [&str; 23] = [
    "title",
    "flags",
    "why",
    "action",
    "false_positives",
    "severity",
    "notify",
    "basis",
    "per",
    "on",
    "phases",
    "values",
    "when",
    "once_per",
    "message",
    "deadline",
    "unless",
    "each",
    "steps",
    "area",
    "status",
    "suppresses",
    "tests",
];

/// The words that say what a rule is for; a stable rule has all of them.
const TEXTS: [&str; 5] = ["title", "flags", "why", "action", "false_positives"];

/// What a rule refers to beside expressions.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// What expressions can refer to.
    pub words: Vocabulary<'a>,
    /// Words of the roles.
    pub roles: &'a [String],
    /// Who has which role, and may see what.
    pub agencies: &'a [Agency],
    /// Words of the citations.
    pub citations: &'a [String],
    /// Ids of all rules of the pack.
    pub rules: &'a [String],
}

/// Assembles one rule; what is wrong goes to `problems`.
pub fn assemble(names: Names<'_>, script: &Script, problems: &mut Vec<Diagnostic>) -> Option<Rule> {
    let mut assembler = Assembler { names, lower: Lowerer::new(names.words, script), script, warnings: Vec::new() };
    let rule = assembler.rule();
    let failed = !assembler.lower.problems.is_empty();
    problems.append(&mut assembler.lower.problems);
    problems.append(&mut assembler.warnings);
    rule.filter(|_| !failed)
}

pub(super) struct Assembler<'a> {
    pub(super) names: Names<'a>,
    pub(super) lower: Lowerer<'a>,
    pub(super) script: &'a Script,
    warnings: Vec<Diagnostic>,
}

impl<'a> Assembler<'a> {
    fn rule(&mut self) -> Option<Rule> {
        self.check_keys();
        self.check_id();
        let status = self.status();
        let texts = TEXTS.map(|key| self.text(key, status != Status::Draft));
        let per = self.per();
        let on = self.kinds("on");
        let phases = self.phases();
        let severity = self.severity(&phases);
        let values = self.values();
        let when = self.when();
        let deadline = self.deadline();
        let area = self.area();
        let notify = self.notify();
        let basis = self.names_of("basis", self.names.citations, "citation", "legal.toml");
        let once_per = self.once_per();
        let suppresses = self.names_of("suppresses", self.names.rules, "rule", "the pack");
        let tests = self.tests();
        let [title, flags, why, action, false_positives] = texts;
        let mut rule = Rule {
            id: Arc::from(self.script.id.as_str()),
            file: self.script.path.clone(),
            title,
            flags,
            why,
            action,
            false_positives,
            status,
            per: per?,
            on: on?,
            phases,
            severity: severity?,
            notify: notify?,
            basis: basis.unwrap_or_default().into(),
            basis_days: None,
            area,
            values,
            when: when?,
            judged: Vec::new(),
            deadline,
            once_per: once_per?,
            suppresses: suppresses.unwrap_or_default(),
            tests,
            reads: BTreeSet::new(),
            looks_back: Some(TimeDelta::zero()),
            moves: BTreeSet::new(),
            answers: BTreeSet::new(),
            functions: self.script.functions.clone(),
        };
        reads::find(&mut rule);
        order::find(&mut rule);
        sight::find(&mut rule, self.names.words.schema, self.names.words.timeline.zone);
        Some(rule)
    }

    fn check_keys(&mut self) {
        for key in &self.script.keys {
            if !KEYS.contains(&key.name.as_str()) {
                let help = did_you_mean(&key.name, KEYS).unwrap_or_else(|| format!("a rule has {}", KEYS.join(", ")));
                self.wrong::<()>(Code::Key, key.at, format!("a rule has no key `{}`", key.name), Some(help));
            }
        }
    }

    fn check_id(&mut self) {
        let file = self.script.path.rsplit('/').next().unwrap_or("").trim_end_matches(".rhai").to_owned();
        if self.script.id != file {
            let message = format!("the rule is `{}` and its file `{file}.rhai`", self.script.id);
            self.wrong::<()>(Code::Key, self.script.id_at, message, Some("a rule is named as its file".to_owned()));
        }
    }

    pub(super) fn wrong<'e, T>(
        &mut self,
        code: Code,
        at: impl Into<Place<'e>>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Option<T> {
        self.lower.wrong(code, at, message, help)
    }

    fn required(&mut self, name: &str) -> Option<&'a Key> {
        let script = self.script;
        let key = script.key(name);
        if key.is_none() {
            self.wrong::<()>(
                Code::Key,
                script.id_at,
                format!("the rule has no `{name}`"),
                Some(format!("add `{name}: ...`")),
            );
        }
        key
    }

    fn text(&mut self, name: &str, required: bool) -> String {
        let key = if required { self.required(name) } else { self.script.key(name) };
        let Some(key) = key else { return String::new() };
        let text = self.string(&key.value, name).unwrap_or_default();
        let says_something = text.chars().any(char::is_alphabetic);
        if required && !says_something && matches!(key.value, Expr::StringConstant(..)) {
            let help = "people read it: say it in a sentence".to_owned();
            self.wrong::<()>(Code::Key, &key.value, format!("`{name}` says nothing"), Some(help));
        }
        text
    }

    pub(super) fn string(&mut self, expr: &Expr, what: &str) -> Option<String> {
        match expr {
            Expr::StringConstant(text, _) => Some(text.to_string()),
            _ => {
                let help = Some("write it out between quotes".to_owned());
                self.wrong(Code::Key, expr, format!("`{what}` is a literal text"), help)
            }
        }
    }

    pub(super) fn strings(&mut self, expr: &Expr, what: &str) -> Option<Vec<(String, Position)>> {
        let Expr::Array(items, _) = expr else {
            return self.wrong(
                Code::Key,
                expr,
                format!("`{what}` is a list of texts"),
                Some("write `[\"...\"]`".to_owned()),
            );
        };
        items.iter().map(|item| Some((self.string(item, what)?, item.start_position()))).collect()
    }

    pub(super) fn known(&mut self, word: &str, at: Position, known: &[String], what: &str, place: &str) -> Option<()> {
        if known.iter().any(|k| k == word) {
            return Some(());
        }
        let help =
            did_you_mean(word, known.iter().map(String::as_str)).unwrap_or_else(|| format!("declare it in `{place}`"));
        self.wrong(Code::Name, at, format!("there is no {what} `{word}`"), Some(help))
    }

    fn names_of(&mut self, name: &str, known: &[String], what: &str, place: &str) -> Option<Vec<Arc<str>>> {
        let key = if name == "basis" { self.required(name)? } else { self.script.key(name)? };
        let mut out = Vec::new();
        for (word, at) in self.strings(&key.value, name)? {
            if self.known(&word, at, known, what, place).is_some() {
                out.push(Arc::from(word.as_str()));
            }
        }
        Some(out)
    }

    fn status(&mut self) -> Status {
        let Some(key) = self.script.key("status") else { return Status::Stable };
        match self.string(&key.value, "status").as_deref() {
            Some("stable") | None => Status::Stable,
            Some("shadow") => Status::Shadow,
            Some("draft") => Status::Draft,
            Some(other) => {
                let help = "it is `stable`, `shadow` or `draft`".to_owned();
                self.wrong::<()>(Code::Key, &key.value, format!("there is no status `{other}`"), Some(help));
                Status::Draft
            }
        }
    }

    fn per(&mut self) -> Option<SubjectKind> {
        let key = self.required("per")?;
        let word = self.string(&key.value, "per")?;
        let known: Vec<&str> = SubjectKind::ALL.iter().map(|(_, word)| *word).collect();
        match SubjectKind::from_word(&word) {
            Some(kind) => Some(kind),
            None => {
                let help = did_you_mean(&word, known.iter().copied())
                    .unwrap_or_else(|| format!("it is one of {}", known.join(", ")));
                self.wrong(Code::Key, &key.value, format!("there is no subject kind `{word}`"), Some(help))
            }
        }
    }

    fn kinds(&mut self, name: &str) -> Option<Vec<KindId>> {
        let key = self.required(name)?;
        let Expr::Array(items, _) = &key.value else {
            return self.wrong(Code::Key, &key.value, format!("`{name}` is a list of record kinds"), None);
        };
        if items.is_empty() {
            return self.wrong(Code::Key, key.at, format!("`{name}` is empty, so the rule never runs"), None);
        }
        let kinds: Vec<Option<KindId>> = items.iter().map(|item| self.lower.kind(item)).collect();
        kinds.into_iter().collect()
    }

    fn phases(&mut self) -> Vec<bool> {
        let timeline = self.names.words.timeline;
        let Some(key) = self.script.key("phases") else { return vec![true; timeline.phases.len()] };
        let mut active = vec![false; timeline.phases.len()];
        for (word, at) in self.strings(&key.value, "phases").unwrap_or_default() {
            match timeline.phase_id(&word).and_then(|phase| active.get_mut(usize::from(phase.0))) {
                Some(slot) => *slot = true,
                None => self.unknown_phase(&word, at),
            }
        }
        active
    }

    fn unknown_phase(&mut self, word: &str, at: Position) {
        let timeline = self.names.words.timeline;
        let known: Vec<&str> = timeline.phases.iter().map(|phase| phase.id.as_ref()).collect();
        let help =
            did_you_mean(word, known.iter().copied()).unwrap_or_else(|| format!("it is one of {}", known.join(", ")));
        self.wrong::<()>(Code::Name, at, format!("there is no phase `{word}`"), Some(help));
    }

    pub(super) fn severity_word(&mut self, expr: &Expr) -> Option<Severity> {
        let word = self.string(expr, "severity")?;
        match Severity::from_word(&word) {
            Some(severity) => Some(severity),
            None => {
                let help = "it is `siaga-1`, `siaga-2`, `siaga-3` or `silent`".to_owned();
                self.wrong(Code::Key, expr, format!("there is no severity `{word}`"), Some(help))
            }
        }
    }

    fn severity(&mut self, active: &[bool]) -> Option<Vec<Severity>> {
        let key = self.required("severity")?;
        let Expr::Map(map, _) = &key.value else {
            let severity = self.severity_word(&key.value)?;
            return Some(vec![severity; active.len()]);
        };
        let mut by_phase = vec![None; active.len()];
        let mut otherwise = None;
        let stated = map.0.iter().any(|(phase, _)| phase.name == "otherwise");
        for (phase, value) in &map.0 {
            let severity = self.severity_word(value);
            if phase.name == "otherwise" {
                otherwise = severity;
                continue;
            }
            match self.names.words.timeline.phase_id(&phase.name).and_then(|id| by_phase.get_mut(usize::from(id.0))) {
                Some(slot) => *slot = severity,
                None => self.unknown_phase(&phase.name, phase.pos),
            }
        }
        let missing = by_phase.iter().zip(active).any(|(severity, active)| severity.is_none() && *active);
        if missing && !stated {
            return self.wrong(
                Code::Key,
                key.at,
                "`severity` leaves out a phase in which the rule runs",
                Some("add `otherwise: \"siaga-3\"`".to_owned()),
            );
        }
        let otherwise = otherwise.unwrap_or(Severity::Siaga3);
        Some(by_phase.into_iter().map(|severity| severity.unwrap_or(otherwise)).collect())
    }

    fn values(&mut self) -> Vec<(String, Node)> {
        let Some(key) = self.script.key("values") else { return Vec::new() };
        let Expr::Map(map, _) = &key.value else {
            self.wrong::<()>(Code::Key, key.at, "`values` is a map from name to expression", None);
            return Vec::new();
        };
        for (name, value) in &map.0 {
            match self.lower.typed(value) {
                Some(typed) => self.lower.values.push((name.name.to_string(), typed)),
                None => {
                    self.lower.broken_values.insert(name.name.to_string());
                }
            }
        }
        self.lower.values.iter().map(|(name, typed)| (name.clone(), typed.node.clone())).collect()
    }

    fn value_groups(&self) -> Vec<BTreeSet<Group>> {
        let mut groups: Vec<BTreeSet<Group>> = Vec::new();
        for (_, typed) in &self.lower.values {
            groups.push(typed.node.groups(self.names.words.schema, &groups));
        }
        groups
    }

    fn when(&mut self) -> Option<Vec<Conjunct>> {
        let Some(key) = self.script.key("when") else { return Some(Vec::new()) };
        let parts: Vec<&Expr> = match &key.value {
            Expr::And(parts, _) => parts.iter().collect(),
            single => vec![single],
        };
        let nodes: Vec<Option<Node>> = parts.iter().map(|part| self.lower.condition(part)).collect();
        let typed = parts.iter().copied().zip(&nodes).filter_map(|(part, node)| Some((part, node.as_ref()?)));
        self.warnings.extend(lint::conjuncts(self.script, &typed.collect::<Vec<_>>()));
        let groups = self.value_groups();
        let schema = self.names.words.schema;
        nodes
            .into_iter()
            .zip(parts)
            .map(|(node, part)| {
                let node = node?;
                let read = node.groups(schema, &groups).into_iter().collect();
                Some(Conjunct {
                    text: self.script.conjunct_text(part).into(),
                    groups: read,
                    sight: Sight::Words(""),
                    node,
                })
            })
            .collect()
    }

    fn area(&mut self) -> Option<Node> {
        let key = self.script.key("area")?;
        self.lower.of_type(&key.value, &[Ty::Text], "`area`").map(|typed| typed.node)
    }

    fn notify(&mut self) -> Option<Vec<RoleMessage>> {
        let key = self.required("notify")?;
        let mut told = Vec::new();
        if let Expr::Map(map, _) = &key.value {
            for (role, message) in &map.0 {
                self.known(&role.name, role.pos, self.names.roles, "role", "agencies.toml")?;
                told.push(self.role_message(&role.name, message)?);
            }
            return Some(told);
        }
        let roles = self.strings(&key.value, "notify")?;
        let message = self.required("message")?;
        for (role, at) in roles {
            self.known(&role, at, self.names.roles, "role", "agencies.toml")?;
            told.push(self.role_message(&role, &message.value)?);
        }
        if told.is_empty() {
            return self.wrong(Code::Key, key.at, "`notify` is empty, so nobody is told", None);
        }
        Some(told)
    }

    fn role_message(&mut self, role: &str, message: &Expr) -> Option<RoleMessage> {
        if let Expr::StringConstant(text, at) = message
            && text.contains("${")
        {
            let help = "write the message between backticks: `...`".to_owned();
            return self.wrong(Code::Key, *at, "`${...}` is filled in between backticks only", Some(help));
        }
        self.lower.purpose = Purpose::Message;
        let typed = self.lower.of_type(message, &[Ty::Text], "a message");
        self.lower.purpose = Purpose::Decision;
        let node = typed?.node;
        let groups = node.groups(self.names.words.schema, &self.value_groups());
        self.check_sight(role, message, &groups);
        Some(RoleMessage { role: Arc::from(role), text: node, groups: groups.into_iter().collect(), repeats: false })
    }

    /// Notes each part of a message that shows an agency what it may not see.
    fn check_sight(&mut self, role: &str, message: &Expr, groups: &BTreeSet<Group>) {
        let agencies = self.names.agencies;
        let blind = |group: &Group| -> Vec<&str> {
            let told = agencies.iter().filter(|agency| agency.roles.iter().any(|own| own.as_ref() == role));
            told.filter(|agency| !agency.sees.contains(group)).map(|agency| agency.id.as_ref()).collect()
        };
        let parts = match message {
            Expr::InterpolatedString(parts, _) => parts.as_slice(),
            whole => std::slice::from_ref(whole),
        };
        for group in groups {
            let agencies = blind(group);
            if agencies.is_empty() {
                continue;
            }
            for part in parts {
                self.lower.purpose = Purpose::Message;
                let typed = self.lower.typed(part);
                self.lower.purpose = Purpose::Decision;
                let values = self.value_groups();
                let shown = typed.map(|typed| typed.node.groups(self.names.words.schema, &values));
                if shown.is_some_and(|shown| shown.contains(group)) {
                    let message = format!(
                        "the message to `{role}` shows `{}`, which {} may not see",
                        group.word(),
                        agencies.join(", ")
                    );
                    let help =
                        "leave it out, or give each role its own message: `notify: #{ kanim: ..., bawaslu: ... }`";
                    self.wrong::<()>(Code::Sight, part, message, Some(help.to_owned()));
                }
            }
        }
    }

    fn tests(&mut self) -> Vec<RuleTest> {
        let Some(key) = self.script.key("tests") else { return Vec::new() };
        let (tests, mut problems) = testing::read_tests(self.script, &key.value, self.names.words.thresholds);
        self.lower.problems.append(&mut problems);
        tests
    }
}
