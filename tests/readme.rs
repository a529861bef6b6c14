//! The rule that the README shows loads and passes its own tests.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use siaga::pack::files::Files;

/// The first fenced block of a language in the README.
fn block(language: &str) -> String {
    let readme = include_str!("../README.md");
    let start = format!("```{language}\n");
    let rest = readme.split_once(&start).unwrap_or_else(|| panic!("the README has no block of {language}")).1;
    rest.split_once("\n```").unwrap().0.to_owned()
}

#[test]
fn the_rule_of_the_readme_works_as_it_stands() {
    let mut files = Files::built_in();
    files.texts.get_mut("thresholds.toml").unwrap().push_str(&format!("\n{}\n", block("toml")));
    files.texts.insert("penginapan/inap-berpindah.rhai".to_owned(), block("rhai"));
    let loaded = siaga::pack::build(files);
    let drawn = loaded.render(false);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{drawn}"));
    assert_eq!(drawn, "");
    let trials: Vec<_> = siaga::trial::run(&pack).into_iter().filter(|t| t.rule.as_ref() == "inap-berpindah").collect();
    assert_eq!(trials.len(), 2);
    assert!(trials.iter().all(|trial| trial.failures.is_empty()), "{trials:#?}");
}
