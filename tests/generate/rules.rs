//! Rule files and packs around generated expressions.

use std::ops::Range;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use siaga::pack::files::Files;
use siaga::pack::{self, Loaded, Pack};

use super::expressions::{Grammar, KINDS};

/// Helpers that every generated rule has: expressions over records, and statements over plain values.
pub const HELPERS: &str = r#"
fn at_least(a, b) { a >= b }
fn more(n) { n + 1 }
fn is_visit(permit) { permit.kind in ["voa", "visit"] }
fn steps(n) { let total = 0; for i in 0..n { total += i; } total }
fn parity(n) { if n % 2 == 0 { "even" } else { "odd" } }
fn clipped(text, n) { if text.len() > n { return text.sub_string(0, n); } text }
fn seconds(x) { let y = x; y }
fn forever(n) { let i = n; loop { i += 1; if i < n { break; } } i }
fn nothing(n) { if n > 0 { return; } n }
"#;

/// One rule of a generated pack: its conjuncts, and its values in order.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub values: Vec<(&'static str, String)>,
    pub conjuncts: Vec<String>,
}

impl Draft {
    fn text(&self, id: &str) -> String {
        let values: Vec<String> = self.values.iter().map(|(name, value)| format!("    {name}: {value},\n")).collect();
        let kinds = KINDS.map(|kind| format!("\"{kind}\"")).join(", ");
        format!(
            r#"{HELPERS}
rule("{id}", #{{
  title: "x", flags: "x", why: "x", action: "x", false_positives: "x", status: "shadow",
  severity: "siaga-3", notify: ["kanim"], basis: ["uu-6-2011-71b"], per: "source",
  on: [{kinds}],
  values: #{{
{}  }},
  when: {},
  message: "x",
  tests: [#{{ name: "a", records: [], fires: ["{id}"] }}, #{{ name: "b", records: [], fires: [] }}],
}});
"#,
            values.concat(),
            self.conjuncts.join("\n    && "),
        )
    }
}

/// A rule of some conjuncts over its values.
pub fn draft(depth: u32, conjuncts: Range<usize>) -> impl Strategy<Value = Draft> {
    let plain = Grammar::new(depth - 1, false);
    let named = Grammar::new(depth, true);
    let values = (plain.ints, plain.numbers, plain.texts, plain.times);
    let guarded = named.bools.clone().prop_map(|condition| format!("guard({condition})"));
    let conjunct = prop_oneof![7 => named.bools, 1 => guarded];
    (values, vec(conjunct, conjuncts)).prop_map(|((angka, pecahan, kata, saat), conjuncts)| Draft {
        values: vec![("angka", angka), ("pecahan", pecahan), ("kata", kata), ("saat", saat)],
        conjuncts,
    })
}

/// The id of the n-th rule.
pub fn id(index: usize) -> String {
    format!("r{index}")
}

/// The built-in pack's tables with other rules, one more threshold and a rerun at one polling station.
pub fn files(rules: &[Draft]) -> Files {
    files_with(rules.iter().enumerate().map(|(index, rule)| (id(index), rule.text(&id(index)))))
}

/// The same with the texts of rules by their ids.
pub fn files_with(rules: impl Iterator<Item = (String, String)>) -> Files {
    let mut files = Files::built_in();
    files.texts.retain(|path, _| !path.ends_with(".rhai"));
    let mut append = |path: &str, more: &str| files.texts.get_mut(path).unwrap().push_str(more);
    append(
        "thresholds.toml",
        "\n[bagian]\ndefault = 0.5\nunit = \"bagian\"\nmin = 0\nmax = 10\nmeaning = \"x\"\n\
         [bagian.phase]\ntenang = 0.3\n[bagian.kabupaten]\n\"16.08\" = 2.5\n",
    );
    append(
        "timeline.toml",
        "\n[[voting_day]]\nid = \"ulang\"\ndate = \"2024-11-30\"\nphase = \"pungut\"\nkabupaten = [\"16.01\"]\n\
         kecamatan = [\"16.01.14\"]\ntps = [\"16.01.14/007\"]\nballots = [\"bupati\"]\nverified = false\nsource = \"x\"\n",
    );
    files.texts.extend(rules.map(|(id, text)| (format!("uji/{id}.rhai"), text)));
    files
}

/// Loads a pack.
pub fn load(files: &Files) -> Loaded {
    pack::build(files.clone())
}

/// Loads a pack that has nothing wrong with it.
pub fn pack(files: &Files) -> Arc<Pack> {
    let loaded = load(files);
    let told = loaded.render(false);
    Arc::new(loaded.pack.unwrap_or_else(|| panic!("{told}")))
}
