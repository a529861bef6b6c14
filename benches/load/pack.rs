//! A seeded pack of any size: the shipped pack's tables, and rules with everything that a stable rule has.

use std::fmt::Write;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Rules of one folder of the pack.
const RULES_PER_FOLDER: usize = 1_000;
/// The files that a generated pack takes from the shipped one.
const TABLES: [&str; 8] = [
    "pack.toml",
    "timeline.toml",
    "thresholds.toml",
    "agencies.toml",
    "legal.toml",
    "sources.toml",
    "lists/visa_index.csv",
    "lists/exemptions.csv",
];
const KINDS: [&str; 4] = ["lodging.check_in", "permit.issued", "work.found", "crossing.entry"];
const LAWS: [&str; 4] = ["uu-6-2011-78", "uu-6-2011-71a", "uu-6-2011-71b", "uu-6-2011-118"];
const WORDS: [&str; 12] = [
    "penginapan",
    "penjamin",
    "izin",
    "kunjungan",
    "pelintasan",
    "pemberi kerja",
    "laporan",
    "tanggal",
    "kecamatan",
    "petugas",
    "catatan",
    "kegiatan",
];

/// A stream of draws that is the same on every machine.
struct Draw(ChaCha8Rng);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        let drawn = (u64::from(self.0.next_u32()) * end as u64) >> 32;
        usize::try_from(drawn).unwrap()
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }

    /// A sentence of some words, the length that people write.
    fn sentence(&mut self, words: usize) -> String {
        let said: Vec<&str> = (0..words).map(|_| self.pick(&WORDS)).collect();
        format!("Yang dicek: {}.", said.join(" "))
    }
}

/// Writes a pack of so many rules into an empty folder.
pub fn write(folder: &Path, rules: usize) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/pilkada-2024");
    std::fs::create_dir_all(folder.join("lists")).unwrap();
    for table in TABLES {
        std::fs::copy(shipped.join(table), folder.join(table)).unwrap();
    }
    let mut draw = Draw(ChaCha8Rng::from_seed(*b"ten thousand rules, fast as ten."));
    for number in 0..rules {
        let area = folder.join(format!("area-{:03}", number / RULES_PER_FOLDER));
        if number % RULES_PER_FOLDER == 0 {
            std::fs::create_dir_all(&area).unwrap();
        }
        let id = format!("aturan-{number:06}");
        std::fs::write(area.join(format!("{id}.rhai")), rule(&id, &mut draw)).unwrap();
    }
}

/// One conjunct with a value of its field that meets it and one that does not.
struct Asked {
    section: &'static str,
    name: &'static str,
    asks: String,
    meets: String,
    fails: String,
}

fn asked(choice: usize, draw: &mut Draw) -> Asked {
    let text = |text: String| format!("\"{text}\"");
    let number = draw.below(900) + 100;
    let (section, name, asks, meets, fails) = match choice {
        0 => ("place", "tps", format!(" == \"TPS {number}\""), text(format!("TPS {number}")), text("TPS 1".into())),
        1 => ("permit", "kind", " in [\"voa\", \"visit\"]".into(), text("voa".into()), text("itas".into())),
        2 => (
            "permit",
            "valid_until",
            format!(" < time(\"2025-{:02}-01T00:00:00+07:00\")", number % 12 + 1),
            text("2024-12-01".into()),
            text("2026-01-31".into()),
        ),
        3 => {
            ("permit", "index", format!(".starts_with(\"C{number}\")"), text(format!("C{number}A")), text("D1".into()))
        }
        4 => ("permit", "may_work", " == false".into(), "false".into(), "true".into()),
        5 => (
            "lodging",
            "room",
            format!(" in [\"{number}\", \"{}\", \"{}\", \"{}\"]", number + 1, number + 2, number + 3),
            text(number.to_string()),
            text("1".into()),
        ),
        6 => ("donation", "amount", format!(" >= {number}000.5"), format!("{number}001.5"), "1.5".into()),
        7 => ("plan", "people", format!(" > {number}"), (number + 1).to_string(), "2".into()),
        8 => (
            "work",
            "employer_id",
            format!(" == \"pt-contoh-{number}\""),
            text(format!("pt-contoh-{number}")),
            text("pt-contoh-1".into()),
        ),
        _ => ("activity", "event_kind", " != \"press\"".into(), text("campaign".into()), text("press".into())),
    };
    Asked { section, name, asks, meets, fails }
}

fn rule(id: &str, draw: &mut Draw) -> String {
    let mut fields: Vec<usize> = (0..10).collect();
    let conjuncts = 3 + draw.below(4);
    let mut chosen = Vec::new();
    for _ in 0..conjuncts {
        let field = fields.swap_remove(draw.below(fields.len()));
        chosen.push(asked(field, draw));
    }
    chosen.sort_by_key(|asked| (asked.section, asked.name));
    let kind = draw.pick(&KINDS);
    let when: Vec<String> =
        chosen.iter().map(|asked| format!("record.{}.{}{}", asked.section, asked.name, asked.asks)).collect();
    let mut out = format!("rule(\"{id}\", #{{\n");
    for (key, words) in [("title", 3), ("flags", 12), ("why", 16), ("action", 14), ("false_positives", 12)] {
        writeln!(out, "  {key}: \"{}\",", draw.sentence(words)).unwrap();
    }
    writeln!(out, "  severity: \"siaga-{}\",\n  notify: [\"kanim\"],", draw.below(3) + 1).unwrap();
    writeln!(out, "  basis: [\"uu-6-2011-69\", \"{}\"],", draw.pick(&LAWS)).unwrap();
    writeln!(out, "  per: \"record\",\n  on: [\"{kind}\"],\n  when: {},", when.join("\n    && ")).unwrap();
    out.push_str(
        "  message: `Catatan ${record.id} di ${record.place.kecamatan}: ${record.lodging.name} perlu dicek.`,\n",
    );
    out.push_str("  tests: [\n");
    test(&mut out, "semua syarat terpenuhi", &format!("[\"{id}\"]"), kind, &chosen, None);
    test(&mut out, "satu syarat tidak terpenuhi", "[]", kind, &chosen, Some(draw.below(chosen.len())));
    out.push_str("  ],\n});\n");
    out
}

/// A test of one record that meets every conjunct but one.
fn test(out: &mut String, name: &str, fires: &str, kind: &str, chosen: &[Asked], but: Option<usize>) {
    let mut sections = vec![
        ("crossing", "checkpoint: \"Bandara Contoh\"".to_owned()),
        ("lodging", "id: \"hotel-contoh-1\", name: \"Hotel Contoh 1\"".to_owned()),
        ("permit", "number: \"S-1\"".to_owned()),
        ("place", "kabupaten: \"16.01\", kecamatan: \"16.01.14\"".to_owned()),
        ("work", "site: \"Pabrik Contoh\"".to_owned()),
    ];
    for (index, asked) in chosen.iter().enumerate() {
        let value = if but == Some(index) { &asked.fails } else { &asked.meets };
        let stated = format!("{}: {value}", asked.name);
        match sections.iter_mut().find(|(section, _)| *section == asked.section) {
            Some((_, fields)) => *fields = format!("{fields}, {stated}"),
            None => sections.push((asked.section, stated)),
        }
    }
    for (section, name, value) in [("permit", "kind", "\"visit\""), ("work", "employer_id", "\"pt-contoh-2\"")] {
        if let Some((_, fields)) = sections.iter_mut().find(|(own, _)| *own == section)
            && !chosen.iter().any(|asked| (asked.section, asked.name) == (section, name))
        {
            *fields = format!("{fields}, {name}: {value}");
        }
    }
    let sections: Vec<String> =
        sections.iter().map(|(section, fields)| format!("{section}: #{{ {fields} }}")).collect();
    writeln!(out, "    #{{ name: \"{name}\", fires: {fires},\n       records: [").unwrap();
    writeln!(
        out,
        "         #{{ kind: \"{kind}\", occurred_at: \"2024-10-10T14:00:00+07:00\", \
         person: #{{ passport: #{{ number: \"X1000001\", issuer: \"UTO\" }} }}, {} }},",
        sections.join(", ")
    )
    .unwrap();
    out.push_str("       ] },\n");
}
