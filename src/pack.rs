//! A rule pack: read, checked, typed, lowered; everything that is wrong with it is found at once.

mod assemble;
pub(crate) mod calendar;
mod calls;
pub mod catalogue;
mod clerk;
pub mod codes;
pub(crate) mod conjunct;
mod cross;
pub mod diagnostic;
pub mod expr;
mod fields;
pub mod files;
mod gather;
pub mod guide;
mod lift;
mod lint;
pub mod lists;
mod literal;
mod lower;
pub mod member;
mod messages;
mod operators;
mod order;
mod place;
pub mod profile;
mod reads;
pub mod refusal;
pub mod rule;
pub mod scaffold;
pub(crate) mod script;
pub mod sight;
mod syntax;
pub mod tables;
mod test_names;
pub mod testing;
mod texts;
pub mod thresholds;
mod timing;
pub(crate) mod toml_file;
mod typing;
pub mod wording;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;

use crate::record::region;
use crate::record::schema::{FieldId, Schema, core};
use crate::timeline::Timeline;
use crate::words::{Argument, Language, Text, say};

use diagnostic::{Code, Diagnostic, Weight, meant_or_all};
use files::{Files, RuleFiles, Version};
use gather::{Gathered, gather};
use lists::{Exemptions, List};
use profile::Profiles;
use rule::{Rule, Status};
use tables::{AgenciesFile, Agency, Citation, LegalFile, PackFile, Source, SourcesFile, ThresholdFile};
use thresholds::Thresholds;
use toml::Spanned;

pub use script::DISABLED_SYMBOLS;

/// A pack that loaded.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Its word.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// How the whole area is called.
    pub area_name: String,
    /// SHA-256 of its files.
    pub hash: String,
    /// Where its files lie, where it was loaded from a folder.
    pub folder: Option<PathBuf>,
    /// Kabupaten codes that it is responsible for.
    pub area: Vec<String>,
    /// How many days a matter closed as a false alarm stays quiet.
    pub false_alarm_days: u32,
    /// Fields and kinds.
    pub schema: Schema,
    /// The calendar.
    pub timeline: Timeline,
    /// Tunable numbers as the pack states them.
    pub thresholds: Thresholds,
    /// Agencies in the pack's order.
    pub agencies: Vec<Agency>,
    /// Citations in the pack's order.
    pub citations: Vec<Citation>,
    /// Sources in the pack's order.
    pub sources: Vec<Source>,
    /// Reference lists.
    pub lists: Vec<List>,
    /// Exempt people.
    pub exemptions: Exemptions,
    /// How tables become records.
    pub profiles: Profiles,
    /// Rules, sorted by id.
    pub rules: Vec<Arc<Rule>>,
    /// Those that suppress others.
    pub suppressors: Vec<Arc<Rule>>,
}

impl Pack {
    /// The rule of an id.
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.get(self.place_of(id)? as usize)
    }

    /// The place of the rule of an id.
    pub fn place_of(&self, id: &str) -> Option<u32> {
        let place = self.rules.binary_search_by(|rule| rule.id.as_ref().cmp(id)).ok()?;
        u32::try_from(place).ok()
    }

    /// The fields of records that judging needs: those that rules read, and those that the program itself reads.
    pub fn fields_read(&self) -> BTreeSet<FieldId> {
        reads::fields(self.rules.iter().map(AsRef::as_ref)).into_iter().chain(core::READ).collect()
    }

    /// The same pack with these rules alone.
    pub fn only(&self, rules: Vec<Arc<Rule>>) -> Pack {
        Pack { rules: placed(rules), ..self.clone() }
    }

    /// The same pack with some of its rules stopped.
    pub fn without(&self, stopped: &[Arc<str>]) -> Pack {
        let mut pack = self.clone();
        for rule in pack.rules.iter_mut().filter(|rule| stopped.contains(&rule.id)) {
            Arc::make_mut(rule).status = Status::Stopped;
        }
        pack
    }

    /// The agency of an id.
    pub fn agency(&self, id: &str) -> Option<&Agency> {
        self.agencies.iter().find(|agency| agency.id.as_ref() == id)
    }

    /// The citation of an id.
    pub fn citation(&self, id: &str) -> Option<&Citation> {
        self.citations.iter().find(|citation| citation.id.as_ref() == id)
    }
}

/// What came of loading a pack.
#[derive(Debug)]
pub struct Loaded {
    /// The pack, where nothing is wrong with it.
    pub pack: Option<Pack>,
    /// What is wrong, by file and place; warnings too.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for drawing the diagnostics.
    pub files: Files,
}

impl Loaded {
    /// The diagnostics, drawn for a terminal in English.
    pub fn render(&self, color: bool) -> String {
        self.render_in(Language::English, color)
    }

    /// The diagnostics, drawn for a terminal.
    pub fn render_in(&self, language: Language, color: bool) -> String {
        diagnostic::render(&self.diagnostics, &self.files.texts, &self.files.root, language, color)
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.weight == Weight::Error).count()
    }
}

/// Loads the pack in a folder, on all cores.
pub fn load(folder: &Path) -> Loaded {
    load_on(folder, std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}

/// Loads the pack in a folder on so many threads; how many makes no difference but of time.
pub fn load_on(folder: &Path, threads: NonZeroUsize) -> Loaded {
    match RuleFiles::open(folder) {
        Ok((files, rules)) => put_together(files, &rules, threads),
        Err(problem) => unreadable(folder.display().to_string(), *problem),
    }
}

/// Builds a pack from its files.
pub fn build(files: Files) -> Loaded {
    let (tables, rules) = RuleFiles::held(files);
    let mut loaded = put_together(tables, &rules, NonZeroUsize::MIN);
    if let RuleFiles::Held(texts) = rules {
        loaded.files.texts.extend(texts);
    }
    loaded
}

/// The pack of its tables alone, where they can be read, for those who are still writing its rules.
pub fn tables(files: Files) -> Option<Pack> {
    let (files, rules) = RuleFiles::held(files);
    let tables = read_tables(&files, &rules, &mut Vec::new())?;
    Some(tables.pack(Vec::new(), String::new(), None))
}

/// A pack of which a file cannot be read: nothing else is said of it.
fn unreadable(root: String, problem: Diagnostic) -> Loaded {
    Loaded { pack: None, diagnostics: vec![problem], files: Files { root, texts: BTreeMap::new() } }
}

fn put_together(mut files: Files, rules: &RuleFiles, threads: NonZeroUsize) -> Loaded {
    let mut problems = Vec::new();
    let mut version = Version::new(&files.texts);
    let tables = read_tables(&files, rules, &mut problems);
    let gathered = match &tables {
        Some(tables) => tables.gather(rules, threads, &mut version),
        // so that a rule that does not parse is shown in the same run
        None => gather(rules, None, threads, &mut version),
    };
    let gathered = match gathered {
        Ok(gathered) => gathered,
        Err(problem) => return unreadable(files.root, *problem),
    };
    problems.extend(gathered.problems);
    forget_echoes(&mut problems);
    let failed = problems.iter().any(|problem| problem.weight == Weight::Error);
    // a rule that is wrong may be the one that uses it
    if let Some(tables) = tables.as_ref().filter(|_| !failed) {
        let text = files.text("thresholds.toml").unwrap_or("");
        problems.extend(lint::thresholds(
            text,
            &tables.thresholds,
            &tables.threshold_places,
            &gathered.rules,
            &tables.timeline,
        ));
    }
    diagnostic::tidy(&mut problems);
    let hash = version.finish();
    let pack = tables.filter(|_| !failed).map(|tables| tables.pack(gathered.rules, hash, rules.folder()));
    files.texts.extend(gathered.texts);
    Loaded { pack, diagnostics: problems, files }
}

/// Leaves out that a name is unknown where its own table could not be read whole.
fn forget_echoes(problems: &mut Vec<Diagnostic>) {
    const DECLARED: [(&str, &[&str]); 4] = [
        ("thresholds.toml", &["thing-threshold"]),
        ("agencies.toml", &["thing-role", "thing-agency"]),
        ("legal.toml", &["thing-citation"]),
        ("timeline.toml", &["thing-phase", "thing-stage"]),
    ];
    let broken = |file: &str| problems.iter().any(|problem| problem.code == Code::Table && problem.file == file);
    let lost: Vec<&str> =
        DECLARED.iter().filter(|(file, _)| broken(file)).flat_map(|(_, things)| *things).copied().collect();
    problems.retain(|problem| match &problem.message {
        Text::Message("unknown", arguments) => !arguments
            .iter()
            .any(|(_, argument)| matches!(argument, Argument::Text(Text::Message(thing, _)) if lost.contains(thing))),
        _ => true,
    });
}

/// What a pack says beside its rules.
struct Tables {
    head: PackFile,
    schema: Schema,
    timeline: Timeline,
    thresholds: Thresholds,
    /// Where each of them stands.
    threshold_places: Vec<lint::Declared>,
    roles: Vec<Arc<str>>,
    agencies: Vec<Agency>,
    citations: Vec<Citation>,
    sources: Vec<Source>,
    lists: Vec<List>,
    exemptions: Exemptions,
    profiles: Profiles,
}

/// Reads the tables; `None` where one is missing or broken, so that rules cannot be held against it.
fn read_tables(files: &Files, rules: &RuleFiles, problems: &mut Vec<Diagnostic>) -> Option<Tables> {
    let mut schema = fields::schema(files, problems);
    let head: Option<PackFile> = toml_file::read(files, "pack.toml", problems);
    let timeline_file = toml_file::read(files, "timeline.toml", problems);
    let threshold_file: Option<BTreeMap<Spanned<String>, ThresholdFile>> =
        toml_file::read(files, "thresholds.toml", problems);
    let agencies_file: Option<AgenciesFile> = toml_file::read(files, "agencies.toml", problems);
    let legal_file: Option<LegalFile> = toml_file::read(files, "legal.toml", problems);
    let sources_file: Option<SourcesFile> = toml_file::read(files, "sources.toml", problems);
    if rules.paths().is_empty() && problems.is_empty() {
        problems.push(Diagnostic::file(Code::File, "pack.toml", say("file-no-rules")).help(say("file-no-rules-help")));
    }
    let head = head?;
    let timeline = calendar::build(files, &head, &timeline_file?, problems)?;
    let declared = threshold_file?;
    let places = lint::declared(&declared);
    let thresholds = Thresholds::new(cross::thresholds(files, declared, &timeline, &head, problems));
    let citations = cross::citations(files, legal_file?, problems);
    let (roles, agencies) = cross::agencies(files, agencies_file?, &citations, &head, problems);
    let sources = cross::sources(files, sources_file?, &schema, &agencies, problems);
    let lists = lists::read_lists(files, &head, problems);
    let exemptions = lists::read_exemptions(files, problems);
    let profiles = profile::read(files, &schema, &sources, problems);
    schema.set_arrivals(profiles.arrivals());
    let roles = roles.into_iter().map(Arc::from).collect();
    Some(Tables {
        head,
        schema,
        timeline,
        thresholds,
        threshold_places: places,
        roles,
        agencies,
        citations,
        sources,
        lists,
        exemptions,
        profiles,
    })
}

impl Tables {
    fn gather(
        &self,
        rules: &RuleFiles,
        threads: NonZeroUsize,
        version: &mut Version<'_>,
    ) -> Result<Gathered, Box<Diagnostic>> {
        let words = lower::Vocabulary {
            schema: &self.schema,
            timeline: &self.timeline,
            thresholds: &self.thresholds,
            lists: &self.lists,
        };
        let stems = rules.paths().into_iter().map(gather::stem).collect();
        let citations: Vec<Arc<str>> = self.citations.iter().map(|citation| citation.id.clone()).collect();
        let names = assemble::Names {
            words,
            roles: &self.roles,
            agencies: &self.agencies,
            citations: &citations,
            rules: &stems,
        };
        let by_id = self.citations.iter().map(|citation| (citation.id.as_ref(), citation)).collect();
        let sent = self.sources.iter().flat_map(|source| source.kinds.iter().copied()).collect();
        let retention = self.head.retention_days.map(|days| TimeDelta::days(days.into()));
        let across = cross::Across { timeline: &self.timeline, citations: &by_id, sent: &sent, retention };
        gather(rules, Some((names, across)), threads, version)
    }

    fn pack(self, rules: Vec<Arc<Rule>>, hash: String, folder: Option<&Path>) -> Pack {
        let rules = placed(rules);
        let head = self.head;
        Pack {
            suppressors: rules.iter().filter(|rule| !rule.suppresses.is_empty()).cloned().collect(),
            area_name: head.area_name.clone().unwrap_or_else(|| head.title.clone()),
            name: head.name,
            title: head.title,
            hash,
            folder: folder.map(Path::to_owned),
            area: head.area.into_iter().map(Spanned::into_inner).collect(),
            false_alarm_days: head.false_alarm_days,
            schema: self.schema,
            timeline: self.timeline,
            thresholds: self.thresholds,
            agencies: self.agencies,
            citations: self.citations,
            sources: self.sources,
            lists: self.lists,
            exemptions: self.exemptions,
            profiles: self.profiles,
            rules,
        }
    }
}

/// Sorts the rules of a pack, and tells each its place.
fn placed(mut rules: Vec<Arc<Rule>>) -> Vec<Arc<Rule>> {
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    for (place, rule) in (0..).zip(&mut rules).filter(|(place, rule)| rule.place != *place) {
        Arc::make_mut(rule).place = place;
    }
    rules
}

/// An error about an unknown word in a TOML file.
fn unknown_word(files: &Files, path: &str, word: &Spanned<String>, what: Text, known: &[&str]) -> Diagnostic {
    let text = files.text(path).unwrap_or("");
    let name = word.get_ref();
    // a code of BPS looks like another kabupaten's: the one that is meant is looked up, not guessed
    let region =
        (what == say("thing-kabupaten")).then(|| region::check(name, region::Level::Kabupaten).err()).flatten();
    let diagnostic = Diagnostic::error(
        Code::Name,
        path,
        text,
        word.span(),
        say("unknown").with("thing", what).with("word", name.as_str()),
    );
    if let Some(fault) = region {
        return diagnostic.help(Text::Plain(fault.help.to_string()));
    }
    diagnostic.help(meant_or_all(name, known.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_pack_loads() {
        let loaded = build(Files::built_in());
        assert!(loaded.pack.is_some() && loaded.diagnostics.is_empty(), "{}", loaded.render(false));
    }
}
