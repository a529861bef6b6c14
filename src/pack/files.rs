//! The files of a pack, from a folder or from the program itself, and the hash that names a version.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::diagnostic::{Code, Diagnostic};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules/pilkada-2024");

/// The largest file of a pack, in bytes: a list of all polling stations fits.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Path within the pack to text.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// How the pack is named in messages: the folder as given.
    pub root: String,
    /// Path to text.
    pub texts: BTreeMap<String, String>,
}

impl Files {
    /// The pack that ships with the program.
    pub fn built_in() -> Self {
        let mut texts = BTreeMap::new();
        collect_built_in(&BUILT_IN, &mut texts);
        Files { root: "rules/pilkada-2024".to_owned(), texts }
    }

    /// Reads a folder.
    pub fn read(folder: &Path) -> Result<Self, Box<Diagnostic>> {
        let mut files = Files { root: folder.display().to_string(), texts: BTreeMap::new() };
        read_folder(folder, "", &mut files.texts)?;
        Ok(files)
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// SHA-256 over paths and texts, in hexadecimal.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (path, text) in &self.texts {
            for part in [path, text] {
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hex::encode(hasher.finalize())
    }
}

fn is_pack_file(name: &str) -> bool {
    !name.starts_with('.') && [".toml", ".rhai", ".csv"].iter().any(|ending| name.ends_with(ending))
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

fn read_folder(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) -> Result<(), Box<Diagnostic>> {
    let place = if prefix.is_empty() { "." } else { prefix };
    let unreadable = |error: &dyn std::fmt::Display| {
        Box::new(
            Diagnostic::file(Code::File, place, format!("cannot be read: {error}"))
                .help("name the folder of a rule pack, the one that holds `pack.toml`"),
        )
    };
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(&error))? {
        let entry = entry.map_err(|error| unreadable(&error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.metadata().map_err(|error| unreadable(&error))?;
        if kind.is_dir() && !name.starts_with('.') {
            read_folder(&entry.path(), &path, texts)?;
        } else if kind.is_file() && is_pack_file(&name) {
            texts.insert(path.clone(), read_text(&entry.path(), &path, kind.len())?);
        }
    }
    Ok(())
}

fn read_text(file: &Path, path: &str, bytes: u64) -> Result<String, Box<Diagnostic>> {
    let refuse = |message: String| Box::new(Diagnostic::file(Code::File, path, message));
    if bytes > MAX_FILE_BYTES {
        return Err(refuse(format!("is {bytes} bytes, more than the {MAX_FILE_BYTES} that a pack file may have")));
    }
    let raw = std::fs::read(file).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    String::from_utf8(raw).map_err(|error| {
        Box::new(
            Diagnostic::file(Code::File, path, format!("is not UTF-8 (at byte {})", error.utf8_error().valid_up_to()))
                .help("save it as UTF-8"),
        )
    })
}
