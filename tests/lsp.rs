//! `siaga lsp` as an editor meets it: a scripted client over standard input and output.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

#[path = "lsp/editor.rs"]
mod editor;

use std::path::Path;

use lsp_server::{Connection, Message, Notification, Request};
use serde_json::{Value, json};

use editor::{Editor, PATIENCE, at, marked, pack_in, uri};

const RULE: &str = "penginapan/inap-ganda.rhai";

fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Line and column of where something begins, and of where it ends.
fn place(text: &str, what: &str) -> Value {
    let (text, start) = marked(&text.replacen(what, &format!("¦{what}"), 1));
    let (_, end) = marked(&text.replacen(what, &format!("{what}¦"), 1));
    let position = |(line, character)| json!({ "line": line, "character": character });
    json!({ "start": position(start), "end": position(end) })
}

fn labels(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["label"].as_str().unwrap()).collect()
}

/// A rule file around some keys of a rule.
fn around(keys: &str) -> String {
    format!(
        "// Izin yang singkat.\nfn singkat(izin) {{ izin.kind in [\"voa\", \"visit\"] }}\n\
         rule(\"coba\", #{{\n  title: \"Coba\",\n  values: #{{ malam: count(\"lodging.check_in\", days(7)) }},\n  {keys}\n}});\n"
    )
}

#[test]
fn a_misspelt_field_is_shown_where_it_stands_and_vanishes() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    assert_eq!(editor.server["capabilities"]["positionEncoding"], "utf-16");
    let rule = uri(&root.join(RULE));
    let right = read(&root, RULE);
    let wrong = right.replace("${record.lodging.name}", "${record.lodging.nmae}");
    let shown = editor.open(&rule, &wrong);
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!(shown[0]["range"], place(&wrong, "nmae"));
    assert_eq!(shown[0]["code"], "SG010");
    assert!(shown[0]["message"].as_str().unwrap().contains("did you mean `lodging.name`?"), "{shown:?}");
    assert_eq!(editor.change(&rule, &right), [] as [Value; 0]);
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn columns_are_those_that_were_agreed_on_beside_letters_of_any_width_and_crlf() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let rule = uri(&root.join(RULE));
    let wrong = read(&root, RULE)
        .replace("${record.person.name} dilaporkan", "Lihat é🏛: ${record.persn.name} dilaporkan")
        .replace('\n', "\r\n");
    let mut utf16 = Editor::start(json!({}));
    let shown = utf16.open(&rule, &wrong);
    assert_eq!(shown[0]["range"], place(&wrong, "persn"), "{shown:?}");
    let mut utf8 = Editor::start(json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } }));
    assert_eq!(utf8.server["capabilities"]["positionEncoding"], "utf-8");
    let shown = utf8.open(&rule, &wrong);
    // é and the house are 1 and 2 units of UTF-16, 2 and 4 bytes
    let column = place(&wrong, "persn")["start"]["character"].as_u64().unwrap() + 3;
    assert_eq!(shown[0]["range"]["start"]["character"], column, "{shown:?}");
}

#[test]
fn what_a_change_breaks_in_another_file_is_shown_there() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    let (thresholds, rule) = (uri(&root.join("thresholds.toml")), uri(&root.join(RULE)));
    let text = read(&root, "thresholds.toml");
    assert_eq!(editor.open(&thresholds, &text), [] as [Value; 0]);
    editor.type_in(&thresholds, &text.replace("[inap_ganda_minimal]", "[inap_ganda_paling_sedikit]"));
    editor.wait_for(&rule, |shown| shown.iter().any(|one| one["message"].as_str().unwrap().contains("threshold")));
    // a table that does not parse at all: it is shown, and names are still known
    let broken = editor.change(&thresholds, &format!("{text}\n[oops"));
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0]["code"], "SG002");
    editor.open(&rule, &read(&root, RULE));
    let (text, cursor) = marked(&around("when: malam > threshold(\"¦\")"));
    editor.change(&rule, &text);
    assert!(labels(&editor.completions(&rule, cursor)).contains(&"klaster_minimal"));
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": thresholds } }));
    editor.wait_for(&thresholds, <[Value]>::is_empty);
}

#[test]
fn new_and_deleted_files_belong_to_the_pack_as_the_editor_says() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor =
        Editor::start(json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } }));
    // not saved yet, in a folder that is not there yet
    let new = uri(&root.join("baru/coba.rhai"));
    let shown = editor.open(&new, "rule(\"lain\", #{ status: \"draft\" });");
    assert!(shown.iter().any(|one| one["message"].as_str().unwrap().contains("named as its file")), "{shown:?}");
    assert_eq!(editor.change(&new, "// belum ada").len(), 1);
    // another rule loses a rule that it suppresses
    let other = uri(&root.join("sumber/sumber-senyap.rhai"));
    std::fs::remove_file(root.join("penginapan/inap-belum-lapor.rhai")).unwrap();
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    editor.wait_for(&other, |shown| shown.len() == 1);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": new } }));
    editor.wait_for(&new, <[Value]>::is_empty);
    // no document of the pack is open any more: nothing is shown of it
    editor.wait_for(&other, <[Value]>::is_empty);
}

#[test]
fn packs_are_apart_and_documents_outside_of_them_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (pack_in(&folder.path().join("satu")), pack_in(&folder.path().join("dua")));
    let mut editor = Editor::start(json!({}));
    let (in_one, in_two) = (uri(&one.join(RULE)), uri(&two.join(RULE)));
    let text = read(&one, RULE);
    let wrong = text.replace("per: \"person\"", "per: \"persn\"");
    assert_eq!(editor.open(&in_one, &text), [] as [Value; 0]);
    assert_eq!(editor.open(&in_two, &wrong).len(), 1);
    assert_eq!(editor.change(&in_one, &text), [] as [Value; 0]);
    let outside = uri(&folder.path().join("catatan.rhai"));
    let (text, cursor) = marked(&around("when: record.¦"));
    assert_eq!(editor.open(&outside, &text), [] as [Value; 0]);
    assert!(labels(&editor.completions(&outside, cursor)).contains(&"lodging.id"));
    let nowhere = "untitled:Untitled-1";
    editor.tell(
        "textDocument/didOpen",
        json!({ "textDocument":
        { "uri": nowhere, "languageId": "rhai", "version": 1, "text": "rule(" } }),
    );
    assert_eq!(editor.completions(nowhere, (0, 5)).len(), 0);
    // without a farewell
    assert_eq!(editor.break_off(), Some(1));
}

#[test]
fn a_server_outlives_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    let rule = uri(&root.join(RULE));
    let text = read(&root, RULE);
    editor.open(&rule, &text);
    for (method, params, code) in
        [("textDocument/hover", json!({ "textDocument": 7 }), -32602), ("textDocument/rename", json!({}), -32601)]
    {
        assert_eq!(editor.try_ask(method, params).response_result.unwrap_err().code, code, "{method}");
    }
    editor.tell("textDocument/didChange", json!({ "textDocument": {} }));
    editor.ask("workspace/executeCommand", json!({ "command": "siaga.other", "arguments": [3] }));
    editor.ask("textDocument/hover", at(&rule, (9999, 9999)));
    // any beginning of a rule, and any with a hole in it
    for end in (0..text.len()).step_by(997).filter(|end| text.is_char_boundary(*end)) {
        editor.type_in(&rule, &text[..end]);
        editor.completions(&rule, (9999, 0));
        editor.type_in(&rule, &text[end..]);
        editor.completions(&rule, (0, 3));
    }
    assert_eq!(editor.change(&rule, &text), [] as [Value; 0]);
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn completion_offers_what_may_stand_there() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    let rule = uri(&root.join("baru/coba.rhai"));
    editor.open(&rule, "");
    // keys around the place, some that are offered, one that is not
    let cases: &[(&str, &[&str], &str)] = &[
        ("when: record.¦", &["lodging.id", "kind", "occurred_at", "permit.valid_until"], "seen"),
        ("when: record.lodging.na¦", &["name", "check_in"], "lodging.id"),
        ("when: permit().¦ == false", &["may_work", "kind"], "permit.may_work"),
        ("when: last(\"crossing.entry\").¦", &["crossing.checkpoint", "occurred_at"], "record"),
        ("when: record.permit.index.¦", &["starts_with", "contains"], "seen"),
        ("when: record.permit.kind == \"¦", &["voa", "itap"], "campaign"),
        ("when: record.permit.kind in [\"voa\", \"¦\"]", &["visit"], "seen"),
        ("when: permit().kind != \"¦\"", &["visa-free"], "tenang"),
        ("when: phase() == \"¦", &["kampanye", "tenang"], "voa"),
        ("when: record.kind == ¦", &["lodging.check_in", "record", "seen"], "kampanye"),
        ("when: ¦", &["seen", "record", "malam", "singkat", "threshold"], "izin"),
        ("when: se¦ && phase() == \"tenang\",", &["seen"], "tenang"),
        ("when: seen(\"¦", &["lodging.check_in", "permit.issued"], "kampanye"),
        ("when: seen(\"crossing.exit\", days(3), #{ \"¦\": 1 })", &["lodging.id", "person"], "kampanye"),
        ("when: seen(\"permit.issued\", #{ \"permit.kind\": \"¦\" })", &["voa"], "kampanye"),
        ("when: distinct(\"¦\", \"lodging.check_in\")", &["lodging.id", "lodging"], "lodging.check_out_"),
        ("when: distinct(\"lodging.id\", \"¦\")", &["lodging.check_in"], "lodging.id"),
        ("when: threshold(\"¦", &["klaster_minimal"], "kampanye"),
        ("when: listed(\"¦\", record.permit.index)", &["visa_index"], "klaster_minimal"),
        ("when: stage(\"¦\").ends", &["kampanye"], "tenang"),
        ("when: record.occurred_at < stage(\"kampanye\").¦", &["starts", "ends"], "name"),
        ("¦", &["when", "deadline", "notify"], "seen"),
        ("when: true,\n  ¦\n  once_per: \"case\"", &["message"], "once_per"),
        ("on: [\"¦", &["lodging.check_in"], "kampanye"),
        ("on: [¦]", &["lodging.check_in"], "seen"),
        ("phases: [\"tenang\", \"¦\"]", &["kampanye"], "otherwise"),
        ("severity: \"¦\"", &["siaga-1", "silent"], "kampanye"),
        ("severity: #{ ¦", &["kampanye", "otherwise"], "siaga-1"),
        ("severity: #{ tenang: \"¦\"", &["siaga-2"], "kampanye"),
        ("notify: [\"¦\"]", &["kanim", "bawaslu"], "kanim-muaraenim"),
        ("notify: #{ ¦", &["kanim"], "kanim-muaraenim"),
        ("notify: #{ kanim: `${¦}`", &["record", "malam"], "kanim"),
        ("message: `Di ${record.place.¦}`", &["kecamatan", "address"], "place.kecamatan"),
        ("basis: [\"¦", &["uu-6-2011-69"], "kanim"),
        ("per: \"¦\"", &["person", "lodging"], "kanim"),
        ("once_per: \"¦\"", &["case", "phase"], "days"),
        ("once_per: ¦", &["case", "days"], "kanim"),
        ("status: \"¦\"", &["draft", "shadow"], "case"),
        ("suppresses: [\"¦\"]", &["inap-ganda"], "coba"),
        ("deadline: record.occurred_at + ¦", &["hours", "working_days"], "kampanye"),
        ("deadline: record.occurred_at + days(1),\n  steps: [#{ ¦", &["after", "severity", "basis"], "when"),
        ("tests: [ #{ ¦", &["name", "records", "fires"], "when"),
        ("tests: [ #{ fires: [\"¦\"]", &["coba"], "inap-ganda"),
        ("tests: [ #{ told: [\"¦\"]", &["kanim-muaraenim"], "kanim"),
        ("tests: [ #{ thresholds: #{ ¦", &["klaster_minimal"], "name"),
        ("tests: [ #{ records: [ #{ ¦", &["kind", "lodging", "person"], "seen"),
        ("tests: [ #{ records: [ #{ kind: \"¦\"", &["lodging.check_in"], "voa"),
        ("tests: [ #{ records: [ #{ permit: #{ ¦", &["kind", "valid_until"], "permit.kind"),
        ("tests: [ #{ records: [ #{ permit: #{ kind: \"¦\"", &["voa"], "lodging.check_in"),
        ("tests: [ #{ records: [ #{ place: #{ kabupaten: \"¦\"", &["16.01"], "voa"),
        ("title: \"¦\"", &[], "seen"),
        ("// ¦", &[], "seen"),
        ("message: `¦`", &[], "seen"),
    ];
    for (keys, offered, kept_back) in cases {
        let (text, cursor) = marked(&around(keys));
        editor.type_in(&rule, &text);
        let items = editor.completions(&rule, cursor);
        let labels = labels(&items);
        for label in *offered {
            assert!(labels.contains(label), "{keys}: {label} is not among {labels:?}");
        }
        assert!(!labels.contains(kept_back), "{keys}: {kept_back} is offered");
        assert_eq!(labels.is_empty(), offered.is_empty(), "{keys}: {labels:?}");
    }
    // inside a helper, and in a file with nothing in it yet
    let (text, cursor) = marked("fn singkat(izin) { izin.¦ }");
    editor.type_in(&rule, &text);
    assert_eq!(editor.completions(&rule, cursor).len(), 0, "what is given to it is not known");
    let (text, cursor) = marked("fn singkat(izin) { iz¦ }");
    editor.type_in(&rule, &text);
    assert!(labels(&editor.completions(&rule, cursor)).contains(&"izin"));
    editor.type_in(&rule, "");
    assert_eq!(labels(&editor.completions(&rule, (0, 0))), ["rule", "fn"]);
}

#[test]
fn a_completion_replaces_what_was_written_and_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let snippets = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    let mut editor = Editor::start(snippets);
    let rule = uri(&root.join("baru/coba.rhai"));
    let (text, cursor) = marked(&around("on: [\"lodging.check_ou¦"));
    editor.open(&rule, &text);
    let items = editor.completions(&rule, cursor);
    let item = items.iter().find(|item| item["label"] == "lodging.check_out").unwrap();
    assert_eq!(item["textEdit"]["newText"], "lodging.check_out");
    assert_eq!(item["textEdit"]["range"], place(&text, "lodging.check_ou"), "the dots are part of the name");
    let (text, cursor) = marked(&around("when: phase() == ten¦"));
    editor.type_in(&rule, &text);
    let items = editor.completions(&rule, cursor);
    let item = items.iter().find(|item| item["label"] == "tenang").unwrap();
    assert_eq!(item["textEdit"]["newText"], "\"tenang\"", "the quotes are added where they are missing");
    assert!(item["documentation"]["value"].as_str().unwrap().contains("2024-11-24"), "{item}");
    let item = items.iter().find(|item| item["label"] == "distinct").unwrap();
    assert_eq!(item["insertTextFormat"], 2);
    assert!(item["detail"].as_str().unwrap().starts_with("distinct(field, kind"), "{item}");
    let (text, cursor) = marked(&around("message: `${record.¦}`"));
    editor.type_in(&rule, &text);
    let items = editor.completions(&rule, cursor);
    let item = items.iter().find(|item| item["label"] == "person.name").unwrap();
    assert!(item["detail"].as_str().unwrap().contains("protected"), "{item}");
}

#[test]
fn tables_complete_what_they_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    for (path, more, offered) in [
        ("agencies.toml", "\n[[agency]]\nid = \"x\"\nroles = [\"kanim\", \"¦", "polres"),
        ("agencies.toml", "\n[[agency]]\nkabupaten = [\"¦\"]", "16.08"),
        ("agencies.toml", "\n[[agency.sees]]\nbasis = \"¦\"", "uu-6-2011-71a"),
        ("agencies.toml", "\n[[agency.sees]]\ngroup = \"¦\"", "lodging"),
        ("sources.toml", "\n[[source]]\nkinds = [\"¦", "lodging.check_in"),
        ("sources.toml", "\n[[source]]\nask = \"¦", "kanim-muaraenim"),
        ("thresholds.toml", "\n[klaster_minimal.phase]\nten¦", "tenang"),
        ("timeline.toml", "\n[calendar.\"16.01\"]\nphases = [\n  { phase = \"¦", "kampanye"),
    ] {
        let (text, cursor) = marked(&format!("{}{more}", read(&root, path)));
        let file = uri(&root.join(path));
        editor.open(&file, &text);
        let items = editor.completions(&file, cursor);
        assert!(labels(&items).contains(&offered), "{more}: {:?}", labels(&items));
        editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": file } }));
    }
}

/// Keys around a word, what is said of it, the file and the line's text that it leads to.
type Case = (&'static str, &'static str, Option<(&'static str, &'static str)>);

#[test]
fn words_say_what_they_are_and_lead_to_where_they_were_declared() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    let rule = uri(&root.join("baru/coba.rhai"));
    editor.open(&rule, "");
    let cases: &[Case] = &[
        ("when: se¦en(\"crossing.exit\")", "dossier", None),
        ("on: [\"lodging.ch¦eck_in\"]", "has to state person", None),
        ("o¦n: [\"lodging.check_in\"]", "trigger the rule", None),
        (
            "when: record.permit.valid_un¦til > time(\"2024-11-24T00:00:00+07:00\")",
            "seen by agencies that may see `permit`",
            None,
        ),
        ("message: `${record.person.na¦me}`", "protected", None),
        (
            "when: malam > threshold(\"klaster_m¦inimal\")",
            "between 2 and 50",
            Some(("thresholds.toml", "[klaster_minimal]")),
        ),
        ("when: phase() == \"te¦nang\"", "2024-11-24", Some(("timeline.toml", "id = \"tenang\""))),
        ("severity: #{ ten¦ang: \"siaga-1\" }", "2024-11-24", Some(("timeline.toml", "id = \"tenang\""))),
        (
            "when: record.occurred_at < stage(\"kampan¦ye\").ends",
            "instant",
            Some(("timeline.toml", "id = \"kampanye\"")),
        ),
        (
            "basis: [\"uu-6-2011-¦72\"]",
            "in force from 2011-05-05 to 2024-10-16",
            Some(("legal.toml", "id = \"uu-6-2011-72\"")),
        ),
        ("notify: [\"kan¦im\"]", "kanim-muaraenim", Some(("agencies.toml", "id = \"kanim\""))),
        (
            "tests: [#{ told: [\"kanim-m¦uaraenim\"] }]",
            "may see: identity",
            Some(("agencies.toml", "id = \"kanim-muaraenim\"")),
        ),
        ("when: listed(\"visa_in¦dex\", record.permit.index)", "keys", Some(("lists/visa_index.csv", "prefix,"))),
        ("suppresses: [\"inap-g¦anda\"]", "waktunya bertumpuk", Some((RULE, "//"))),
        ("when: mal¦am > 3", "count(\"lodging.check_in\", days(7))", Some(("baru/coba.rhai", "  values: #{ malam"))),
        ("when: sing¦kat(permit())", "Izin yang singkat.", Some(("baru/coba.rhai", "fn singkat"))),
        ("when: record.permit.kind == \"v¦oa\"", "visa saat kedatangan", None),
        ("per: \"per¦son\"", "passport", None),
    ];
    for (keys, says, leads_to) in cases {
        let (text, cursor) = marked(&around(keys));
        editor.type_in(&rule, &text);
        let hover = editor.ask("textDocument/hover", at(&rule, cursor));
        let said = hover["contents"]["value"].as_str().unwrap_or("");
        assert!(said.contains(says), "{keys}: {said:?}");
        let found = editor.ask("textDocument/definition", at(&rule, cursor));
        let Some((file, line)) = leads_to else {
            assert_eq!(found, Value::Null, "{keys}");
            continue;
        };
        assert_eq!(found["uri"], uri(&root.join(file)), "{keys}");
        let number = usize::try_from(found["range"]["start"]["line"].as_u64().unwrap()).unwrap();
        let declared = if *file == "baru/coba.rhai" { text } else { read(&root, file) };
        assert!(declared.lines().nth(number).unwrap().starts_with(line), "{keys}: line {number}");
    }
}

#[test]
fn tests_run_from_the_editor_and_failures_stand_at_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    let rule = uri(&root.join(RULE));
    let text = read(&root, RULE);
    editor.open(&rule, &text);
    let lenses = editor.ask("textDocument/codeLens", json!({ "textDocument": { "uri": rule } }));
    let lenses = lenses.as_array().unwrap();
    assert_eq!(lenses.len(), 1 + text.matches("#{ name: \"").count() - text.matches("lodging: #{ name").count());
    let run =
        |lens: &Value| json!({ "command": lens["command"]["command"], "arguments": lens["command"]["arguments"] });
    let ran = editor.ask("workspace/executeCommand", run(&lenses[0]));
    assert_eq!(ran, json!({ "passed": lenses.len() - 1, "failed": 0 }));
    assert_eq!(editor.said, [format!("inap-ganda: {} tests pass", lenses.len() - 1)]);
    // the second test is silent from now on
    let wrong = text.replacen(
        "#{ name: \"dua kabupaten bertumpuk\", fires: [\"inap-ganda\"]",
        "#{ name: \"dua kabupaten bertumpuk\", fires: []",
        1,
    );
    assert_eq!(editor.change(&rule, &wrong), [] as [Value; 0]);
    assert_eq!(editor.ask("workspace/executeCommand", run(&lenses[1])), json!({ "passed": 1, "failed": 0 }));
    assert_eq!(editor.ask("workspace/executeCommand", run(&lenses[2])), json!({ "passed": 0, "failed": 1 }));
    editor.wait_for(&rule, |shown| shown.len() == 1);
    let shown = editor.shown_now(&rule);
    assert_eq!(shown[0]["source"], "siaga test");
    assert_eq!(shown[0]["range"]["start"], lenses[2]["range"]["start"]);
    assert!(shown[0]["message"].as_str().unwrap().contains("no alert was to open, 1 did"), "{shown:?}");
    // for editors without lenses: as an action where the cursor is
    let range = json!({ "start": lenses[2]["range"]["start"], "end": lenses[2]["range"]["start"] });
    let asked = json!({ "textDocument": { "uri": rule }, "range": range, "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", asked);
    assert_eq!(actions[0]["command"]["arguments"], lenses[2]["command"]["arguments"]);
    assert_eq!(editor.change(&rule, &text), [] as [Value; 0], "a change takes back what tests said");
    editor.type_in(&rule, &text.replace("per: \"person\"", "per: \"persn\""));
    assert_eq!(editor.ask("workspace/executeCommand", run(&lenses[0])), json!({ "passed": 0, "failed": 0 }));
    assert!(editor.said.last().unwrap().contains("errors"), "{:?}", editor.said);
}

#[test]
fn a_misspelt_word_can_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    let rule = uri(&root.join(RULE));
    let right = read(&root, RULE);
    editor.open(&rule, &right);
    for (written, misspelt) in [
        ("record.lodging.name", "record.lodging.nmae"),
        ("record.lodging.name", "record.lodgin.name"),
        ("per: \"person\"", "per: \"persn\""),
        ("\"inap_ganda_minimal\"", "\"inap_ganda_minima\""),
        ("overlaps(", "overlap("),
    ] {
        let wrong = right.replacen(written, misspelt, 1);
        let shown = editor.change(&rule, &wrong);
        let range = &shown[0]["range"];
        let asked = json!({ "textDocument": { "uri": rule }, "range": range, "context": { "diagnostics": shown } });
        let actions = editor.ask("textDocument/codeAction", asked);
        let edit = &actions[0]["edit"]["changes"][&rule][0];
        assert_eq!(edited(&wrong, edit), right, "{misspelt}: {actions}");
    }
}

/// A text after an edit within a line of plain letters.
fn edited(text: &str, edit: &Value) -> String {
    let number = |pointer: &str| usize::try_from(edit.pointer(pointer).unwrap().as_u64().unwrap()).unwrap();
    let line = number("/range/start/line");
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let (from, to) = (start + number("/range/start/character"), start + number("/range/end/character"));
    format!("{}{}{}", &text[..from], edit["newText"].as_str().unwrap(), &text[to..])
}

#[test]
fn the_language_is_the_one_given_and_else_the_editors() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let rule = uri(&root.join(RULE));
    for (given, locale, wanted) in [
        (&[][..], "id-ID", "Jalankan semua uji aturan ini"),
        (&[], "en-GB", "Run all tests of this rule"),
        (&["--lang", "id"], "en", "Jalankan semua uji aturan ini"),
    ] {
        let mut editor = Editor::start_with(given, json!({ "capabilities": {}, "locale": locale }));
        editor.open(&rule, &read(&root, RULE));
        let lenses = editor.ask("textDocument/codeLens", json!({ "textDocument": { "uri": rule } }));
        assert_eq!(lenses[0]["command"]["title"], wanted, "{given:?} {locale}");
    }
}

#[test]
fn of_changes_that_wait_only_the_newest_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let rule = uri(&root.join(RULE));
    let text = read(&root, RULE);
    let (server, client) = Connection::memory();
    let tell = |method: &str, params: Value| {
        client.sender.send(Notification::new(method.to_owned(), params).into()).unwrap();
    };
    client.sender.send(Request::new(1.into(), "initialize".to_owned(), json!({ "capabilities": {} })).into()).unwrap();
    tell("initialized", json!({}));
    let document = json!({ "uri": rule, "languageId": "rhai", "version": 0, "text": text });
    tell("textDocument/didOpen", json!({ "textDocument": document }));
    for version in 1..=50 {
        let text = if version == 50 { text.clone() } else { text[..version * 20].to_owned() };
        let document = json!({ "uri": rule, "version": version });
        tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }
    let serving = std::thread::spawn(move || siaga::lsp::serve(&server, None).unwrap());
    let next = || client.receiver.recv_timeout(PATIENCE).expect("the server says nothing");
    assert!(matches!(next(), Message::Response(_)));
    let Message::Notification(note) = next() else { panic!("no diagnostics") };
    assert_eq!((&note.params["version"], &note.params["diagnostics"]), (&json!(50), &json!([])));
    drop(client);
    assert!(!serving.join().unwrap(), "it was left without a farewell");
}

#[test]
fn a_document_has_its_helpers_values_and_tests_as_symbols() {
    let folder = tempfile::tempdir().unwrap();
    let root = pack_in(folder.path());
    let mut editor = Editor::start(json!({}));
    let rule = uri(&root.join("baru/coba.rhai"));
    editor.open(&rule, &around("when: singkat(permit()),\n  tests: [ #{ name: \"satu\", records: [ #{} ] } ]"));
    let symbols = editor.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": rule } }));
    let symbols = symbols.as_array().unwrap();
    let names =
        |symbols: &[Value]| symbols.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(symbols), ["singkat", "coba"]);
    assert_eq!(names(symbols[1]["children"].as_array().unwrap()), ["malam", "satu"]);
}
