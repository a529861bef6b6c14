//! The names that stand in a rule's tests: fields of their records and agencies that are told.

use crate::record::schema::Schema;
use crate::words::{Text, say};

use super::diagnostic::{Code, Diagnostic, meant_or_all};
use super::literal::Written;
use super::member::{Member, below, member};
use super::place::Place;
use super::rule::RuleTest;
use super::script::Script;

/// What the names are held against.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The fields.
    pub schema: &'a Schema,
    /// The agencies' ids.
    pub agencies: &'a [&'a str],
}

impl Known<'_> {
    /// Whether a test expects to tell an agency that there is not.
    pub fn misses_agency(self, test: &RuleTest) -> bool {
        test.told.iter().flatten().any(|told| !self.agencies.contains(&told.as_str()))
    }

    /// Says which names there are not: a test that is misspelt passes and shows nothing. The script has all its places.
    pub fn unknown(self, script: &Script<'_>) -> Vec<Diagnostic> {
        let mut search = Search { known: self, script, found: Vec::new() };
        for test in script.tests().and_then(Written::items).into_iter().flatten() {
            for (key, _, value) in test.entries().map(|(entries, _)| entries).into_iter().flatten() {
                match key {
                    "records" => value.items().into_iter().flatten().for_each(|record| search.members("", record)),
                    "told" => value.items().into_iter().flatten().for_each(|agency| search.agency(agency)),
                    _ => {}
                }
            }
        }
        search.found
    }
}

struct Search<'a> {
    known: Known<'a>,
    script: &'a Script<'a>,
    found: Vec<Diagnostic>,
}

impl Search<'_> {
    fn members(&mut self, prefix: &str, map: Written<'_>) {
        let Some((entries, _)) = map.entries() else { return };
        for (name, at, value) in entries {
            let path = below(prefix, name);
            match member(self.known.schema, prefix, name) {
                Member::Section => self.members(&path, value),
                Member::Known => {}
                Member::Unknown(known) => {
                    let help = (!known.is_empty()).then(|| meant_or_all(name, known));
                    self.unknown(say("thing-field"), &path, Place::Word(at), help);
                }
            }
        }
    }

    fn agency(&mut self, agency: Written<'_>) {
        let Some((id, expr)) = agency.text() else { return };
        if !self.known.agencies.contains(&id) {
            let help = meant_or_all(id, self.known.agencies.iter().copied());
            self.unknown(say("thing-agency"), id, Place::Whole(expr), Some(help));
        }
    }

    fn unknown(&mut self, thing: Text, word: &str, place: Place<'_>, help: Option<Text>) {
        let message = say("unknown").with("thing", thing).with("word", word);
        self.found.push(self.script.error(Code::Name, place, message).help(help));
    }
}
