//! From a parsed rule file to a rule: every key read, typed and checked.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use chrono::TimeDelta;
use rhai::{Expr, Position};

use crate::alert::Severity;
use crate::record::schema::{Group, KindId};
use crate::subject::SubjectKind;
use crate::words::{Text, say};

use super::diagnostic::{Code, Diagnostic, did_you_mean, meant_or_all, meant_or_declare};
use super::expr::Node;
use super::lower::{Lowerer, Vocabulary};
use super::order;
use super::place::Place;
use super::reads;
use super::rule::{Rule, RuleTest, Status, TestText};
use super::script::{Key, Script};
use super::sight;
use super::tables::Agency;
use super::testing;
use super::texts::Texts;
use super::typing::Ty;
use super::wording::Worded;

/// Every key that a rule can have.
pub const KEYS: [&str; 23] = [
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
    pub roles: &'a [Arc<str>],
    /// Who has which role, and may see what.
    pub agencies: &'a [Agency],
    /// Words of the citations.
    pub citations: &'a [Arc<str>],
    /// What files are named after.
    pub rules: &'a HashSet<&'a str>,
}

/// What came of a script.
#[derive(Debug)]
pub struct Assembled {
    /// The rule, where nothing is wrong with it.
    pub rule: Option<Rule>,
    /// It is a draft: it may lack tests.
    pub is_draft: bool,
    /// Its tests.
    pub tests: Vec<RuleTest>,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
    /// Rules that it names and that no file is named after.
    pub pending: Vec<Pending>,
}

/// A name of a rule that no file is named after.
#[derive(Debug)]
pub struct Pending {
    /// The name.
    pub word: String,
    /// What to say where no rule bears it.
    pub diagnostic: Diagnostic,
}

/// Assembles one rule; `None` where something is wrong that only a script with all its places can show.
pub fn assemble(names: Names<'_>, texts: &mut Texts, script: &Script<'_>) -> Option<Assembled> {
    let mut assembler = Assembler {
        names,
        lower: Lowerer::new(names.words, texts, script),
        script,
        is_draft: false,
        warnings: Vec::new(),
        pending: Vec::new(),
    };
    let tests = assembler.tests()?;
    let rule = assembler.rule();
    let Assembler { mut lower, is_draft, mut warnings, pending, .. } = assembler;
    let rule = rule.filter(|_| lower.problems.is_empty());
    lower.problems.append(&mut warnings);
    Some(Assembled { rule, is_draft, tests, problems: lower.problems, pending })
}

pub(super) struct Assembler<'a> {
    pub(super) names: Names<'a>,
    pub(super) lower: Lowerer<'a>,
    pub(super) script: &'a Script<'a>,
    is_draft: bool,
    pub(super) warnings: Vec<Diagnostic>,
    pending: Vec<Pending>,
}

impl<'a> Assembler<'a> {
    fn rule(&mut self) -> Option<Rule> {
        self.check_keys();
        self.check_id();
        let status = self.status();
        self.is_draft = status == Status::Draft;
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
        let basis = self.basis();
        let once_per = self.once_per();
        let suppresses = self.suppresses();
        let [title, flags, why, action, false_positives] = texts;
        let mut rule = Rule {
            id: Arc::from(self.script.id.as_str()),
            file: self.script.path.to_owned(),
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
            test_text: TestText::None,
            reads: BTreeSet::new(),
            looks_back: Some(TimeDelta::zero()),
            moves: BTreeSet::new(),
            answers: BTreeSet::new(),
            functions: self.script.functions.clone(),
            // until the pack knows all its rules
            place: 0,
            worded: Worded::default(),
        };
        reads::find(&mut rule);
        order::find(&mut rule);
        sight::find(&mut rule, self.names.words.schema, self.names.words.timeline.zone);
        Some(rule)
    }

    fn check_keys(&mut self) {
        for key in &self.script.keys {
            if !KEYS.contains(&key.name.as_ref()) {
                let all = || say("key-all").with("known", KEYS.join(", "));
                let help = did_you_mean(&key.name, KEYS).unwrap_or_else(all);
                self.wrong::<()>(Code::Key, key.at, say("key-unknown").with("key", &*key.name), help);
            }
        }
    }

    fn check_id(&mut self) {
        let file = self.script.path.rsplit('/').next().unwrap_or("").trim_end_matches(".rhai").to_owned();
        if self.script.id != file {
            let message = say("key-id").with("id", self.script.id.as_str()).with("file", file);
            self.wrong::<()>(Code::Key, self.script.id_at, message, say("key-id-help"));
        }
    }

    pub(super) fn wrong<'e, T>(
        &mut self,
        code: Code,
        at: impl Into<Place<'e>>,
        message: Text,
        help: impl Into<Option<Text>>,
    ) -> Option<T> {
        self.lower.wrong(code, at, message, help)
    }

    pub(super) fn required(&mut self, name: &str) -> Option<&'a Key<'a>> {
        let script = self.script;
        let key = script.key(name);
        if key.is_none() {
            let message = say("key-missing").with("key", name);
            self.wrong::<()>(Code::Key, script.id_at, message, say("key-missing-help").with("key", name));
        }
        key
    }

    fn text(&mut self, name: &str, required: bool) -> String {
        let key = if required { self.required(name) } else { self.script.key(name) };
        let Some(key) = key else { return String::new() };
        let text = self.string(key.value.as_ref(), name).unwrap_or_default().to_owned();
        let says_something = text.chars().any(char::is_alphabetic);
        if required && !says_something && matches!(*key.value, Expr::StringConstant(..)) {
            let message = say("key-says-nothing").with("key", name);
            self.wrong::<()>(Code::Key, key.value.as_ref(), message, say("key-says-nothing-help"));
        }
        text
    }

    pub(super) fn string<'e>(&mut self, expr: &'e Expr, what: &str) -> Option<&'e str> {
        match expr {
            Expr::StringConstant(text, _) => Some(text.as_str()),
            _ => self.wrong(Code::Key, expr, say("key-literal").with("key", what), say("key-literal-help")),
        }
    }

    pub(super) fn strings<'e>(&mut self, expr: &'e Expr, what: &str) -> Option<Vec<(&'e str, Position)>> {
        let Expr::Array(items, _) = expr else {
            return self.wrong(Code::Key, expr, say("key-texts").with("key", what), say("key-texts-help"));
        };
        items.iter().map(|item| Some((self.string(item, what)?, item.start_position()))).collect()
    }

    /// The word of a table.
    pub(super) fn known(
        &mut self,
        word: &str,
        at: Position,
        known: &[Arc<str>],
        what: Text,
        place: &str,
    ) -> Option<Arc<str>> {
        if let Some(word) = known.iter().find(|k| k.as_ref() == word) {
            return Some(word.clone());
        }
        let help = meant_or_declare(word, known.iter().map(AsRef::as_ref), place);
        self.wrong(Code::Name, at, say("unknown").with("thing", what).with("word", word), help)
    }

    fn basis(&mut self) -> Option<Vec<Arc<str>>> {
        let key = self.required("basis")?;
        let words = self.strings(key.value.as_ref(), "basis")?;
        let known = words.iter().filter_map(|(word, at)| self.citation(word, *at));
        Some(known.collect())
    }

    pub(super) fn citation(&mut self, word: &str, at: Position) -> Option<Arc<str>> {
        self.known(word, at, self.names.citations, say("thing-citation"), "legal.toml")
    }

    fn suppresses(&mut self) -> Option<Vec<Arc<str>>> {
        let key = self.script.key("suppresses")?;
        let mut named = Vec::new();
        for (word, at) in self.strings(key.value.as_ref(), "suppresses")? {
            if !self.names.rules.contains(word) {
                let diagnostic = self.script.error(
                    Code::Name,
                    at,
                    say("unknown").with("thing", say("thing-rule")).with("word", word),
                );
                self.pending.push(Pending { word: word.to_owned(), diagnostic });
            }
            named.push(Arc::from(word));
        }
        Some(named)
    }

    fn status(&mut self) -> Status {
        let Some(key) = self.script.key("status") else { return Status::Stable };
        match self.string(key.value.as_ref(), "status") {
            Some("stable") | None => Status::Stable,
            Some("shadow") => Status::Shadow,
            Some("draft") => Status::Draft,
            Some(other) => {
                let message = say("unknown").with("thing", say("thing-status")).with("word", other);
                self.wrong::<()>(Code::Key, key.value.as_ref(), message, say("key-status-help"));
                Status::Draft
            }
        }
    }

    fn per(&mut self) -> Option<SubjectKind> {
        let key = self.required("per")?;
        let word = self.string(key.value.as_ref(), "per")?;
        let known: Vec<&str> = SubjectKind::ALL.iter().map(|(_, word)| *word).collect();
        match SubjectKind::from_word(word) {
            Some(kind) => Some(kind),
            None => {
                let message = say("unknown").with("thing", say("thing-subject")).with("word", word);
                self.wrong(Code::Key, key.value.as_ref(), message, meant_or_all(word, known))
            }
        }
    }

    fn kinds(&mut self, name: &str) -> Option<Vec<KindId>> {
        let key = self.required(name)?;
        let Expr::Array(items, _) = key.value.as_ref() else {
            return self.wrong(
                Code::Key,
                key.value.as_ref(),
                say("key-kinds").with("key", name),
                say("key-kinds-help"),
            );
        };
        if items.is_empty() {
            return self.wrong(Code::Key, key.at, say("key-empty-kinds").with("key", name), None);
        }
        let kinds: Vec<Option<KindId>> = items.iter().map(|item| self.lower.kind(item)).collect();
        kinds.into_iter().collect()
    }

    fn phases(&mut self) -> Vec<bool> {
        let timeline = self.names.words.timeline;
        let Some(key) = self.script.key("phases") else { return vec![true; timeline.phases.len()] };
        let mut active = vec![false; timeline.phases.len()];
        for (word, at) in self.strings(key.value.as_ref(), "phases").unwrap_or_default() {
            match timeline.phase_id(word).and_then(|phase| active.get_mut(usize::from(phase.0))) {
                Some(slot) => *slot = true,
                None => self.unknown_phase(word, at),
            }
        }
        active
    }

    fn unknown_phase(&mut self, word: &str, at: Position) {
        let timeline = self.names.words.timeline;
        let known: Vec<&str> = timeline.phases.iter().map(|phase| phase.id.as_ref()).collect();
        let message = say("unknown").with("thing", say("thing-phase")).with("word", word);
        self.wrong::<()>(Code::Name, at, message, meant_or_all(word, known));
    }

    pub(super) fn severity_word(&mut self, expr: &Expr) -> Option<Severity> {
        let word = self.string(expr, "severity")?;
        match Severity::from_word(word) {
            Some(severity) => Some(severity),
            None => {
                let message = say("unknown").with("thing", say("thing-severity")).with("word", word);
                self.wrong(Code::Key, expr, message, say("key-severity-help"))
            }
        }
    }

    fn severity(&mut self, active: &[bool]) -> Option<Vec<Severity>> {
        let key = self.required("severity")?;
        let Expr::Map(map, _) = key.value.as_ref() else {
            let severity = self.severity_word(key.value.as_ref())?;
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
            return self.wrong(Code::Key, key.at, say("key-severity-gap"), say("key-severity-gap-help"));
        }
        let otherwise = otherwise.unwrap_or(Severity::Siaga3);
        Some(by_phase.into_iter().map(|severity| severity.unwrap_or(otherwise)).collect())
    }

    fn values(&mut self) -> Vec<(String, Node)> {
        let Some(key) = self.script.key("values") else { return Vec::new() };
        let Expr::Map(map, _) = key.value.as_ref() else {
            self.wrong::<()>(Code::Key, key.at, say("key-values"), None);
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

    pub(super) fn value_groups(&self) -> Vec<BTreeSet<Group>> {
        let mut groups: Vec<BTreeSet<Group>> = Vec::new();
        for (_, typed) in &self.lower.values {
            groups.push(typed.node.groups(self.names.words.schema, &groups));
        }
        groups
    }

    fn area(&mut self) -> Option<Node> {
        let key = self.script.key("area")?;
        self.lower.of_type(key.value.as_ref(), &[Ty::Text], say("role-area")).map(|typed| typed.node)
    }

    /// `None` where something is wrong that the script has no place for.
    fn tests(&mut self) -> Option<Vec<RuleTest>> {
        let Some(tests) = self.script.tests() else { return Some(Vec::new()) };
        let mut read = testing::read_tests(self.script, tests, self.names.words.thresholds);
        self.lower.problems.append(&mut read.problems);
        (!read.is_lost).then_some(read.tests)
    }
}
