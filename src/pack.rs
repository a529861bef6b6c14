//! A rule pack: read, checked, typed, lowered; everything that is wrong with it is found at once.

mod assemble;
mod calendar;
mod calls;
mod cross;
pub mod diagnostic;
pub mod expr;
mod fields;
pub mod files;
mod lint;
pub mod lists;
mod lower;
mod operators;
mod order;
mod place;
mod reads;
pub mod rule;
pub(crate) mod script;
pub mod sight;
pub mod tables;
mod testing;
pub mod thresholds;
mod timing;
mod typing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::record::region;
use crate::record::schema::{FieldId, Schema, core};
use crate::timeline::Timeline;

use diagnostic::{Code, Diagnostic, Weight, did_you_mean};
use files::Files;
use lists::{Exemptions, List};
use rule::Rule;
use tables::{AgenciesFile, Agency, Citation, LegalFile, PackFile, Source, SourcesFile, ThresholdFile};
use thresholds::Thresholds;

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
    /// Rules, sorted by id.
    pub rules: Vec<Arc<Rule>>,
}

impl Pack {
    /// The rule of an id.
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        let index = self.rules.binary_search_by(|rule| rule.id.as_ref().cmp(id)).ok()?;
        self.rules.get(index)
    }

    /// The fields of records that judging needs: those that rules read, and those that the program itself reads.
    pub fn fields_read(&self) -> BTreeSet<FieldId> {
        reads::fields(self.rules.iter().map(AsRef::as_ref)).into_iter().chain(core::READ).collect()
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
    /// The diagnostics, drawn for a terminal.
    pub fn render(&self, color: bool) -> String {
        diagnostic::render(&self.diagnostics, &self.files.texts, &self.files.root, color)
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.weight == Weight::Error).count()
    }
}

/// Loads the pack in a folder.
pub fn load(folder: &Path) -> Loaded {
    match Files::read(folder) {
        Ok(files) => build(files),
        Err(problem) => {
            let files = Files { root: folder.display().to_string(), texts: BTreeMap::new() };
            Loaded { pack: None, diagnostics: vec![*problem], files }
        }
    }
}

/// Builds a pack from its files.
pub fn build(files: Files) -> Loaded {
    let mut problems = Vec::new();
    let pack = build_pack(&files, &mut problems);
    diagnostic::tidy(&mut problems);
    let failed = problems.iter().any(|problem| problem.weight == Weight::Error);
    Loaded { pack: pack.filter(|_| !failed), diagnostics: problems, files }
}

fn build_pack(files: &Files, problems: &mut Vec<Diagnostic>) -> Option<Pack> {
    let schema = fields::schema(files, problems);
    let head: Option<PackFile> = tables::read(files, "pack.toml", problems);
    let timeline_file = tables::read(files, "timeline.toml", problems);
    let threshold_file: Option<BTreeMap<String, ThresholdFile>> = tables::read(files, "thresholds.toml", problems);
    let agencies_file: Option<AgenciesFile> = tables::read(files, "agencies.toml", problems);
    let legal_file: Option<LegalFile> = tables::read(files, "legal.toml", problems);
    let sources_file: Option<SourcesFile> = tables::read(files, "sources.toml", problems);
    // before anything stops at a broken table, so that a rule that does not parse is shown in the same run
    let scripts = read_scripts(files, problems);
    let head = head?;
    let timeline = calendar::build(files, &head, &timeline_file?, problems)?;
    let thresholds = Thresholds::new(cross::thresholds(files, threshold_file?, &timeline, &head, problems));
    let citations = cross::citations(files, legal_file?, problems);
    let (roles, agencies) = cross::agencies(files, agencies_file?, &citations, &head, problems);
    let sources = cross::sources(files, sources_file?, &schema, &agencies, problems);
    let lists = lists::read_lists(files, &head, problems);
    let exemptions = lists::read_exemptions(files, problems);
    let words = lower::Vocabulary { schema: &schema, timeline: &timeline, thresholds: &thresholds, lists: &lists };
    let rules = read_rules(files, &scripts, words, &roles, &agencies, &citations, problems);
    let pack = Pack {
        area_name: head.area_name.clone().unwrap_or_else(|| head.title.clone()),
        name: head.name,
        title: head.title,
        hash: files.hash(),
        area: head.area.into_iter().map(toml::Spanned::into_inner).collect(),
        false_alarm_days: head.false_alarm_days,
        schema,
        timeline,
        thresholds,
        agencies,
        citations,
        sources,
        lists,
        exemptions,
        rules,
    };
    cross::check_rules(&scripts, &pack, problems);
    Some(pack)
}

fn read_scripts(files: &Files, problems: &mut Vec<Diagnostic>) -> Vec<script::Script> {
    let rules = files.texts.iter().filter(|(path, _)| path.ends_with(".rhai"));
    let scripts: Vec<script::Script> = rules.filter_map(|(path, text)| script::parse(path, text, problems)).collect();
    if scripts.is_empty() && problems.is_empty() {
        problems.push(
            Diagnostic::file(Code::File, "pack.toml", "the pack has no rules").help("add a file `<area>/<id>.rhai`"),
        );
    }
    scripts
}

/// The ids of scripts and the names of files: a rule that does not parse is wrong itself, not whoever names it.
fn known_rules(files: &Files, scripts: &[script::Script]) -> Vec<String> {
    let stems = files.texts.keys().filter_map(|path| path.strip_suffix(".rhai")?.rsplit('/').next());
    scripts.iter().map(|script| script.id.clone()).chain(stems.map(str::to_owned)).collect()
}

fn read_rules(
    files: &Files,
    scripts: &[script::Script],
    words: lower::Vocabulary<'_>,
    roles: &[String],
    agencies: &[Agency],
    citations: &[Citation],
    problems: &mut Vec<Diagnostic>,
) -> Vec<Arc<Rule>> {
    let ids = known_rules(files, scripts);
    let cited: Vec<String> = citations.iter().map(|citation| citation.id.to_string()).collect();
    let names = assemble::Names { words, roles, agencies, citations: &cited, rules: &ids };
    let citations = citations.iter().map(|citation| (citation.id.as_ref(), citation)).collect();
    let mut rules: Vec<Arc<Rule>> = Vec::new();
    for script in scripts {
        let Some(mut rule) = assemble::assemble(names, script, problems) else { continue };
        rule.date_basis(&citations);
        match rules.iter().find(|other| other.id == rule.id) {
            Some(other) => {
                let message = format!("the rule `{}` is also in `{}`", rule.id, other.file);
                problems.push(script.error(Code::Key, script.id_at, message));
            }
            None => rules.push(Arc::new(rule)),
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}

/// An error about an unknown word in a TOML file.
fn unknown_word(files: &Files, path: &str, word: &toml::Spanned<String>, what: &str, known: &[&str]) -> Diagnostic {
    let text = files.text(path).unwrap_or("");
    let name = word.get_ref();
    // a code of BPS looks like another kabupaten's: the one that is meant is looked up, not guessed
    let region = (what == "kabupaten").then(|| region::check(name, region::Level::Kabupaten).err()).flatten();
    let diagnostic = Diagnostic::error(Code::Name, path, text, word.span(), format!("there is no {what} `{name}`"));
    if let Some(fault) = region {
        return diagnostic.help(fault.help);
    }
    diagnostic
        .help(did_you_mean(name, known.iter().copied()).unwrap_or_else(|| format!("it is one of {}", known.join(", "))))
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
