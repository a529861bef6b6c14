//! What each code of a diagnostic means: what it is about, why, a wrong example and the right one.

use crate::words::{Language, Text, say};

use super::diagnostic::{Code, did_you_mean};

/// What is said of a code.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is about, in a sentence.
    pub what: Text,
    /// Why it is held against a pack.
    pub why: Text,
    /// How it comes about.
    pub wrong: &'static str,
    /// How it is done.
    pub right: &'static str,
}

/// The page of a code, for a terminal.
pub fn explain(code: Code, language: Language) -> String {
    let Page { what, why, wrong, right } = page(code);
    let said = |text: Text| text.render(language);
    let indented = |example: &str| example.lines().map(|line| format!("    {line}\n")).collect::<String>();
    format!(
        "{}: {}\n\n{}\n\n{}\n{}\n{}\n{}",
        code.word(),
        said(what),
        said(why),
        said(say("code-wrong")),
        indented(wrong),
        said(say("code-right")),
        indented(right)
    )
}

/// The code that people name, in any case.
///
/// # Errors
/// There is none; what to say then, and what to do.
pub fn find(word: &str) -> Result<Code, (Text, Text)> {
    let wanted = word.to_ascii_uppercase();
    Code::ALL.into_iter().find(|code| code.word() == wanted).ok_or_else(|| {
        let known = Code::ALL.map(Code::word);
        // all codes are alike: only a digit left out or put in is a slip
        let help = (wanted.starts_with("SG") && wanted.len() != "SG000".len()).then(|| did_you_mean(&wanted, known));
        let all = || say("one-of").with("known", known.join(", "));
        (say("unknown").with("thing", say("thing-code")).with("word", word), help.flatten().unwrap_or_else(all))
    })
}

/// What is said of a code.
pub fn page(code: Code) -> Page {
    let (what, why, wrong, right) = match code {
        Code::File => (
            say("code-sg001"),
            say("code-sg001-why"),
            r#"rules/pilkada-2024/
  pack.toml"#,
            r#"rules/pilkada-2024/
  pack.toml  timeline.toml  thresholds.toml
  agencies.toml  legal.toml  sources.toml"#,
        ),
        Code::Table => (
            say("code-sg002"),
            say("code-sg002-why"),
            r#"[inap_lama]
default = 7
unti = "hari""#,
            r#"[inap_lama]
default = 7
unit = "hari""#,
        ),
        Code::Syntax => (
            say("code-sg003"),
            say("code-sg003-why"),
            r#"title: "Contoh"
flags: "...""#,
            r#"title: "Contoh",
flags: "...","#,
        ),
        Code::Shape => (
            say("code-sg004"),
            say("code-sg004-why"),
            r#"let batas = 3;
rule("contoh", #{ ... });"#,
            r#"fn batas() { 3 }
rule("contoh", #{ ... });"#,
        ),
        Code::Key => (say("code-sg005"), say("code-sg005-why"), r#"sevrity: "siaga-2""#, r#"severity: "siaga-2""#),
        Code::Field => (
            say("code-sg010"),
            say("code-sg010-why"),
            r#"record.lodging.nmae == "Hotel Contoh""#,
            r#"record.lodging.name == "Hotel Contoh""#,
        ),
        Code::Function => {
            (say("code-sg011"), say("code-sg011-why"), r#"sen("crossing.exit")"#, r#"seen("crossing.exit")"#)
        }
        Code::Type => (
            say("code-sg012"),
            say("code-sg012-why"),
            r#"record.occurred_at + 3 > time("2024-11-24T00:00:00+07:00")"#,
            r#"record.occurred_at + hours(3) > time("2024-11-24T00:00:00+07:00")"#,
        ),
        Code::Name => (
            say("code-sg013"),
            say("code-sg013-why"),
            r#"banyak >= threshold("klaster_minimum")"#,
            r#"banyak >= threshold("klaster_minimal")"#,
        ),
        Code::Protected => (
            say("code-sg014"),
            say("code-sg014-why"),
            r#"when: record.person.nationality == "UTO""#,
            r#"when: permit().may_work == false && seen("work.found", days(7))"#,
        ),
        Code::Sight => (
            say("code-sg015"),
            say("code-sg015-why"),
            r#"notify: ["kanim", "bawaslu"],
message: `Izin ${permit().number}.`"#,
            r#"notify: #{
  kanim: `Izin ${permit().number}.`,
  bawaslu: `Kegiatan di ${record.place.kecamatan}.`,
}"#,
        ),
        Code::Citation => (
            say("code-sg016"),
            say("code-sg016-why"),
            r#"phases: ["kampanye"],
basis: ["pkpu-17-2024"]"#,
            r#"phases: ["kampanye"],
basis: ["pkpu-13-2024"]"#,
        ),
        Code::Tests => (
            say("code-sg017"),
            say("code-sg017-why"),
            r#"tests: [ #{ name: "menyala", records: [ ... ], fires: ["contoh"] } ]"#,
            r#"tests: [
  #{ name: "menyala", records: [ ... ], fires: ["contoh"] },
  #{ name: "diam", records: [ ... ], fires: [] },
]"#,
        ),
        Code::Helper => (
            say("code-sg018"),
            say("code-sg018-why"),
            r#"fn panjang(x) { let n = record.lodging.name.len(); n > x }"#,
            r#"fn panjang(nama, x) { let n = nama.len(); n > x }"#,
        ),
        Code::Calendar => (
            say("code-sg019"),
            say("code-sg019-why"),
            r#"{ phase = "kampanye", from = "2024-09-25", until = "2024-11-22" },
{ phase = "tenang", from = "2024-11-24", until = "2024-11-26" },"#,
            r#"{ phase = "kampanye", from = "2024-09-25", until = "2024-11-23" },
{ phase = "tenang", from = "2024-11-24", until = "2024-11-26" },"#,
        ),
        Code::Lint => {
            (say("code-sg030"), say("code-sg030-why"), r#"!(permit().kind == "voa")"#, r#"permit().kind != "voa""#)
        }
        Code::Never => {
            (say("code-sg031"), say("code-sg031-why"), r#"banyak > 5 && banyak < 3"#, r#"banyak > 3 && banyak < 5"#)
        }
        Code::Always => (say("code-sg032"), say("code-sg032-why"), r#"banyak >= 3 && banyak >= 2"#, r#"banyak >= 3"#),
        Code::Unused => (
            say("code-sg033"),
            say("code-sg033-why"),
            r#"[klaster_lama]
default = 3"#,
            r#"when: banyak >= threshold("klaster_lama")"#,
        ),
        Code::Idle => (
            say("code-sg034"),
            say("code-sg034-why"),
            r#"phases: ["kampanye"],
severity: #{ otherwise: "siaga-3", tenang: "siaga-1" }"#,
            r#"phases: ["kampanye", "tenang"],
severity: #{ otherwise: "siaga-3", tenang: "siaga-1" }"#,
        ),
        Code::Window => (
            say("code-sg035"),
            say("code-sg035-why"),
            r#"seen("crossing.entry", days(2000))"#,
            r#"seen("crossing.entry", days(90))"#,
        ),
        Code::Lapse => (
            say("code-sg036"),
            say("code-sg036-why"),
            r#"basis: ["uu-6-2011-72", "permenkumham-50-2016"]"#,
            r#"basis: ["uu-6-2011-72", "uu-63-2024-72"]"#,
        ),
        Code::Unsent => (
            say("code-sg037"),
            say("code-sg037-why"),
            r#"[[source]]
id = "perlintasan"
kinds = ["crossing.entry"]"#,
            r#"[[source]]
id = "perlintasan"
kinds = ["crossing.entry", "crossing.exit"]"#,
        ),
    };
    Page { what, why, wrong, right }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_in_both_languages() {
        for code in Code::ALL {
            let [english, indonesian] =
                [Language::English, Language::Indonesian].map(|language| explain(code, language));
            assert!(english.starts_with(code.word()) && english != indonesian, "{english}");
            assert!(!english.contains("code-sg") && !indonesian.contains("code-sg"), "{indonesian}");
            let Page { wrong, right, .. } = page(code);
            assert!(!wrong.is_empty() && !right.is_empty() && wrong != right, "{code:?}");
        }
    }

    #[test]
    fn codes_are_numbered_in_order_and_found_in_any_case() {
        let words = Code::ALL.map(Code::word);
        assert!(words.is_sorted() && words.iter().all(|word| find(&word.to_lowercase()).is_ok()));
        for wrong in ["SG999", "SG01", "x", ""] {
            let (message, help) = find(wrong).unwrap_err();
            assert!(message.render(Language::Indonesian).contains("kode"), "{wrong}");
            assert!(help.render(Language::English).contains("SG0"), "{wrong}");
        }
    }
}
