//! Records that say nothing about the subject of a rule.

use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::rule::Rule;
use crate::pack::script::Script;
use crate::record::schema::{Kind, Schema};
use crate::subject::SubjectKind;
use crate::words::say;

/// The questions of a rule to records that do not name whom it is about.
pub fn find(script: &Script<'_>, rule: &Rule, schema: &Schema) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, node) in super::parts(script, rule) {
        for query in node.queries() {
            let kind = schema.kinds().get(usize::from(query.kind.0));
            if let Some(kind) = kind.filter(|kind| !may_name(kind, rule.per)) {
                let message = say("lint-subject").with("kind", &*kind.name).with("subject", rule.per.word());
                let help = say("lint-subject-help").with("subject", rule.per.word());
                found.push(script.error(Code::Lint, at, message).help(help).warning());
            }
        }
    }
    found
}

/// Whether records of a kind are about a section that names the subject; a kind that asks for nothing may be about all.
fn may_name(kind: &Kind, per: SubjectKind) -> bool {
    let sections: &[&str] = match per {
        SubjectKind::Lodging => &["lodging", "plan"],
        SubjectKind::Sponsor => &["permit", "work", "plan"],
        SubjectKind::Event => &["activity"],
        // records of any kind may state a person
        SubjectKind::Person | SubjectKind::Nik | SubjectKind::Source | SubjectKind::Record => return true,
    };
    let asked = kind.requires.iter().flat_map(|paths| paths.split('|'));
    let mut about = asked.chain([&*kind.name]).map(|path| path.split('.').next().unwrap_or(path));
    kind.requires.is_empty() || about.any(|section| sections.contains(&section))
}
