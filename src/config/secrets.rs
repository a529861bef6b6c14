//! Secrets from the environment or from files, so that the configuration itself can be shown to anybody.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use toml::Spanned;

use super::ClockChoice;
use super::file::Draft;
use crate::deliver::settings::Secret;
use crate::pack::diagnostic::{Code, Diagnostic, line_and_column};
use crate::words::{Text, say};

/// The largest file with a secret or certificates, in bytes.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// The keys whose values no message may repeat.
const KEYS: [&str; 3] = ["password", "secret", "url"];

/// A diagnostic at a span, drawn with the span's first line, unless that would show a secret: then it is told by its line's number.
/// A span of nothing at the start is a value from the environment, which has no place in the file.
pub fn at(code: Code, file: &str, text: &str, span: Range<usize>, message: Text) -> Diagnostic {
    if span == (0..0) {
        return Diagnostic::file(code, file, message);
    }
    if shows_a_secret(text, &span) {
        let (line, _) = line_and_column(text, span.start);
        return Diagnostic::file(code, file, say("config-line").with("line", line).with("message", message));
    }
    let line_end = text.get(span.start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| span.start + end);
    Diagnostic::error(code, file, text, span.start..span.end.min(line_end), message)
}

/// Whether the line on which a span begins holds one of the secret keys.
pub fn shows_a_secret(text: &str, span: &Range<usize>) -> bool {
    let before = text.get(..span.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let in_a_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    KEYS.iter().any(|key| {
        line.match_indices(key).any(|(at, _)| {
            let before = line.get(..at).and_then(|text| text.chars().next_back());
            let after = line.get(at + key.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(in_a_word) && !after.is_some_and(in_a_word)
        })
    })
}

/// The name of the environment's override of an endpoint's setting.
pub fn endpoint_variable(name: &str, setting: &str) -> String {
    let name = name.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("SIAGA_ENDPOINT_{name}_{setting}")
}

/// Overrides that say nothing when they are empty.
const OVERRIDES: [&str; 7] = [
    "SIAGA_LISTEN",
    "SIAGA_STORE",
    "SIAGA_RULES",
    "SIAGA_PUBLIC_URL",
    "SIAGA_CLOCK",
    "SIAGA_LINK_SECRET",
    "SIAGA_EMAIL_PASSWORD",
];

/// The overrides that are set to nothing, as faults of the configuration.
pub fn empty_overrides(file: &str, env: &dyn Fn(&str) -> Option<String>) -> Vec<Diagnostic> {
    let empty = OVERRIDES.iter().filter(|name| env(name).is_some_and(|value| value.trim().is_empty()));
    let fault = |name: &str| Diagnostic::file(Code::Table, file, say("config-empty").with("name", name));
    empty.map(|name| fault(name).help(say("config-empty-help"))).collect()
}

/// The environment over what is written, for all that is no secret.
pub fn override_plain(
    draft: &mut Draft,
    file: &str,
    env: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Diagnostic>,
) {
    let spanned = |value| Spanned::new(0..0, value);
    if let Some(listen) = env("SIAGA_LISTEN") {
        draft.listen = spanned(listen);
    }
    if let Some(store) = env("SIAGA_STORE") {
        draft.store = store;
    }
    if let Some(rules) = env("SIAGA_RULES") {
        draft.rules = Some(spanned(rules));
    }
    if let Some(url) = env("SIAGA_PUBLIC_URL") {
        draft.public_url = Some(spanned(url));
    }
    match env("SIAGA_CLOCK").as_deref() {
        Some("wall") => draft.clock = ClockChoice::Wall,
        Some("records") => draft.clock = ClockChoice::Records,
        None | Some("") => {}
        Some(word) => problems.push(
            Diagnostic::file(Code::Table, file, say("config-clock").with("word", word))
                .help(say("one-of").with("known", "`wall`, `records`")),
        ),
    }
}

/// The text of a small file, without the line break that editors leave at its end.
///
/// # Errors
/// Why it cannot be read; never what is in it.
pub fn read_file(path: &Path) -> Result<String, String> {
    let fault = |reason: &dyn std::fmt::Display| format!("`{}` cannot be read: {reason}", path.display());
    let size = std::fs::metadata(path).map_err(|error| fault(&error))?.len();
    if size > MAX_FILE_BYTES {
        return Err(fault(&format!("it is larger than {MAX_FILE_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
    match text.trim() {
        "" => Err(fault(&"it is empty")),
        text => Ok(text.to_owned()),
    }
}

/// The key that is kept beside a store, made when it is not there.
///
/// # Errors
/// It cannot be read or written.
pub fn link_secret(store: &Path) -> io::Result<Secret> {
    let mut path = store.as_os_str().to_owned();
    path.push(".links");
    let path = PathBuf::from(path);
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let made = BASE64URL_NOPAD.encode(&bytes);
    // only whoever makes the file writes it; a process beside this one then reads the same key
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            file.write_all(made.as_bytes())?;
            file.sync_all()?;
            Ok(Secret::from(made.as_str()))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_file(&path).map(|text| Secret::from(text.as_str())).map_err(io::Error::other)
        }
        Err(error) => Err(error),
    }
}
