//! Each lint on a rule that it warns of and on one that it does not, and each way to decide on who somebody is refused.

use siaga::pack::files::Files;
use siaga::pack::{self, Loaded};

const RULE: &str = r#"fn asal(catatan) { catatan.person.nationality }
fn nomor(izin) { izin.number }
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
  when: banyak >= 2 && SYARAT,
  message: `Penginapan ke-${banyak}.`,
  tests: [
    #{ name: "menyala", records: [], fires: ["contoh"] },
    #{ name: "diam", records: [], fires: [] },
  ],
});
"#;

/// In which file which text gives way to which other.
type Change<'a> = (&'a str, &'a str, &'a str);

/// A pack whose files are the shipped ones with changes, and the rule with a condition of its own.
fn load(condition: &str, changes: &[Change<'_>]) -> Loaded {
    let mut files = Files::built_in();
    files.texts.insert("uji/contoh.rhai".to_owned(), RULE.replace("SYARAT", condition));
    for (file, from, to) in changes {
        let text = files.texts.entry((*file).to_owned()).or_default();
        assert!(text.contains(from), "{file} has no {from}");
        *text = text.replacen(from, to, 1);
    }
    pack::build(files)
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.diagnostics.iter().map(|found| found.code.word()).collect()
}

const TRUE: &str = r#"record.lodging.name != "x""#;
const CONTOH: &str = "uji/contoh.rhai";

#[test]
fn conditions_that_decide_nothing_are_warned_of() {
    let mut wrong = String::new();
    for (condition, wanted) in [
        // never
        ("banyak < 1", "SG031"),
        ("banyak < 2", "SG031"),
        ("banyak < -1", "SG031"),
        ("false", "SG031"),
        ("1 > 2", "SG031"),
        (r#"record.lodging.id in ["a", "b"] && record.lodging.id == "c""#, "SG031"),
        (r#"record.lodging.id == "a" && record.lodging.id != "a""#, "SG031"),
        (r#"record.kind == "lodging.check_out""#, "SG031"),
        (r#"threshold("izin_habis_hari") > 60"#, "SG031"),
        (r#"days_to_voting() > threshold("izin_habis_hari") && days_to_voting() < 1"#, "SG031"),
        (
            r#"record.occurred_at < time("2024-10-01T00:00:00Z") && record.occurred_at > time("2024-11-01T00:00:00Z")"#,
            "SG031",
        ),
        // always
        ("banyak >= 1", "SG032"),
        ("banyak >= 0", "SG032"),
        ("banyak > 4", "SG032"),
        ("true", "SG032"),
        ("2 > 1", "SG032"),
        (r#"record.kind == "lodging.check_in""#, "SG032"),
        (r#"threshold("izin_habis_hari") >= 1"#, "SG032"),
        (r#"record.lodging.id == "a" && record.lodging.id != "b""#, "SG032"),
        // phases
        (r#"phase() == "pungut""#, "SG034"),
        (r#"phase_now() in ["tenang", "rekap"]"#, "SG034"),
        (r#"(phase() == "sengketa" || banyak >= 5)"#, "SG034"),
    ] {
        let loaded = load(condition, &[]);
        if codes(&loaded) != [wanted] || loaded.pack.is_none() {
            wrong.push_str(&format!("== {condition}: wanted {wanted}\n{}", loaded.render(false)));
        }
    }
    for condition in [
        "banyak < 9",
        "banyak != 3",
        r#"record.lodging.id in ["a", "b"] && record.lodging.name == "c""#,
        r#"record.lodging.id in ["a", "b"] && record.lodging.id != "b""#,
        r#"banyak >= threshold("klaster_minimal")"#,
        r#"days_to_voting() <= threshold("izin_habis_hari") && days_to_voting() > 1"#,
        r#"permit().kind in ["voa", "visit"]"#,
        r#"phase() == "tenang""#,
        r#"(record.lodging.id == "a" || record.lodging.id == "b")"#,
        TRUE,
    ] {
        let loaded = load(condition, &[]);
        if !loaded.diagnostics.is_empty() {
            wrong.push_str(&format!("== {condition}: wanted nothing\n{}", loaded.render(false)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_never_takes_effect_is_warned_of() {
    let threshold = "[izin_habis_hari]\n";
    let unused =
        "[tak_terpakai]\ndefault = 2\nunit = \"orang\"\nmin = 1\nmax = 3\nmeaning = \"Uji.\"\n\n[izin_habis_hari]\n";
    let used = r#"banyak < threshold("tak_terpakai") + 9"#;
    let idle = "meaning = \"Uji.\"\n\n[tak_terpakai.phase]\nrekap = 3\n";
    let busy = "meaning = \"Uji.\"\n\n[tak_terpakai.phase]\ntenang = 3\n";
    let basis = "\"uu-6-2011-71a\"";
    let old = "\"uu-6-2011-71a\", \"uu-6-2011-72\"";
    let both = "\"uu-6-2011-71a\", \"uu-6-2011-72\", \"uu-63-2024-72\"";
    let keeps = ("pack.toml", "languages", "retention_days = 30\nlanguages");
    let far = r#"!seen("lodging.check_out", days(31))"#;
    let near = r#"!seen("lodging.check_out", days(30))"#;
    let kinds = "kinds = [\"lodging.check_in\", \"lodging.check_out\", ";
    let fewer = "kinds = [\"lodging.check_in\", ";
    let cases: [(&str, &[Change<'_>], &[&str]); 11] = [
        (TRUE, &[("thresholds.toml", threshold, unused)], &["SG033"]),
        (used, &[("thresholds.toml", threshold, unused)], &[]),
        (
            used,
            &[("thresholds.toml", threshold, unused), ("thresholds.toml", "meaning = \"Uji.\"\n", idle)],
            &["SG034"],
        ),
        (used, &[("thresholds.toml", threshold, unused), ("thresholds.toml", "meaning = \"Uji.\"\n", busy)], &[]),
        (TRUE, &[(CONTOH, "tenang: \"siaga-2\"", "pungut: \"siaga-2\"")], &["SG034"]),
        (TRUE, &[(CONTOH, basis, old)], &["SG036"]),
        (TRUE, &[(CONTOH, basis, both)], &[]),
        (
            TRUE,
            &[
                (CONTOH, basis, old),
                (CONTOH, "\"kampanye\", \"tenang\"]", "\"pendaftaran\"]"),
                (CONTOH, ", tenang: \"siaga-2\"", ""),
            ],
            &[],
        ),
        (near, &[keeps], &[]),
        (far, &[keeps], &["SG035"]),
        (near, &[("sources.toml", kinds, fewer)], &["SG037"]),
    ];
    for (condition, changes, wanted) in cases {
        let loaded = load(condition, changes);
        let own = loaded.diagnostics.iter().filter(|found| [CONTOH, "thresholds.toml"].contains(&found.file.as_str()));
        let own: Vec<&str> = own.map(|found| found.code.word()).collect();
        assert_eq!(own, wanted, "{condition} {changes:?}\n{}", loaded.render(false));
    }
}

/// Whatever path it takes, nothing is decided on who somebody is.
#[test]
fn no_path_leads_from_who_somebody_is_to_a_decision() {
    let mut wrong = String::new();
    let declared = "[[field]]\npath = \"person.alias\"\ntype = \"text\"\ngroup = \"identity\"\nprotected = true\n";
    let list = "[lists.visa_index]\nkey = \"prefix\"\nprotected = [\"prefix\"]";
    for condition in [
        r#"record.person.nationality == "UTO""#,
        r#"record.person.nationality in ["UTO"]"#,
        r#"asal(record) == "UTO""#,
        "huruf(asal(record))",
        "huruf(record.person.name)",
        r#"`${record.person.nationality}` == "UTO""#,
        r#"huruf(`x${record.person.sex}`)"#,
        r#"contains(`${record.person.passport.mrz}`, "UTO")"#,
        r#"record.person.passport.number.starts_with("X")"#,
        r#"record.person.passport.issuer + "x" == "UTOx""#,
        r#"first("crossing.entry").person.nationality == "UTO""#,
        r#"last("crossing.entry", days(3)).person.sex != "F""#,
        r#"last("permit.issued").person.nationality == "UTO""#,
        r#"distinct("person.nationality", "lodging.check_in", days(7)) > 1"#,
        r#"overlaps("person.name", "lodging.check_in", hours(6)) > 1"#,
        r#"seen("lodging.check_in", #{ "person.name": "A" })"#,
        r#"in_force("permit.issued", #{ "person.sex": "F" })"#,
        r#"count("lodging.check_in", days(7), #{ "lodging.id": record.person.nationality }) > 1"#,
        r#"seen("lodging.check_in", #{ "lodging.id": record.person })"#,
        r#"listed("visa_index", record.person.nationality)"#,
        r#"listed("exemptions", record.lodging.id)"#,
        "has(record.person.name)",
        "!has(record.person.nationality)",
        r#"(banyak > 3 || record.person.sex == "F")"#,
        r#"max(1, huruf(record.person.name)) > 1"#,
        r#"record.person.alias == "x""#,
        r#"record.notes.contains("x")"#,
        r#"record.place.address == "x""#,
        r#"record.person == "UTO:X1""#,
        "huruf(record.person)",
    ] {
        let mut files = Files::built_in();
        files.texts.insert(CONTOH.to_owned(), RULE.replace("SYARAT", condition));
        files.texts.insert("fields.toml".to_owned(), declared.to_owned());
        let loaded = pack::build(files);
        if loaded.pack.is_some() || !codes(&loaded).contains(&"SG014") {
            wrong.push_str(&format!("== {condition}\n{}", loaded.render(false)));
        }
    }
    for (from, to) in [
        (
            "count(\"lodging.check_in\", days(7)) }",
            "count(\"lodging.check_in\", days(7)), asal: record.person.nationality }",
        ),
        ("count(\"lodging.check_in\", days(7)) }", "count(\"lodging.check_in\", days(7)), asal: asal(record) }"),
        ("per: \"person\",", "per: \"person\",\n  area: record.person.nationality,"),
        ("per: \"person\",", "per: \"person\",\n  area: asal(record),"),
        ("per: \"person\",", "per: \"person\",\n  once_per: days(record.person.name.len()),"),
        (
            "per: \"person\",",
            "per: \"person\",\n  deadline: record.occurred_at + days(1),\n  unless: record.person.sex == \"F\",",
        ),
        (
            "per: \"person\",",
            "per: \"person\",\n  deadline: last(\"crossing.entry\", #{ \"person.name\": \"A\" }).occurred_at,",
        ),
    ] {
        let loaded = load(TRUE, &[(CONTOH, from, to)]);
        let refused = ["SG014", "SG011"].iter().any(|code| codes(&loaded).contains(code));
        if loaded.pack.is_some() || !refused {
            wrong.push_str(&format!("== {to}\n{}", loaded.render(false)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let open = declared.replace("true", "false");
    for (file, text) in [
        ("fields.toml", open.as_str()),
        ("fields.toml", &open.replace("alias", "agama").replace("identity", "address")),
    ] {
        let mut files = Files::built_in();
        files.texts.insert(file.to_owned(), text.to_owned());
        assert_eq!(codes(&pack::build(files)), ["SG014"], "{text}");
    }
    let listed = load(
        r#"listed("visa_index", permit().index)"#,
        &[("pack.toml", "[lists.visa_index]\nkey = \"prefix\"\nprotected = []", list)],
    );
    assert_eq!(codes(&listed), ["SG014"], "{}", listed.render(false));
}

/// Whatever path it takes, nobody is shown what they may not see.
#[test]
fn no_path_leads_from_a_field_to_an_agency_that_may_not_see_it() {
    for message in [
        "`${permit().number}`",
        "`${count(\"permit.issued\")}`",
        "`${count(\"source.heartbeat\", #{ \"permit.kind\": \"voa\" })}`",
        "`${banyak}`",
        "`${nomor(permit())}`",
        "`${huruf(record.lodging.name)}`",
        "`${has(record.work.site)}`",
        "`${last(\"crossing.entry\").crossing.carrier}`",
        "permit().number",
    ] {
        let told = format!("notify: #{{ kanim: `x`, bawaslu: {message} }}");
        let loaded = load(TRUE, &[(CONTOH, "notify: [\"kanim\"]", &told)]);
        assert!(codes(&loaded).contains(&"SG015"), "{message}\n{}", loaded.render(false));
    }
    let told = "notify: #{ kanim: `x`, bawaslu: `${record.place.kecamatan}` }";
    let loaded = load(TRUE, &[(CONTOH, "notify: [\"kanim\"]", told)]);
    assert!(loaded.diagnostics.is_empty(), "{}", loaded.render(false));
    assert!(loaded.pack.unwrap().rule("contoh").is_some());
}
