//! Architecture invariant: a module uses only modules of lower layers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From the lowest layer to the highest; modules of one line do not use each other.
const LAYERS: &[&[&str]] = &[
    &["record", "soon", "words"],
    &["subject", "timeline"],
    &["alert"],
    &["notice"],
    &["entry"],
    &["store", "deliver"],
    &["clock"],
    &["pack"],
    &["engine", "route"],
    &["triage"],
    &["machine"],
    &["ledger", "intake"],
    &["replay", "trial"],
    &["tune", "compare", "counterfactual", "disparity"],
    &["outbox", "pipeline"],
    &["config"],
    &["http"],
    &["daemon"],
    &["demo", "lsp"],
    &["cli"],
];

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|line| line.contains(&module))
        .unwrap_or_else(|| panic!("`{module}` has no layer: add it to LAYERS"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a text names after `crate::`.
fn used(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(rest.len());
        rest.get(..end).filter(|word| !word.is_empty())
    })
}

#[test]
fn modules_use_only_lower_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong: BTreeMap<String, String> = BTreeMap::new();
    for file in &files {
        let inside = file.strip_prefix(&root).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if matches!(module, "lib" | "main") {
            continue;
        }
        let text = std::fs::read_to_string(file).unwrap();
        for other in used(&text) {
            if other != module && layer(other) >= layer(module) {
                wrong.insert(format!("{} uses {other}", inside.display()), module.to_owned());
            }
        }
    }
    assert!(wrong.is_empty(), "upward uses:\n{}", wrong.into_keys().collect::<Vec<_>>().join("\n"));
}
