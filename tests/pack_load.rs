//! Packs in folders: the same on any number of threads, and the same as from memory.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::num::NonZeroUsize;
use std::path::Path;

use siaga::pack::files::{Files, belongs};
use siaga::pack::{self, Loaded};
use siaga::words::Language;

/// The shipped pack with rules added; enough for several threads to share.
fn files(more: &[(&str, &str)]) -> Files {
    let mut files = Files::built_in();
    let rule = files.text("penginapan/inap-ganda.rhai").unwrap().to_owned();
    for number in 0..100 {
        let id = format!("uji-{number:03}");
        files.texts.insert(format!("uji/{id}.rhai"), rule.replace("inap-ganda", &id));
    }
    for (path, text) in more {
        let id = path.rsplit('/').next().unwrap().trim_end_matches(".rhai");
        let text = if text.is_empty() { rule.replace("inap-ganda", id) } else { (*text).to_owned() };
        files.texts.insert((*path).to_owned(), text);
    }
    files
}

fn write(files: &Files, folder: &Path) {
    for (path, text) in &files.texts {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Loads files from memory and from a folder, on one thread and on four; all must come out alike.
fn load(files: &Files) -> (Loaded, Loaded, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    write(files, folder.path());
    let held = pack::build(files.clone());
    let on = |threads| pack::load_on(folder.path(), NonZeroUsize::new(threads).unwrap());
    let (one, four) = (on(1), on(4));
    for other in [&one, &four] {
        assert_eq!(held.diagnostics, other.diagnostics);
        let hash = |loaded: &Loaded| loaded.pack.as_ref().map(|pack| pack.hash.clone());
        assert_eq!(hash(&held), hash(other));
        let rules = |loaded: &Loaded| {
            loaded.pack.as_ref().map(|pack| {
                format!("{:?}", pack.rules.iter().map(|rule| (&rule.id, &rule.file, &rule.when)).collect::<Vec<_>>())
            })
        };
        assert_eq!(rules(&held), rules(other));
    }
    assert_eq!(one.render(false), four.render(false));
    (held, four, folder)
}

#[test]
fn a_folder_is_the_same_pack_on_any_number_of_threads() {
    let (held, loaded, _folder) = load(&files(&[]));
    assert_eq!(loaded.pack.unwrap().rules.len(), held.pack.unwrap().rules.len());
    assert!(!loaded.files.texts.keys().any(|path| path.ends_with(".rhai")), "texts without mistakes are kept");
}

#[test]
fn mistakes_between_files_are_found_on_any_number_of_threads() {
    let mut files =
        files(&[("lain/uji-050.rhai", ""), ("uji/a-b.rhai", ""), ("uji/c-d.rhai", "rule(\"c-d\", #{ title: })")]);
    let named = |from: &str, to: &str| format!("suppresses: [\"{to}\"],\n  {from}");
    let with = |files: &mut Files, path: &str, from: &str, to: &str| {
        let text = files.texts.get_mut(path).unwrap();
        *text = text.replacen(from, to, 1);
    };
    // an id that is no file's name can be named all the same: only the file itself is wrong
    with(&mut files, "uji/a-b.rhai", "rule(\"a-b\"", "rule(\"b-a\"");
    with(&mut files, "uji/uji-010.rhai", "severity:", &named("severity:", "b-a"));
    with(&mut files, "uji/uji-011.rhai", "severity:", &named("severity:", "uji-01O"));
    with(&mut files, "uji/uji-012.rhai", "severity:", &named("severity:", "uji-013"));
    with(&mut files, "uji/uji-099.rhai", "fires: []", "fires: [\"x\"]");
    let (_, loaded, _folder) = load(&files);
    let found: Vec<String> = loaded
        .diagnostics
        .iter()
        .map(|found| {
            let help = found.help.as_ref().map(|help| help.render(Language::English)).unwrap_or_default();
            format!("{}:{} {}; {help}", found.file, found.line, found.message.render(Language::English))
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
    let mut kept: Vec<&str> =
        loaded.files.texts.keys().map(String::as_str).filter(|path| path.ends_with(".rhai")).collect();
    kept.dedup();
    let mut wrong: Vec<&str> = loaded.diagnostics.iter().map(|found| found.file.as_str()).collect();
    wrong.dedup();
    assert!(wrong.iter().all(|path| kept.contains(path)), "{wrong:?} {kept:?}");
}

#[test]
fn tests_are_read_again_when_they_run_and_only_from_the_file_that_was_loaded() {
    let files = files(&[]);
    let (held, loaded, folder) = load(&files);
    let (held, loaded) = (siaga::trial::run(&held.pack.unwrap()), (loaded.pack.unwrap()));
    assert_eq!(held, siaga::trial::run(&loaded));
    assert!(held.len() > 500 && held.iter().all(|trial| trial.failures.is_empty() && trial.line > 1));
    let path = folder.path().join("uji/uji-007.rhai");
    std::fs::write(&path, files.text("uji/uji-007.rhai").unwrap().replace("fires: []", "fires: [] ")).unwrap();
    let failed: Vec<siaga::trial::Trial> =
        siaga::trial::run(&loaded).into_iter().filter(|trial| !trial.failures.is_empty()).collect();
    let [trial] = failed.as_slice() else { panic!("{failed:?}") };
    assert_eq!(trial.rule.as_ref(), "uji-007");
    let said: Vec<String> =
        trial.failures.iter().map(|failure| failure.said(siaga::words::Language::English)).collect();
    assert_eq!(said, ["the file has changed since the pack was loaded; run it again"]);
}

#[test]
fn scenario_files_lie_in_the_folder_and_are_no_part_of_what_judges() {
    let files = files(&[]);
    let (held, _, folder) = load(&files);
    let scenario = folder.path().join("scenarios/sub/contoh.toml");
    std::fs::create_dir_all(scenario.parent().unwrap()).unwrap();
    // a rule there is no rule, and what is no TOML breaks nothing
    for (name, text) in [("contoh.toml", "title ="), ("contoh.rhai", "rule("), ("contoh.csv", "a")] {
        std::fs::write(scenario.with_file_name(name), text).unwrap();
    }
    let loaded = pack::load(folder.path());
    assert_eq!(loaded.pack.unwrap().hash, held.pack.unwrap().hash, "{:?}", loaded.diagnostics);
    assert_eq!(Files::read(folder.path()).unwrap().texts, files.texts);
    let paths: Vec<String> = Files::scenarios(folder.path()).unwrap().texts.into_keys().collect();
    assert_eq!(paths, ["scenarios/sub/contoh.toml"]);
    assert!(!belongs("scenarios/sub/contoh.toml") && belongs("uji/scenarios/contoh.toml"));
}
