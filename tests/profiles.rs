//! Mapping profiles with one mistake each are errors of the pack, with their place and what was probably meant.

use siaga::pack;
use siaga::pack::files::Files;

const FILE: &str = "intake/apoa-tamu.toml";

/// What takes the place of what, the code of the diagnostic, what stands at its place, what its help names.
const MISTAKES: [(&str, &str, &str, &str, &str); 10] = [
    ("\"lodging.check_in\"\nsource", "\"lodging.chek_in\"\nsource", "SG013", "\"lodging.chek_in\"", "lodging.check_in"),
    ("source = \"apoa\"", "source = \"apoaa\"", "SG013", "\"apoaa\"", "apoa"),
    ("field = \"person.name\"", "field = \"person.nama\"", "SG010", "\"person.nama\"", "person.name"),
    ("words = \"sex\"", "words = \"sexx\"", "SG013", "\"sexx\"", "sex"),
    ("form = \"country\"", "form = \"contry\"", "SG002", "\"contry\"", "country"),
    ("\"Nama Lengkap\", ", "\"Nama Lengkap\", \"NAMA.LENGKAP\", ", "SG005", "\"NAMA.LENGKAP\"", "once"),
    ("years = [1925, 2024]", "years = [1925, 2124]", "SG002", "[1925, 2124]", "hundred years"),
    ("[\"lodging.id\", ", "[\"lodging.idd\", ", "SG013", "\"lodging.idd\"", "lodging.id"),
    ("nil = \"nil\"", "nil = \"nihil\"", "SG013", "\"nihil\"", "nil"),
    ("required = true", "requird = true", "SG002", "requird", "required"),
];

#[test]
fn each_mistake_of_a_profile_is_found_where_it_stands() {
    for (from, to, code, at, help) in MISTAKES {
        let mut files = Files::built_in();
        let text = files.texts.get_mut(FILE).unwrap();
        assert!(text.contains(from), "{from}: the text to replace is not there");
        *text = text.replacen(from, to, 1);
        let loaded = pack::build(files);
        let drawn = loaded.render(false);
        assert!(loaded.pack.is_none(), "{to}: {drawn}");
        let found = loaded.diagnostics.iter().find(|found| found.file == FILE).unwrap();
        let text = loaded.files.text(FILE).unwrap();
        let stands = text.get(found.span.0..found.span.1).unwrap();
        assert!(found.code.word() == code && stands.contains(at), "{to}: {drawn}");
        assert!(drawn.contains(help), "{to}: {drawn}");
    }
}

#[test]
fn a_pack_needs_no_profiles() {
    let mut files = Files::built_in();
    files.texts.retain(|path, _| !path.starts_with("intake/"));
    let loaded = pack::build(files);
    assert!(loaded.diagnostics.is_empty() && loaded.pack.unwrap().profiles.all.is_empty());
}
