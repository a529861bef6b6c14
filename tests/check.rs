//! `siaga check` as people and programs see it: all mistakes in one run, in both languages, in every format.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use siaga::pack::files::Files;

const RULE: &str = r#"rule("contoh", #{
  title: "Contoh",
  flags: "Apa yang ditandai.",
  why: "Mengapa.",
  action: "Apa yang dilakukan.",
  false_positives: "Kapan keliru.",
  severity: "siaga-3",
  notify: ["kanim"],
  basis: ["uu-6-2011-71"],
  per: "person",
  on: ["lodging.check_in"],
  values: #{ banyak: count("lodging.check_in", days(7)) },
  when: record.lodging.nmae == "é, 100%: x"
        && banyak >= "dua"
        && sen("crossing.exit")
        && record.person.nationality == "UTO",
  message: `Penginapan ke-${banyak}.`,
  tests: [
    #{ name: "menyala", records: [], fires: ["contoh"] },
    #{ name: "diam", records: [], fires: [] },
  ],
});
"#;

/// Twelve mistakes in five files.
fn twelve(folder: &Path) {
    let mut files = Files::built_in();
    let mut change = |file: &str, from: &str, to: &str| {
        let text = files.texts.get_mut(file).expect(file);
        assert!(text.contains(from), "{file} has no {from}");
        *text = text.replacen(from, to, 1);
    };
    change("thresholds.toml", "unit = \"hari\"", "unti = \"hari\"");
    change("thresholds.toml", "max = 168", "max = \"168\"");
    change("agencies.toml", "group = \"passport\"", "group = \"pasport\"");
    change("agencies.toml", "roles = [\"divim\"]", "roles = [\"divimm\"]");
    change("timeline.toml", "phase = \"tenang\", from = \"2024-11-24\"", "phase = \"tenang\", from = \"2024-11-25\"");
    change("timeline.toml", "date = \"2024-11-27\"", "date = \"27-11-2024\"");
    files.texts.insert("uji/contoh.rhai".to_owned(), RULE.to_owned());
    files.texts.insert("uji/lain.rhai".to_owned(), RULE.replace("why: \"Mengapa.\",", "why: \"Mengapa.\""));
    write(&files, folder);
}

fn write(files: &Files, folder: &Path) {
    for (path, text) in &files.texts {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Standard output of `siaga check paket` beside the folder `paket`.
fn check(beside: &Path, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siaga"));
    let output = command.current_dir(beside).args(["check", "paket"]).args(more).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn pack_of_twelve() -> tempfile::TempDir {
    let beside = tempfile::tempdir().unwrap();
    twelve(&beside.path().join("paket"));
    beside
}

#[test]
fn twelve_mistakes_in_five_files_are_shown_in_one_run() {
    let beside = pack_of_twelve();
    for language in ["en", "id"] {
        let drawn = check(beside.path(), &["--lang", language]);
        insta::assert_snapshot!(format!("twelve_mistakes_{language}"), drawn);
    }
    let lines = check(beside.path(), &["--lang", "en", "--format", "json"]);
    let found: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut files: Vec<&str> = found.iter().map(|found| found["file"].as_str().unwrap()).collect();
    assert_eq!(files.len(), 12, "{lines}");
    files.dedup();
    assert_eq!(files, ["agencies.toml", "thresholds.toml", "timeline.toml", "uji/contoh.rhai", "uji/lain.rhai"]);
    insta::assert_snapshot!("twelve_mistakes_json", lines);
}

#[test]
fn sarif_is_what_its_schema_says() {
    let beside = pack_of_twelve();
    let schema = serde_json::from_str(include_str!("schema/sarif-2.1.0.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for language in ["en", "id"] {
        let log: Value =
            serde_json::from_str(&check(beside.path(), &["--lang", language, "--format", "sarif"])).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&log).map(|fault| format!("{fault} at {}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 12);
        let misspelt = run["results"].as_array().unwrap().iter().find(|found| found["ruleId"] == "SG010").unwrap();
        let place = &misspelt["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "uji/contoh.rhai");
        assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&13.into(), &24.into()));
        assert_eq!(place["region"]["endColumn"], 28);
        let fix = &misspelt["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(fix["insertedContent"]["text"], "lodging.name");
        assert_eq!(
            (&fix["deletedRegion"]["startColumn"], &fix["deletedRegion"]["endColumn"]),
            (&16.into(), &28.into())
        );
        let rule = usize::try_from(misspelt["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], "SG010");
    }
    // a log that is none is found out
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
}

#[test]
fn annotations_are_one_escaped_line_each() {
    let beside = pack_of_twelve();
    let lines = check(beside.path(), &["--lang", "en", "--format", "github"]);
    assert_eq!(lines.lines().count(), 12, "{lines}");
    let wanted = "::error file=paket/uji/contoh.rhai,line=13,endLine=13,col=24,endColumn=27,title=SG010::\
                  there is no field `lodging.nmae`%0Adid you mean `lodging.name`?";
    assert!(lines.lines().any(|line| line == wanted), "{lines}");
}

/// A pack with one rule of its own and one scenario.
fn pack_with(rule: &str, scenario: &str) -> tempfile::TempDir {
    let beside = tempfile::tempdir().unwrap();
    let mut files = Files::built_in();
    files.texts.insert("uji/contoh.rhai".to_owned(), rule.to_owned());
    files.texts.insert("scenarios/uji.toml".to_owned(), scenario.to_owned());
    write(&files, &beside.path().join("paket"));
    beside
}

const SOUND_RULE: &str = r#"rule("contoh", #{
  title: "Contoh",
  flags: "Apa yang ditandai.",
  why: "Mengapa.",
  action: "Apa yang dilakukan.",
  false_positives: "Kapan keliru.",
  severity: "siaga-3",
  notify: ["kanim"],
  basis: ["uu-6-2011-69"],
  per: "person",
  on: ["crossing.entry"],
  when: record.crossing.checkpoint == "TPI Contoh 1",
  message: `Perlu dicek.`,
  tests: [
    #{ name: "menyala", fires: ["contoh"], told: ["kanim-muaraenim"],
       records: [ #{ kind: "crossing.entry", occurred_at: "2024-11-01T08:00:00+07:00",
                     person: #{ passport: #{ number: "X1", issuer: "UTO" } }, crossing: #{ checkpoint: "TPI Contoh 1" } } ] },
    #{ name: "diam", fires: [],
       records: [ #{ kind: "crossing.entry", occurred_at: "2024-11-01T08:00:00+07:00",
                     person: #{ passport: #{ number: "X1", issuer: "UTO" } }, crossing: #{ checkpoint: "TPI Contoh 2" } } ] },
  ],
});
"#;

const SOUND_SCENARIO: &str = r#"title = "Uji"

[[step]]
advance_to = "2024-11-01T00:00:00+07:00"
expect = []
"#;

#[test]
fn what_only_tests_and_scenarios_name_is_checked_too() {
    let scenario = SOUND_SCENARIO.replace("expect = []", "expect = [{ rule = \"contho\", what = \"open\" }]");
    let misspelt = SOUND_RULE
        .replace("told: [\"kanim-muaraenim\"]", "told: [\"kanim-muaranim\"]")
        .replace("checkpoint: \"TPI Contoh 2\"", "checkpoint: \"TPI Contoh 2\", carier: \"Kapal Contoh\"");
    let beside = pack_with(SOUND_RULE, SOUND_SCENARIO);
    let sound = Command::new(env!("CARGO_BIN_EXE_siaga")).current_dir(beside.path()).args(["check", "paket"]).output();
    assert_eq!(sound.unwrap().status.code(), Some(0));
    let rule = check(pack_with(&misspelt, &scenario).path(), &["--lang", "en"]);
    insta::assert_snapshot!("names_in_tests", rule);
    insta::assert_snapshot!("names_in_scenarios", check(pack_with(SOUND_RULE, &scenario).path(), &["--lang", "id"]));
}

#[test]
fn a_missing_test_is_told_beside_other_mistakes() {
    let one_test = SOUND_RULE.split("    #{ name: \"diam\"").next().unwrap().to_owned() + "  ],\n});\n";
    let broken = one_test.replace("record.crossing.checkpoint ==", "record.crossing.chekpoint ==");
    let drawn = check(pack_with(&broken, SOUND_SCENARIO).path(), &["--lang", "en"]);
    assert!(drawn.contains("SG010") && drawn.contains("the rule has no silent test"), "{drawn}");
}
