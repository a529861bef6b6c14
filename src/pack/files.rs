//! The files of a pack, from a folder or from the program itself, and the hash that names a version.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::diagnostic::{Code, Diagnostic};
use crate::words::{Text, say};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules/pilkada-2024");

/// How messages name the pack that ships with the program.
const BUILT_IN_ROOT: &str = "built-in pilkada-2024";

/// The largest file of a pack, in bytes: a list of all polling stations fits.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The folder of scenario files within a pack's folder. They show what the pack does and are no part of what judges.
const SCENARIOS: &str = "scenarios";

/// Path within the pack to text.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// How the pack is named in messages: the folder as given.
    pub root: String,
    /// Path to text. A folder's rules join them only where something is wrong with them.
    pub texts: BTreeMap<String, String>,
}

impl Files {
    /// The pack that ships with the program.
    pub fn built_in() -> Self {
        let mut texts = BTreeMap::new();
        collect_built_in(&BUILT_IN, &mut texts);
        texts.retain(|path, _| !is_scenario(path));
        Files { root: BUILT_IN_ROOT.to_owned(), texts }
    }

    /// The scenario files of the pack that ships with the program.
    pub fn built_in_scenarios() -> Self {
        let mut texts = BTreeMap::new();
        BUILT_IN.get_dir(SCENARIOS).into_iter().for_each(|dir| collect_built_in(dir, &mut texts));
        Files { root: BUILT_IN_ROOT.to_owned(), texts }
    }

    /// The scenario files of the pack in a folder; none where it has none.
    pub fn scenarios(folder: &Path) -> Result<Self, Box<Diagnostic>> {
        let mut files = Files { root: folder.display().to_string(), texts: BTreeMap::new() };
        let scenarios = folder.join(SCENARIOS);
        if scenarios.is_dir() {
            list(&scenarios, SCENARIOS, &mut files.texts, &mut Vec::new())?;
            files.texts.retain(|path, _| path.ends_with(".toml"));
        }
        Ok(files)
    }

    /// All files of the pack in a folder, its rules too.
    pub fn read(folder: &Path) -> Result<Self, Box<Diagnostic>> {
        let (mut files, rules) = RuleFiles::open(folder)?;
        for path in rules.paths() {
            files.texts.insert(path.to_owned(), rules.text(path)?.into_owned());
        }
        Ok(files)
    }

    /// The hash that names this version.
    pub fn hash(&self) -> String {
        Version::new(&self.texts).finish()
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }
}

/// The rule files of a pack, in the order of their paths: a large pack's texts are never held all at once.
#[derive(Debug)]
pub enum RuleFiles {
    /// All texts are held.
    Held(BTreeMap<String, String>),
    /// They lie in a folder.
    Folder(PathBuf, Vec<String>),
}

impl RuleFiles {
    /// Parts a folder: tables are read, rules are listed.
    pub fn open(folder: &Path) -> Result<(Files, RuleFiles), Box<Diagnostic>> {
        let mut files = Files { root: folder.display().to_string(), texts: BTreeMap::new() };
        let mut rules = Vec::new();
        list(folder, "", &mut files.texts, &mut rules)?;
        rules.sort_unstable();
        Ok((files, RuleFiles::Folder(folder.to_owned(), rules)))
    }

    /// Parts files that are held.
    pub fn held(mut files: Files) -> (Files, RuleFiles) {
        let (rules, tables) = std::mem::take(&mut files.texts).into_iter().partition(|(path, _)| is_rule(path));
        files.texts = tables;
        (files, RuleFiles::Held(rules))
    }

    /// Their paths within the pack.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            RuleFiles::Held(texts) => texts.keys().map(String::as_str).collect(),
            RuleFiles::Folder(_, paths) => paths.iter().map(String::as_str).collect(),
        }
    }

    /// The folder in which they lie.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            RuleFiles::Held(_) => None,
            RuleFiles::Folder(folder, _) => Some(folder),
        }
    }

    /// The text of one of them.
    pub fn text(&self, path: &str) -> Result<Cow<'_, str>, Box<Diagnostic>> {
        match self {
            RuleFiles::Held(texts) => Ok(Cow::Borrowed(texts.get(path).map_or("", String::as_str))),
            RuleFiles::Folder(folder, _) => read_text(&folder.join(path), path).map(Cow::Owned),
        }
    }
}

/// SHA-256 over paths and texts in the order of the paths.
pub struct Version<'a> {
    hasher: Sha256,
    tables: std::iter::Peekable<std::collections::btree_map::Iter<'a, String, String>>,
}

impl<'a> Version<'a> {
    /// Of a pack with these tables.
    pub fn new(tables: &'a BTreeMap<String, String>) -> Self {
        Version { hasher: Sha256::new(), tables: tables.iter().peekable() }
    }

    /// Adds the next rule.
    pub fn add(&mut self, path: &str, text: &str) {
        while let Some((path, text)) = self.tables.next_if(|(table, _)| table.as_str() < path) {
            feed(&mut self.hasher, path, text);
        }
        feed(&mut self.hasher, path, text);
    }

    /// The hash, in hexadecimal.
    pub fn finish(mut self) -> String {
        for (path, text) in self.tables {
            feed(&mut self.hasher, path, text);
        }
        hex::encode(self.hasher.finalize())
    }
}

fn feed(hasher: &mut Sha256, path: &str, text: &str) {
    for part in [path, text] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
}

/// Whether a path below a pack's folder is that of a file of the pack.
pub fn belongs(path: &str) -> bool {
    path.split('/').all(is_visible) && is_pack_file(path) && !is_scenario(path)
}

/// Whether a path within the pack is that of a scenario file.
pub fn is_scenario(path: &str) -> bool {
    path.split('/').next() == Some(SCENARIOS)
}

fn is_visible(name: &str) -> bool {
    !name.starts_with('.')
}

fn is_rule(path: &str) -> bool {
    path.ends_with(".rhai")
}

fn is_pack_file(name: &str) -> bool {
    is_visible(name) && [".toml", ".rhai", ".csv"].iter().any(|ending| name.ends_with(ending))
}

fn collect_built_in(dir: &Dir<'_>, texts: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if is_pack_file(path.rsplit('/').next().unwrap_or("")) {
            texts.insert(path, file.contents_utf8().unwrap_or_default().to_owned());
        }
    }
    dir.dirs().for_each(|dir| collect_built_in(dir, texts));
}

fn list(
    folder: &Path,
    prefix: &str,
    tables: &mut BTreeMap<String, String>,
    rules: &mut Vec<String>,
) -> Result<(), Box<Diagnostic>> {
    let place = if prefix.is_empty() { "." } else { prefix };
    let unreadable = |error: &dyn std::fmt::Display| {
        Box::new(
            Diagnostic::file(Code::File, place, say("file-unreadable").with("reason", error.to_string()))
                .help(say("file-folder-help")),
        )
    };
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(&error))? {
        let entry = entry.map_err(|error| unreadable(&error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(|error| unreadable(&error))?;
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if kind.is_dir() && !name.starts_with('.') && path != SCENARIOS {
            list(&entry.path(), &path, tables, rules)?;
        } else if kind.is_file() && is_pack_file(&name) {
            if is_rule(&name) {
                rules.push(path);
            } else {
                let text = read_text(&entry.path(), &path)?;
                tables.insert(path, text);
            }
        }
    }
    Ok(())
}

/// Reads a file of a pack; `path` is how messages name it.
pub fn read_text(file: &Path, path: &str) -> Result<String, Box<Diagnostic>> {
    let refuse = |message: Text| Box::new(Diagnostic::file(Code::File, path, message));
    let unreadable = |error: std::io::Error| refuse(say("file-unreadable").with("reason", error.to_string()));
    let mut file = File::open(file).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes > MAX_FILE_BYTES {
        let message = say("file-too-large").with("bytes", bytes.to_string()).with("most", MAX_FILE_BYTES.to_string());
        return Err(refuse(message));
    }
    let mut raw = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0) + 1);
    file.read_to_end(&mut raw).map_err(unreadable)?;
    String::from_utf8(raw).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        Box::new(
            Diagnostic::file(Code::File, path, say("file-not-utf8").with("byte", byte)).help(say("file-not-utf8-help")),
        )
    })
}
