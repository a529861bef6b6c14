//! Packs with one mistake each: what `siaga check` says, and that it points at the mistake.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use siaga::pack;
use siaga::pack::diagnostic::Diagnostic;
use siaga::pack::files::Files;

/// A rule with nothing wrong in it.
const RULE: &str = r#"fn singkat(jenis) { jenis in ["voa", "visit"] }
fn huruf(teks) {
  let n = teks.len();
  n > 3
}

rule("contoh", #{
  title: "Contoh",
  flags: "Apa yang ditandai.",
  why: "Mengapa.",
  action: "Apa yang dilakukan.",
  false_positives: "Kapan keliru.",
  severity: #{ otherwise: "siaga-3", tenang: "siaga-2" },
  notify: ["kanim"],
  basis: ["uu-6-2011-71a"],
  per: "person",
  on: ["lodging.check_in"],
  phases: ["kampanye", "tenang"],
  values: #{ banyak: count("lodging.check_in", days(7)) },
  when: has(record.lodging.id)
        && singkat(permit().kind)
        && huruf(record.lodging.name)
        && banyak >= 2,
  message: `${record.lodging.name}: penginapan ke-${banyak}.
Nama: ${record.person.name}.`,
  tests: [
    #{ name: "menyala", records: [], fires: ["contoh"] },
    #{ name: "diam", records: [], fires: [] },
  ],
});
"#;

const PATH: &str = "uji/contoh.rhai";

/// One mistake: the text that takes the place of another, with « » around what the diagnostics point at.
struct Case {
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Put before the file.
    before: &'static str,
    /// The code of each diagnostic, in the order of their places.
    codes: &'static [&'static str],
}

const fn rule(what: &'static str, from: &'static str, to: &'static str, code: &'static [&'static str]) -> Case {
    Case { what, file: PATH, from, to, before: "", codes: code }
}

const fn table(
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    code: &'static [&'static str],
) -> Case {
    Case { what, file, from, to, before: "", codes: code }
}

/// A mistake inside a helper, which the rule calls as its last condition.
const fn helper(what: &'static str, before: &'static str, call: &'static str, code: &'static [&'static str]) -> Case {
    Case { what, file: PATH, from: "banyak >= 2", to: call, before, codes: code }
}

const CASES: &[Case] = &[
    // names
    rule("a misspelt field", "banyak >= 2", r#"record.lodging.«nmae» == "x""#, &["SG010"]),
    rule("a misspelt section", "banyak >= 2", r#"record.«lodgin».name == "x""#, &["SG010"]),
    rule("a record kind in a function", r#"count("lodging.check_in", "#, r#"count(«"lodging.checkin"», "#, &["SG010"]),
    rule("a record kind in `on`", r#"on: ["lodging.check_in"]"#, r#"on: [«"lodging.checked_in"»]"#, &["SG010"]),
    rule("a kind that no record has", "banyak >= 2", r#"record.kind == «"lodging.checkout"»"#, &["SG010"]),
    rule("an unknown function", "banyak >= 2", r#"«sen»("crossing.exit")"#, &["SG011"]),
    rule("a function with too few arguments", "banyak >= 2", r#"«seen»()"#, &["SG011"]),
    rule("an unknown name", "banyak >= 2", "«banyk» >= 2", &["SG011"]),
    rule("an unknown threshold", "banyak >= 2", r#"banyak >= threshold(«"klaster_minimum"»)"#, &["SG013"]),
    rule("an unknown phase in a condition", "banyak >= 2", r#"phase() == «"tenan"»"#, &["SG013"]),
    rule("an unknown phase in `phases`", r#"phases: ["kampanye""#, r#"phases: [«"kampaye"»"#, &["SG013"]),
    rule("an unknown phase in `severity`", "tenang: \"siaga-2\"", "«tennag»: \"siaga-2\"", &["SG013"]),
    rule("an unknown severity", "\"siaga-3\"", "«\"siaga-4\"»", &["SG005"]),
    rule("an unknown stage", "banyak >= 2", r#"record.occurred_at > stage(«"kampane"»).ends"#, &["SG013"]),
    rule("an unknown list", "banyak >= 2", r#"listed(«"visa"», permit().index)"#, &["SG013"]),
    rule("an unknown citation", "\"uu-6-2011-71a\"", "«\"uu-6-2011-71\"»", &["SG013"]),
    rule("an unknown role", r#"notify: ["kanim"]"#, r#"notify: [«"kanimm"»]"#, &["SG013"]),
    rule(
        "an unknown role in a map",
        r#"notify: ["kanim"]"#,
        "notify: #{ kanim: `Satu`, «bawasluu»: `Dua` }",
        &["SG013"],
    ),
    rule("an unknown key", "per: \"person\"", "per: \"person\",\n  «sevrity»: \"siaga-1\"", &["SG005"]),
    rule("a missing key", "  per: \"person\",\n", "", &["SG005"]),
    rule("an unknown subject", "per: \"person\"", "per: «\"persom\"»", &["SG005"]),
    rule("a rule named otherwise than its file", "rule(\"contoh\"", "rule(«\"contoh-lain\"»", &["SG005"]),
    // types
    rule("a number compared with a text", "banyak >= 2", r#"banyak >= «"dua"»"#, &["SG012"]),
    rule("a time compared with a text", "banyak >= 2", r#"record.occurred_at > «"2024-11-24"»"#, &["SG012"]),
    rule("a word that the field never has", "banyak >= 2", r#"permit().kind == «"kitas"»"#, &["SG012"]),
    rule("a window without a unit", "days(7)", "«7»", &["SG012"]),
    rule("a time and a bare number", "banyak >= 2", "record.occurred_at «+» 3 > record.occurred_at", &["SG012"]),
    rule("a condition that is no condition", "banyak >= 2", "«banyak»", &["SG012"]),
    rule("a bare field that may be missing", "banyak >= 2", "«permit().may_work»", &["SG012"]),
    rule("a section in place of a field", "banyak >= 2", "has(«record.work»)", &["SG012"]),
    rule("a section compared", "banyak >= 2", r#"«record.work» == "x""#, &["SG012"]),
    rule("a deadline that is no time", "per: \"person\"", "per: \"person\",\n  deadline: «days(7)»", &["SG012"]),
    rule(
        "a message that is no text",
        "message: `${record.lodging.name}: penginapan ke-${banyak}.\nNama: ${record.person.name}.`",
        "message: «banyak»",
        &["SG012"],
    ),
    rule("a number in place of a text", "title: \"Contoh\"", "title: «12»", &["SG005"]),
    // nothing is decided on who somebody is
    rule("nationality", "banyak >= 2", r#"record.person.«nationality» == "UTO""#, &["SG014"]),
    rule("the passport's issuer", "banyak >= 2", r#"record.person.passport.«issuer» in ["UTO"]"#, &["SG014"]),
    rule("the MRZ", "banyak >= 2", r#"record.person.passport.«mrz».starts_with("P<UTO")"#, &["SG014"]),
    rule("sex", "banyak >= 2", r#"record.person.«sex» != "F""#, &["SG014"]),
    rule("a name", "banyak >= 2", r#"contains(record.person.«name», "A")"#, &["SG014"]),
    rule("free text", "banyak >= 2", r#"record.«notes» == "x""#, &["SG014"]),
    rule("whether a name is stated", "banyak >= 2", "has(record.person.«name»)", &["SG014"]),
    helper(
        "through a helper of one expression",
        "fn warga(catatan) { catatan.person.«nationality» in [\"UTO\"] }\n",
        "warga(record)",
        &["SG014"],
    ),
    helper(
        "through helpers within helpers",
        "fn asal(orang) { orang.«sex» }\nfn warga(catatan) { asal(catatan.person) == \"F\" }\n",
        "warga(record) && warga(record)",
        &["SG014"],
    ),
    rule("as what a helper is given", "singkat(permit().kind)", "singkat(record.person.«sex»)", &["SG014"]),
    rule(
        "as what a helper with statements is given",
        "huruf(record.lodging.name)",
        "huruf(record.person.«name»)",
        &["SG014"],
    ),
    rule("inside a helper with statements", "let n = teks.len();", "let n = «record».person.name.len();", &["SG018"]),
    rule("through `values`", "#{ banyak: ", "#{ asal: record.person.«nationality», banyak: ", &["SG014"]),
    rule(
        "through `values` that are used",
        r#"count("lodging.check_in", days(7)) }"#,
        r#"record.person.passport.«issuer».contains("U") }"#,
        &["SG014"],
    ),
    rule(
        "through `distinct`",
        "banyak >= 2",
        r#"distinct(«"person.nationality"», "lodging.check_in") > 1"#,
        &["SG014"],
    ),
    rule("as a key of an equal-map", "days(7))", r#"days(7), #{ «"person.nationality"»: "UTO" })"#, &["SG014"]),
    rule(
        "as a value of an equal-map",
        "days(7))",
        r#"days(7), #{ "lodging.name": record.person.«name» })"#,
        &["SG014"],
    ),
    rule("of another record", "banyak >= 2", r#"last("crossing.entry").person.«nationality» == "UTO""#, &["SG014"]),
    rule("through a list of people", "banyak >= 2", r#"listed(«"exemptions"», record.lodging.id)"#, &["SG014"]),
    rule("a subject compared", "banyak >= 2", r#"«record.person» == "UTO:X1""#, &["SG014"]),
    rule("a subject given to a helper", "huruf(record.lodging.name)", "huruf(«record.person»)", &["SG014"]),
    rule(
        "a subject in a message through `values`",
        "count(\"lodging.check_in\", days(7)) }",
        "record.person }",
        &["SG014", "SG014"],
    ),
    rule("a passport written out", "days(7))", r#"days(7), #{ "person": «"UTO:X1"» })"#, &["SG014"]),
    rule("a subject in a message", "ke-${banyak}", "ke-${«record.person»}", &["SG014"]),
    rule("as a deadline", "per: \"person\"", "per: \"person\",\n  area: record.person.«nationality»", &["SG014"]),
    // nobody is shown what they may not see
    rule(
        "a field that the agency may not see",
        r#"notify: ["kanim"]"#,
        r#"notify: ["disnaker"]"#,
        &["SG015", "SG015", "SG015"],
    ),
    rule(
        "permit details for Bawaslu",
        r#"notify: ["kanim"]"#,
        "notify: #{\n    kanim: `Izin ${permit().number}.`,\n    bawaslu: `Orang di ${record.place.kecamatan}.\nIzin ${«permit().number»}.`,\n  }",
        &["SG015"],
    ),
    rule(
        "permit details for Disnaker",
        r#"notify: ["kanim"]"#,
        "notify: #{ disnaker: `Izin sampai ${«permit().valid_until»}.` }",
        &["SG015"],
    ),
    rule(
        "permit details for Bawaslu through `values`",
        r#"notify: ["kanim"]"#,
        "notify: #{ bawaslu: `Tinggal ke-${«banyak»}.` }",
        &["SG015"],
    ),
    // the law
    rule("no citation in force", "\"uu-6-2011-71a\"", "\"pkpu-17-2024\"", &["SG016"]),
    rule("no citation at all", "basis: [\"uu-6-2011-71a\"]", "«basis»: []", &["SG016"]),
    // tests
    rule("no silent test", "    #{ name: \"diam\", records: [], fires: [] },\n", "", &["SG017"]),
    rule("no firing test", "    #{ name: \"menyala\", records: [], fires: [\"contoh\"] },\n", "", &["SG017"]),
    rule("a misspelt key in a test", "records: [], fires: []", "«record»: [], fires: []", &["SG017"]),
    rule(
        "a computed value in a test",
        "records: [], fires: []",
        "records: [], resolved: «1 + 1», fires: []",
        &["SG017"],
    ),
    // what scripts may not do
    rule("eval", "banyak >= 2", "«eval»(\"true\")", &["SG003"]),
    rule("import", "fn huruf", "«import» \"x\" as y;\nfn huruf", &["SG003"]),
    rule("print", "banyak >= 2", "«print»(\"x\")", &["SG003"]),
    rule("Fn", "banyak >= 2", "«Fn»(\"huruf\").call(\"x\")", &["SG003"]),
    rule("a closure", "banyak >= 2", "[1, 2].all(«|»x| x > 0)", &["SG003"]),
    rule("a closure in a helper", "n > 3", "[n].all(«|»x| x > 3)", &["SG003"]),
    rule("a statement beside the rule", "rule(\"contoh\"", "«let» x = 3;\nrule(\"contoh\"", &["SG004"]),
    rule("a second rule", "  ],\n});", "  ],\n});\n«rule»(\"contoh\", #{});", &["SG004"]),
    rule("an `if` in a condition", "banyak >= 2", "«if» banyak > 1 { true } else { false }", &["SG011"]),
    rule("a helper that calls itself", r#"{ jenis in ["voa", "visit"] }"#, "{ «singkat»(jenis) }", &["SG018"]),
    rule(
        "a helper that reads what it was not given",
        r#"{ jenis in ["voa", "visit"] }"#,
        "{ jenis == «banyak» }",
        &["SG011"],
    ),
    rule(
        "a helper with statements that calls the host",
        "let n = teks.len();",
        "let n = «threshold»(\"klaster_minimal\");",
        &["SG018"],
    ),
    rule("a misspelt name in a helper with statements", "n > 3", "«m» > 3", &["SG018"]),
    rule("a type error inside a helper", r#"jenis in ["voa", "visit"] }"#, r#"jenis > «3» }"#, &["SG012"]),
    rule("a comma that is missing", "why: \"Mengapa.\",", "why: \"Mengapa.\"", &["SG003"]),
    rule("a bracket that is missing", "has(record.lodging.id)", "has(record.lodging.id", &["SG003"]),
    // legal, and probably not meant
    rule(
        "visa-free alone",
        "has(record.lodging.id)\n        && singkat(permit().kind)\n        && huruf(record.lodging.name)\n        && banyak >= 2",
        "«permit().kind == \"visa-free\"»",
        &["SG030"],
    ),
    rule("a negation that missing fields pass", "banyak >= 2", "«!(permit().kind == \"voa\")»", &["SG030"]),
    // several at once
    rule(
        "several in one file",
        "banyak >= 2,\n  message: `${record.lodging.name}: penginapan ke-${banyak}.\nNama: ${record.person.name}.`",
        "banyak >= «\"dua\"»\n        && record.lodging.«nmae» == \"x\"\n        && «sen»(\"crossing.exit\"),\n  message: `${record.lodging.«nmae»}: ke-${banyak}.\nKamar\n  ${record.lodging.«rom»} dan ${«sen»()}`",
        &["SG012", "SG010", "SG011", "SG010", "SG010", "SG011"],
    ),
    // tables
    table(
        "a gap between phases",
        "timeline.toml",
        r#"{ phase = "tenang", from = "2024-11-24""#,
        r#"{ phase = "tenang", from = «"2024-11-25"»"#,
        &["SG019"],
    ),
    table(
        "phases that overlap",
        "timeline.toml",
        r#"{ phase = "tenang", from = "2024-11-24""#,
        r#"{ phase = "tenang", from = «"2024-11-23"»"#,
        &["SG019"],
    ),
    table(
        "a phase that is no phase",
        "timeline.toml",
        r#"{ phase = "tenang", from"#,
        r#"{ phase = «"tenangg"», from"#,
        &["SG013"],
    ),
    table("a date that is no date", "timeline.toml", r#"date = "2024-11-27""#, r#"date = «"27-11-2024"»"#, &["SG019"]),
    table("a threshold beyond its bounds", "thresholds.toml", "default = 7", "default = «70»", &["SG002"]),
    table(
        "a threshold for one phase beyond its bounds",
        "thresholds.toml",
        "persiapan = 48",
        "persiapan = «480»",
        &["SG002"],
    ),
    table(
        "a fraction where whole numbers are due",
        "thresholds.toml",
        "persiapan = 48",
        "persiapan = «48.5»",
        &["SG002"],
    ),
    table("a threshold for no phase", "thresholds.toml", "persiapan = 48", "«persiapn» = 48", &["SG013"]),
    table("an unknown key in a table", "thresholds.toml", "unit = \"hari\"", "«unti» = \"hari\"", &["SG002"]),
    table(
        "a group of fields that is none",
        "agencies.toml",
        "group = \"passport\"",
        "group = «\"pasport\"»",
        &["SG013"],
    ),
    table(
        "an agency with an unknown role",
        "agencies.toml",
        r#"roles = ["divim"]"#,
        r#"roles = [«"divimm"»]"#,
        &["SG013"],
    ),
    table("an agency of nowhere", "agencies.toml", r#"kabupaten = ["16.08"]"#, r#"kabupaten = [«"1608"»]"#, &["SG013"]),
    table("a source that asks nobody", "sources.toml", "kinds = [\"", "kinds = [«\"x.y\"», \"", &["SG013"]),
    table("no TOML at all", "legal.toml", "[[citation]]", "[[citation", &["SG002"]),
];

/// The text without its marks, and the bytes that each pair of marks stood around.
fn marked(text: &str) -> (String, Vec<(usize, usize)>) {
    let (mut plain, mut spans, mut start) = (String::new(), Vec::new(), 0);
    for c in text.chars() {
        match c {
            '«' => start = plain.len(),
            '»' => spans.push((start, plain.len())),
            c => plain.push(c),
        }
    }
    (plain, spans)
}

fn load(case: &Case) -> (pack::Loaded, Vec<(usize, usize)>) {
    let mut files = Files::built_in();
    files.texts.insert(PATH.to_owned(), RULE.to_owned());
    let text = files.texts.get_mut(case.file).unwrap();
    assert!(text.contains(case.from), "{}: the text to replace is not there", case.what);
    let (plain, spans) = marked(&format!("{}{}", case.before, text.replacen(case.from, case.to, 1)));
    *text = plain;
    (pack::build(files), spans)
}

#[test]
fn the_rule_without_a_mistake_loads() {
    let mut files = Files::built_in();
    files.texts.insert(PATH.to_owned(), RULE.to_owned());
    let loaded = pack::build(files);
    assert!(loaded.pack.is_some() && loaded.diagnostics.is_empty(), "{}", loaded.render(false));
}

#[test]
fn each_mistake_is_found_where_it_stands() {
    let mut wrong = String::new();
    for case in CASES {
        let (loaded, spans) = load(case);
        let codes: Vec<&str> = loaded.diagnostics.iter().map(|found| found.code.word()).collect();
        let places: Vec<(usize, usize)> = loaded.diagnostics.iter().map(|found| found.span).collect();
        let is_placed = spans.is_empty() || spans == places;
        let here = loaded
            .diagnostics
            .iter()
            .all(|found| found.file == case.file && (spans.is_empty() || stands(found, &loaded)));
        if codes != case.codes || !is_placed || !here || loaded.pack.is_some() != (loaded.errors() == 0) {
            wrong.push_str(&format!(
                "== {}: wanted {:?} {spans:?}, got {codes:?} {places:?}\n{}",
                case.what,
                case.codes,
                loaded.render(false)
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Line and column are those of the span.
fn stands(found: &Diagnostic, loaded: &pack::Loaded) -> bool {
    let text = loaded.files.text(&found.file).unwrap();
    let before = &text[..found.span.0];
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    found.line == before.matches('\n').count() + 1 && found.column == column
}

#[test]
fn each_mistake_is_said_in_words_that_help() {
    let mut drawn = String::new();
    for case in CASES {
        let (loaded, _) = load(case);
        drawn.push_str(&format!("── {}\n\n{}", case.what, loaded.render(false)));
    }
    insta::assert_snapshot!(drawn);
}

/// A broken table does not hide a rule that does not parse, nor one rule another.
#[test]
fn mistakes_in_several_files_are_shown_in_one_run() {
    let mut files = Files::built_in();
    files.texts.insert(PATH.to_owned(), RULE.replace("why: \"Mengapa.\",", "why: \"Mengapa.\""));
    files.texts.insert("uji/lain.rhai".to_owned(), RULE.replace("when:", "when"));
    files.texts.insert("legal.toml".to_owned(), "[[citation\n".to_owned());
    let found = pack::build(files).diagnostics;
    let places: Vec<(&str, usize)> = found.iter().map(|found| (found.file.as_str(), found.line)).collect();
    assert_eq!(places, [("legal.toml", 1), (PATH, 11), ("uji/lain.rhai", 20)]);
}

/// `siaga check` on a folder, as people run it.
fn run_check(folder: &std::path::Path) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_siaga")).arg("check").arg(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_line_says_what_is_wrong_and_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let case = CASES.iter().find(|case| case.what == "nationality").unwrap();
    let (loaded, _) = load(case);
    for (path, text) in &loaded.files.texts {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (code, out, err) = run_check(folder.path());
    assert_eq!(code, Some(1), "{out}{err}");
    for words in
        ["error[SG014]: no rule may decide on `person.nationality`", "uji/contoh.rhai:23:26", "^^^^^^^^^^^", "help: "]
    {
        assert!(out.contains(words), "{words}: {out}");
    }
    assert!(err.ends_with("1 error(s), 0 warning(s)\n"), "{err}");
}

#[test]
fn the_shipped_pack_is_clean_on_the_command_line() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/pilkada-2024");
    let (code, out, err) = run_check(&folder);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
}

#[test]
fn a_folder_that_is_no_pack_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run_check(folder.path());
    assert_eq!(code, Some(1));
    assert!(out.contains("pack.toml: is missing"), "{out}");
    let (code, out, _) = run_check(&folder.path().join("nowhere"));
    assert_eq!(code, Some(1));
    assert!(out.contains("cannot be read"), "{out}");
}
