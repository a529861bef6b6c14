//! One rule file at a time: from its text to the rule and to what is wrong with it.

use rhai::Position;

use crate::record::parse::reader::Reader;
use crate::record::parse::{Received, parse};
use crate::record::reject::Rejection;

use super::assemble::{self, Assembled, Names, Pending};
use super::cross::{self, Across, Covered};
use super::diagnostic::{Code, Diagnostic};
use super::files::RuleFiles;
use super::lift::MapWords;
use super::lint;
use super::rule::{Rule, RuleTest, TestText};
use super::script::{self, Script};
use super::test_names::Known;
use super::texts::Texts;

/// Reads rule files one after the other.
pub struct Clerk<'a> {
    /// What the pack's tables say; none where they are broken, and files are only parsed.
    pack: Option<(Names<'a>, Across<'a>)>,
    /// Whether files can be read again.
    in_folder: bool,
    words: MapWords,
    texts: Texts,
    covered: Covered,
    reader: Option<Reader>,
}

/// What came of one rule file.
#[derive(Debug, Default)]
pub struct Cleared {
    /// The rule, where nothing is wrong with the file itself.
    pub rule: Option<Rule>,
    /// The rule's id and where it stands, where the file could be parsed.
    pub id: Option<(String, Position)>,
    /// What is wrong with the file.
    pub problems: Vec<Diagnostic>,
    /// What is wrong with the rule beside the pack's tables; it counts where the rule stands.
    pub beside: Vec<Diagnostic>,
    /// Rules that it names and that no file is named after.
    pub pending: Vec<Pending>,
}

impl<'a> Clerk<'a> {
    /// Before the first file.
    pub fn new(files: &RuleFiles, pack: Option<(Names<'a>, Across<'a>)>) -> Self {
        let in_folder = files.folder().is_some();
        Clerk {
            pack,
            in_folder,
            words: MapWords::default(),
            texts: Texts::default(),
            covered: Covered::default(),
            reader: None,
        }
    }

    /// Reads a file.
    pub fn read(&mut self, path: &str, text: &str) -> Cleared {
        // what is right is known faster than what is wrong
        let mut words = std::mem::take(&mut self.words);
        let cleared = script::with_usual(path, text, &mut words, |script| self.assemble(script));
        self.words = words;
        if let Some(cleared) = cleared {
            return cleared;
        }
        let mut problems = Vec::new();
        let script = script::parse(path, text, &mut problems);
        let mut cleared = script.and_then(|script| self.assemble(&script)).unwrap_or_default();
        cleared.problems.append(&mut problems);
        cleared
    }

    /// `None` where something is wrong that only a script with all its places can show.
    fn assemble(&mut self, script: &Script<'_>) -> Option<Cleared> {
        let id = Some((script.id.clone(), script.id_at));
        let Some((names, across)) = self.pack else { return Some(Cleared { id, ..Cleared::default() }) };
        let Assembled { mut rule, is_draft, tests, mut problems, pending } =
            assemble::assemble(names, &mut self.texts, script)?;
        if let Some(rule) = &mut rule {
            rule.date_basis(across.citations);
            rule.test_text = if self.in_folder { TestText::in_file(script) } else { TestText::held(script) };
        }
        let mut beside = Vec::new();
        if !is_draft {
            // a test that cannot be read may be the one that is missed
            if !problems.iter().any(|problem| problem.code == Code::Tests) {
                cross::check_tests(script, &tests, &mut beside);
            }
            beside.append(&mut self.check_records(names, script, &tests)?);
        }
        match rule.as_ref().filter(|rule| rule.judges()) {
            Some(rule) => {
                self.covered.check(across, script, rule, &mut beside);
                beside.extend(lint::rule(script, rule, names.words, across));
            }
            None => problems.append(&mut beside),
        }
        Some(Cleared { rule, id, problems, beside, pending })
    }

    /// What is wrong with the records of tests and with whom they expect to be told; `None` where only a script with all
    /// its places can show it.
    fn check_records(&mut self, names: Names<'_>, script: &Script<'_>, tests: &[RuleTest]) -> Option<Vec<Diagnostic>> {
        let agencies: Vec<&str> = names.agencies.iter().map(|agency| agency.id.as_ref()).collect();
        let known = Known { schema: names.words.schema, agencies: &agencies };
        let mut found = Vec::new();
        let mut has_unknown = tests.iter().any(|test| known.misses_agency(test));
        for test in tests {
            let Looked { refused, unknown_fields } = self.look(names, test);
            has_unknown |= unknown_fields;
            found.extend(refused.iter().map(|(index, fault)| cross::refused(script, test, *index, fault)));
        }
        if script.lifted_tests.is_some() && (has_unknown || !found.is_empty()) {
            return None;
        }
        if has_unknown {
            found.append(&mut known.unknown(script));
        }
        Some(found)
    }

    /// Takes the records of a test as intake would.
    fn look(&mut self, names: Names<'_>, test: &RuleTest) -> Looked {
        let (schema, zone) = (names.words.schema, names.words.timeline.zone);
        let reader = self.reader.get_or_insert_with(|| Reader::new(schema, zone));
        let mut looked = Looked::default();
        for (index, record) in test.records.iter().enumerate() {
            if let Some(reading) = reader.read(record.as_bytes(), Received::Stated) {
                looked.unknown_fields |= reading.unknown_fields() > 0;
                continue;
            }
            let json = serde_json::from_str(record).unwrap_or_default();
            match parse(schema, &json, Received::Stated, zone) {
                Ok(parsed) => looked.unknown_fields |= parsed.record.unknown_fields > 0,
                Err(faults) => looked.refused.extend(faults.into_iter().next().map(|fault| (index, fault))),
            }
        }
        looked
    }
}

/// What intake would say of a test's records.
#[derive(Default)]
struct Looked {
    /// Those that it would not take, with the first reason.
    refused: Vec<(usize, Rejection)>,
    /// Whether some state what the schema does not have.
    unknown_fields: bool,
}
