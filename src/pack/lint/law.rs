//! Citations that lapse while their rule goes on, and rules that rest on none that anybody has verified.

use chrono::NaiveDate;

use crate::pack::cross::Across;
use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::rule::Rule;
use crate::pack::script::Script;
use crate::pack::tables::Citation;
use crate::words::say;

/// The citations of a rule that lapse within its phases without one that follows them, or of which none is verified.
pub fn find(script: &Script<'_>, rule: &Rule, across: Across<'_>) -> Vec<Diagnostic> {
    let laws: Vec<&Citation> = rule.basis.iter().filter_map(|id| across.citations.get(id.as_ref()).copied()).collect();
    let mut found = lapsed(script, rule, &laws, across);
    if !laws.is_empty() && laws.iter().all(|law| !law.verified) {
        let at = script.key("basis").map_or(script.id_at, |key| key.at);
        found.push(script.error(Code::Lint, at, say("lint-unverified")).help(say("lint-unverified-help")).warning());
    }
    found
}

fn lapsed(script: &Script<'_>, rule: &Rule, laws: &[&Citation], across: Across<'_>) -> Vec<Diagnostic> {
    if laws.iter().all(|law| law.valid_until.is_none()) {
        return Vec::new();
    }
    let Some(last) = last_day(rule, across) else { return Vec::new() };
    let mut found = Vec::new();
    for law in laws {
        let Some(until) = law.valid_until.filter(|until| *until < last) else { continue };
        let follows = |other: &Citation| other.replaces.contains(&law.id) && other.valid_from <= next(until);
        // a rule with no other citation has a greater fault, which is said elsewhere
        let goes_on = laws.iter().any(|other| other.in_force(next(until)));
        if goes_on && !laws.iter().any(|other| follows(other)) {
            let at = script.key("basis").map_or(script.id_at, |key| key.at);
            let message = say("lint-lapse").with("citation", &*law.id).with("day", until.to_string());
            let successor =
                across.citations.values().filter(|other| follows(other)).map(|other| other.id.clone()).min();
            let help = match successor {
                Some(id) => say("lint-lapse-successor-help").with("citation", &*id),
                None => say("lint-lapse-help").with("citation", &*law.id),
            };
            found.push(script.error(Code::Lapse, at, message).help(help).warning());
        }
    }
    found
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// The last day on which a rule runs.
fn last_day(rule: &Rule, across: Across<'_>) -> Option<NaiveDate> {
    let begins = &across.timeline.whole_area.begins;
    let index = begins.iter().rposition(|(_, phase)| rule.is_active_in(*phase))?;
    let last = begins.get(index + 1).or_else(|| begins.get(index))?;
    Some(across.timeline.date(last.0))
}
