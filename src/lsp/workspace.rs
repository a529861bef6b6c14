//! The documents that are open in an editor, and the packs that they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use lsp_types::{DiagnosticSeverity, PublishDiagnosticsParams, Uri};

use crate::pack::{Pack, files};
use crate::words::Language;

use super::diagnose;
use super::lexer;
use super::opened::{Opened, Texts, bare};
use super::outline;
use super::position::Encoding;
use super::uri;
use super::view::View;

/// The file by which a pack's folder is known.
const HEAD: &str = "pack.toml";

/// A document that an editor holds.
#[derive(Debug)]
pub struct Document {
    /// As the client writes it.
    pub uri: Uri,
    /// Its text.
    pub text: String,
    /// The client's count of its changes.
    pub version: i32,
    /// The pack's folder, and its path in there.
    home: Option<(PathBuf, String)>,
}

/// All documents and packs.
#[derive(Debug)]
pub struct Workspace {
    /// What columns count.
    pub encoding: Encoding,
    /// The language of what is said.
    pub language: Language,
    documents: BTreeMap<PathBuf, Document>,
    packs: BTreeMap<PathBuf, Opened>,
    /// What is shown, by file.
    published: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>>,
    /// Files may have changed on disk.
    is_stale: bool,
    /// Packs to be built.
    changed: BTreeSet<PathBuf>,
    /// Documents whose diagnostics are sent even where they are the same.
    edited: BTreeSet<PathBuf>,
    outside: Pack,
    no_files: Texts,
}

impl Workspace {
    /// Before any document is open.
    pub fn new(encoding: Encoding, language: Language) -> Self {
        Workspace {
            encoding,
            language,
            documents: BTreeMap::new(),
            packs: BTreeMap::new(),
            published: BTreeMap::new(),
            is_stale: false,
            changed: BTreeSet::new(),
            edited: BTreeSet::new(),
            outside: bare(),
            no_files: Texts::new(),
        }
    }

    /// A document was opened.
    pub fn open(&mut self, uri: Uri, text: String, version: i32) {
        let Some(path) = uri::to_path(&uri) else { return };
        self.documents.insert(path.clone(), Document { uri, text, version, home: None });
        self.edited.insert(path);
        self.is_stale = true;
    }

    /// A document has a new text.
    pub fn change(&mut self, uri: &Uri, text: String, version: i32) {
        let Some(path) = uri::to_path(uri) else { return };
        let Some(document) = self.documents.get_mut(&path) else { return };
        document.text = text;
        document.version = version;
        if let Some((root, inside)) = &document.home
            && let Some(pack) = self.packs.get_mut(root)
        {
            pack.change(inside, &document.text);
            self.changed.insert(root.clone());
        }
        self.edited.insert(path);
    }

    /// A document was closed: the file on disk counts again.
    pub fn close(&mut self, uri: &Uri) {
        if let Some(path) = uri::to_path(uri) {
            self.documents.remove(&path);
            self.is_stale = true;
        }
    }

    /// Something changed on disk.
    pub fn touch(&mut self) {
        self.is_stale = true;
    }

    /// The folder of the pack to which a file belongs, and its path in there.
    fn home(&self, path: &Path) -> Option<(PathBuf, String)> {
        let root = path.ancestors().skip(1).find(|folder| {
            let head = folder.join(HEAD);
            self.documents.contains_key(&head) || head.is_file()
        })?;
        let inside = path.strip_prefix(root).ok()?;
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        let inside = parts?.join("/");
        files::belongs(&inside).then(|| (root.to_owned(), inside))
    }

    /// Reads the packs again whose files may have changed on disk.
    fn refresh(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        let homes: Vec<_> = self.documents.keys().map(|path| (path.clone(), self.home(path))).collect();
        let mut over: BTreeMap<PathBuf, Texts> = BTreeMap::new();
        for (path, home) in homes {
            let Some(document) = self.documents.get_mut(&path) else { continue };
            if let Some((root, inside)) = &home {
                over.entry(root.clone()).or_default().insert(inside.clone(), document.text.clone());
            }
            document.home = home;
        }
        self.packs.retain(|root, _| over.contains_key(root));
        for (root, texts) in over {
            let is_new = !self.packs.contains_key(&root);
            let pack = self.packs.entry(root.clone()).or_insert_with(|| Opened::new(&root));
            if pack.read(texts) || is_new {
                self.changed.insert(root);
            }
        }
    }

    /// Builds the packs that have changed; gives the folders of those where that failed.
    pub fn build(&mut self) -> Vec<PathBuf> {
        self.refresh();
        let mut failed = Vec::new();
        for root in std::mem::take(&mut self.changed) {
            let Some(pack) = self.packs.get_mut(&root) else { continue };
            // what it knew stays where this fails: the next change builds it again
            if catch_unwind(AssertUnwindSafe(|| pack.build())).is_err() {
                failed.push(root);
            }
        }
        failed
    }

    /// What has to be published after a build: every file whose diagnostics are others now.
    pub fn publish(&mut self) -> Vec<PublishDiagnosticsParams> {
        let mut now: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> = BTreeMap::new();
        for pack in self.packs.values() {
            self.diagnose(pack, &mut now);
        }
        let before = std::mem::take(&mut self.published);
        let edited = std::mem::take(&mut self.edited);
        let paths: BTreeSet<&PathBuf> = before.keys().chain(now.keys()).chain(&edited).collect();
        let mut params = Vec::new();
        for path in paths {
            let diagnostics = now.get(path).cloned().unwrap_or_default();
            if before.get(path) == Some(&diagnostics) && !edited.contains(path) {
                continue;
            }
            if let Some(uri) = self.uri(path) {
                let version = self.documents.get(path).map(|document| document.version);
                params.push(PublishDiagnosticsParams { uri, diagnostics, version });
            }
        }
        self.published = now;
        params
    }

    fn diagnose(&self, pack: &Opened, now: &mut BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>>) {
        for diagnostic in &pack.diagnostics {
            let text = pack.files.get(&diagnostic.file).map(String::as_str);
            // what is wrong with a file that is not there stands in the one that is
            let path = pack.root.join(text.map_or(HEAD, |_| diagnostic.file.as_str()));
            let Some(uri) = self.uri(&path) else { continue };
            let shown = diagnose::shown(diagnostic, text, &uri, self.encoding, self.language);
            now.entry(path).or_default().push(shown);
        }
        for (path, failed) in &pack.failed {
            let text = pack.files.get(path).map_or("", String::as_str);
            let tests = outline::tests(&lexer::look(text, text.len()).notes);
            for (index, message) in failed {
                let Some(test) = tests.get(*index) else { continue };
                let line = text.get(test.at.clone()).and_then(|text| text.lines().next()).unwrap_or("");
                now.entry(pack.root.join(path)).or_default().push(lsp_types::Diagnostic {
                    range: self.encoding.range(text, test.at.start..test.at.start + line.len()),
                    severity: Some(DiagnosticSeverity::ERROR),
                    source: Some("siaga test".to_owned()),
                    message: message.clone(),
                    ..lsp_types::Diagnostic::default()
                });
            }
        }
    }

    /// The URI of a file, as the client writes it where it holds the file.
    pub fn uri(&self, path: &Path) -> Option<Uri> {
        match self.documents.get(path) {
            Some(document) => Some(document.uri.clone()),
            None => uri::of_path(path),
        }
    }

    /// A document, and its pack where it belongs to one.
    pub fn document(&mut self, uri: &Uri) -> Option<(&Document, Option<(&Opened, &str)>)> {
        self.refresh();
        let document = self.documents.get(&uri::to_path(uri)?)?;
        let home = document.home.as_ref();
        let pack = home.and_then(|(root, inside)| Some((self.packs.get(root)?, inside.as_str())));
        Some((document, pack))
    }

    /// A document as its pack sees it; outside of packs only the language itself is known.
    pub fn view(&mut self, uri: &Uri) -> Option<(View<'_>, Option<&Path>)> {
        self.refresh();
        let document = self.documents.get(&uri::to_path(uri)?)?;
        let text = document.text.as_str();
        let language = self.language;
        let home = document.home.as_ref().and_then(|(root, inside)| Some((self.packs.get(root)?, inside)));
        Some(match home {
            Some((Opened { root, tables, files, .. }, path)) => {
                (View { tables, files, path, text, language }, Some(root.as_path()))
            }
            None => {
                let path = document.uri.as_str().rsplit('/').next().unwrap_or("");
                (View { tables: &self.outside, files: &self.no_files, path, text, language }, None)
            }
        })
    }

    /// The text of a file of a pack, as it is now.
    pub fn text(&self, root: &Path, path: &str) -> Option<&str> {
        self.packs.get(root)?.files.get(path).map(String::as_str)
    }

    /// Keeps which tests of a document failed, to be shown at them.
    pub fn keep_failed(&mut self, uri: &Uri, failed: Vec<(usize, String)>) {
        let Some(path) = uri::to_path(uri) else { return };
        let Some((root, inside)) = self.documents.get(&path).and_then(|document| document.home.clone()) else { return };
        if let Some(pack) = self.packs.get_mut(&root) {
            pack.failed.insert(inside, failed);
            self.edited.insert(path);
        }
    }
}
