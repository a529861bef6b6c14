//! A pack that somebody works on: its files with what editors hold over them, built anew whenever one changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::pack::diagnostic::Diagnostic;
use crate::pack::files::{Files, RuleFiles, is_scenario};
use crate::pack::rule::Rule;
use crate::pack::{self, Pack};
use crate::timeline::Calendar;
use crate::trial;
use crate::trial::failure::Failure;
use crate::trial::scenario;
use crate::words::Language;

/// Texts by path within the pack.
pub type Texts = BTreeMap<String, String>;

/// An open pack.
#[derive(Debug)]
pub struct Opened {
    /// Its folder.
    pub root: PathBuf,
    /// Its files as they are now.
    pub files: Texts,
    /// Its tables, as of when they could last be read.
    pub tables: Pack,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// The pack, where it has no errors.
    pack: Option<Pack>,
    /// Tests that failed since their file was changed: its path, then the test's place and what came otherwise.
    pub failed: BTreeMap<String, Vec<(usize, String)>>,
    /// Why the folder cannot be read.
    unreadable: Option<Diagnostic>,
    tables_changed: bool,
    knows_tables: bool,
}

impl Opened {
    /// The pack of a folder, not yet read.
    pub fn new(root: &Path) -> Self {
        Opened {
            root: root.to_owned(),
            files: Texts::new(),
            tables: bare(),
            diagnostics: Vec::new(),
            pack: None,
            failed: BTreeMap::new(),
            unreadable: None,
            tables_changed: true,
            knows_tables: false,
        }
    }

    /// Takes the files on disk with others over them; whether that changes anything.
    pub fn read(&mut self, over: Texts) -> bool {
        let (mut files, unreadable) = match on_disk(&self.root) {
            Ok(files) => (files, None),
            Err(problem) => (Texts::new(), Some(*problem)),
        };
        if !self.knows_tables {
            // what is being written over them may be broken
            self.take_tables(files.clone());
        }
        files.extend(over);
        let is_new = files != self.files || unreadable != self.unreadable;
        self.tables_changed |= is_new;
        self.files = files;
        self.unreadable = unreadable;
        is_new
    }

    /// Takes a file's new text.
    pub fn change(&mut self, path: &str, text: &str) {
        self.tables_changed |= !path.ends_with(".rhai");
        self.failed.remove(path);
        self.files.insert(path.to_owned(), text.to_owned());
    }

    fn take_tables(&mut self, files: Texts) {
        if let Some(tables) = pack::tables(self.named(files)) {
            self.tables = tables;
            self.knows_tables = true;
        }
    }

    fn named(&self, texts: Texts) -> Files {
        Files { root: self.root.display().to_string(), texts }
    }

    /// Builds the pack: its diagnostics are those of `siaga check`.
    pub fn build(&mut self) {
        if std::mem::take(&mut self.tables_changed) {
            self.take_tables(self.files.clone());
        }
        (self.diagnostics, self.pack) = match &self.unreadable {
            Some(problem) => (vec![problem.clone()], None),
            None => {
                let (scenarios, files) = self.files.clone().into_iter().partition(|(path, _)| is_scenario(path));
                let mut loaded = pack::build(self.named(files));
                if let Some(pack) = &loaded.pack {
                    loaded.diagnostics.extend(scenario::read(pack, self.named(scenarios)).diagnostics);
                }
                (loaded.diagnostics, loaded.pack)
            }
        };
    }

    /// Runs the tests of a rule by its file's path: each with what came otherwise; none where the pack has errors.
    pub fn run_tests(&self, path: &str, language: Language) -> Option<Vec<Vec<String>>> {
        let pack = self.pack.as_ref()?;
        let rule = pack.rules.iter().find(|rule| rule.file == path)?;
        Some(outcomes(pack, rule, language))
    }
}

/// What came otherwise in each test of a rule.
fn outcomes(pack: &Pack, rule: &Arc<Rule>, language: Language) -> Vec<Vec<String>> {
    let alone = pack.only(vec![rule.clone()]);
    let lines = |failures: &[Failure]| failures.iter().flat_map(|failure| failure.lines(language)).collect();
    trial::run(&alone).iter().map(|trial| lines(&trial.failures)).collect()
}

fn on_disk(root: &Path) -> Result<Texts, Box<Diagnostic>> {
    let (files, rules) = RuleFiles::open(root)?;
    let mut texts = files.texts;
    for path in rules.paths() {
        texts.insert(path.to_owned(), rules.text(path)?.into_owned());
    }
    texts.extend(Files::scenarios(root)?.texts);
    Ok(texts)
}

/// Tables with nothing in them but the schema that all packs share.
pub fn bare() -> Pack {
    let built_in = pack::tables(Files::built_in());
    let mut bare = built_in.unwrap_or_else(|| unreachable!("the tables that ship with the program can be read"));
    bare.timeline.phases.clear();
    bare.timeline.stages.clear();
    bare.timeline.by_kabupaten.clear();
    bare.timeline.whole_area = Calendar::default();
    Pack {
        area: Vec::new(),
        thresholds: Default::default(),
        agencies: Vec::new(),
        citations: Vec::new(),
        sources: Vec::new(),
        lists: Vec::new(),
        ..bare
    }
}
