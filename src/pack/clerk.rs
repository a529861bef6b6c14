//! One rule file at a time: from its text to the rule and to what is wrong with it.

use rhai::Position;

use crate::record::parse::reader::Reader;
use crate::record::parse::{Received, parse};
use crate::record::reject::Rejection;

use super::assemble::{self, Assembled, Names, Pending};
use super::cross::{self, Across, Covered};
use super::diagnostic::Diagnostic;
use super::files::RuleFiles;
use super::lift::MapWords;
use super::lint;
use super::rule::{Rule, RuleTest, TestText};
use super::script::{self, Script};
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
        let Assembled { mut rule, tests, problems, pending } = assemble::assemble(names, &mut self.texts, script)?;
        if let Some(rule) = &mut rule {
            rule.date_basis(across.citations);
            rule.test_text = if self.in_folder { TestText::in_file(script) } else { TestText::held(script) };
        }
        let mut beside = Vec::new();
        if let Some(rule) = rule.as_ref().filter(|rule| rule.judges()) {
            cross::check_tests(script, &tests, &mut beside);
            for test in &tests {
                for (index, fault) in self.refused(names, test) {
                    if script.lifted_tests.is_some() {
                        return None;
                    }
                    beside.push(cross::refused(script, test, index, &fault));
                }
            }
            self.covered.check(across, script, rule, &mut beside);
            beside.extend(lint::rule(script, rule, names.words, across));
        }
        Some(Cleared { rule, id, problems, beside, pending })
    }

    /// The records of a test that intake would not take, with the first reason.
    fn refused(&mut self, names: Names<'_>, test: &RuleTest) -> Vec<(usize, Rejection)> {
        let (schema, zone) = (names.words.schema, names.words.timeline.zone);
        let reader = self.reader.get_or_insert_with(|| Reader::new(schema, zone));
        let mut refused = Vec::new();
        for (index, record) in test.records.iter().enumerate() {
            if reader.read(record.as_bytes(), Received::Stated).is_some() {
                continue;
            }
            let json = serde_json::from_str(record).unwrap_or_default();
            let faults = parse(schema, &json, Received::Stated, zone).err().unwrap_or_default();
            refused.extend(faults.into_iter().next().map(|fault| (index, fault)));
        }
        refused
    }
}
