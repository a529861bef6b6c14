//! The words of the rule language: every function and every key of a rule, with its form and its text.

use std::sync::LazyLock;

use crate::words::{Text, say};

/// A function that rules may call.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Its form.
    pub form: &'static str,
    /// What an editor writes for it: places to fill in are `${1:...}`.
    pub snippet: &'static str,
    /// A condition that uses it.
    pub example: &'static str,
    /// What it says.
    pub text: Text,
}

/// A key of a rule.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What an editor writes for its value.
    pub snippet: &'static str,
    /// What is written there.
    pub text: Text,
}

/// All functions.
pub static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let function = |name, form, snippet, example, text: Text| Function { name, form, snippet, example, text };
    vec![
        function(
            "seen",
            "seen(kind[, window][, #{ field: value }]) -> true or false",
            "seen(\"${1:lodging.check_in}\", ${2:days(7)})",
            "seen(\"lodging.check_in\", days(7), #{ \"lodging.id\": record.lodging.id })",
            say("guide-seen"),
        ),
        function(
            "count",
            "count(kind[, window][, #{ field: value }]) -> whole number",
            "count(\"${1:lodging.check_in}\", ${2:days(7)})",
            "count(\"crossing.entry\", days(30)) >= 3",
            say("guide-count"),
        ),
        function(
            "first",
            "first(kind[, window][, #{ field: value }]) -> record",
            "first(\"${1:lodging.check_in}\", ${2:days(7)}).${3:occurred_at}",
            "first(\"lodging.check_in\", days(7)).lodging.id != record.lodging.id",
            say("guide-first"),
        ),
        function(
            "last",
            "last(kind[, window][, #{ field: value }]) -> record",
            "last(\"${1:lodging.check_in}\", ${2:days(7)}).${3:occurred_at}",
            "last(\"crossing.entry\", days(60)).occurred_at < record.occurred_at",
            say("guide-last"),
        ),
        function(
            "distinct",
            "distinct(field, kind[, window][, #{ field: value }]) -> whole number",
            "distinct(\"${1:lodging.id}\", \"${2:lodging.check_in}\", ${3:days(7)})",
            "distinct(\"lodging.id\", \"lodging.check_in\", days(7)) >= 3",
            say("guide-distinct"),
        ),
        function(
            "overlaps",
            "overlaps(field, kind, at_least[, window]) -> whole number",
            "overlaps(\"${1:place.kecamatan}\", \"${2:lodging.check_in}\", ${3:hours(6)}, ${4:days(30)})",
            "overlaps(\"place.kecamatan\", \"lodging.check_in\", hours(6), days(30)) >= 2",
            say("guide-overlaps"),
        ),
        function(
            "median_count",
            "median_count(kind, window, over) -> number",
            "median_count(\"${1:lodging.check_in}\", ${2:days(7)}, ${3:days(90)})",
            "count(\"lodging.check_in\", days(7)) > 2 * median_count(\"lodging.check_in\", days(7), days(90))",
            say("guide-median-count"),
        ),
        function(
            "usual_gap",
            "usual_gap() -> span of time",
            "usual_gap()",
            "usual_gap() < hours(24)",
            say("guide-usual-gap"),
        ),
        function(
            "in_force",
            "in_force(kind[, #{ field: value }]) -> true or false",
            "in_force(\"${1:accreditation.granted}\")",
            "!in_force(\"accreditation.granted\")",
            say("guide-in-force"),
        ),
        function("permit", "permit() -> permit", "permit()", "permit().may_work == false", say("guide-permit")),
        function("phase", "phase() -> phase", "phase()", "phase() == \"tenang\"", say("guide-phase")),
        function(
            "phase_now",
            "phase_now() -> phase",
            "phase_now()",
            "phase_now() != \"selesai\"",
            say("guide-phase-now"),
        ),
        function(
            "days_to_voting",
            "days_to_voting() -> whole number",
            "days_to_voting()",
            "days_to_voting() <= 14",
            say("guide-days-to-voting"),
        ),
        function(
            "is_voting_day",
            "is_voting_day() -> true or false",
            "is_voting_day()",
            "is_voting_day()",
            say("guide-is-voting-day"),
        ),
        function(
            "stage",
            "stage(id).starts, stage(id).ends -> time",
            "stage(\"${1}\").${2:ends}",
            "record.occurred_at <= stage(\"kampanye\").ends",
            say("guide-stage"),
        ),
        function(
            "threshold",
            "threshold(name) -> number",
            "threshold(\"${1}\")",
            "count(\"lodging.check_in\") >= threshold(\"klaster_minimal\")",
            say("guide-threshold"),
        ),
        function(
            "listed",
            "listed(list, key) -> true or false",
            "listed(\"${1}\", ${2:record.permit.index})",
            "listed(\"visa_index\", record.permit.index)",
            say("guide-listed"),
        ),
        function(
            "days",
            "days(n) -> span of time",
            "days(${1:7})",
            "record.permit.valid_until < record.occurred_at + days(7)",
            say("guide-days"),
        ),
        function(
            "hours",
            "hours(n) -> span of time",
            "hours(${1:24})",
            "seen(\"lodging.check_in\", hours(24))",
            say("guide-hours"),
        ),
        function(
            "minutes",
            "minutes(n) -> span of time",
            "minutes(${1:30})",
            "seen(\"crossing.entry\", minutes(30))",
            say("guide-minutes"),
        ),
        function(
            "working_days",
            "working_days(n), to be added to a time",
            "working_days(${1:2})",
            "record.permit.valid_until < record.occurred_at + working_days(2)",
            say("guide-working-days"),
        ),
        function(
            "time",
            "time(text) -> time",
            "time(\"${1:2024-11-24T00:00:00+07:00}\")",
            "record.occurred_at >= time(\"2024-11-24T00:00:00+07:00\")",
            say("guide-time"),
        ),
        function("min", "min(a, b, ...)", "min(${1:a}, ${2:b})", "min(days_to_voting(), 14) < 14", say("guide-min")),
        function("max", "max(a, b, ...)", "max(${1:a}, ${2:b})", "max(days_to_voting(), 0) == 0", say("guide-max")),
        function(
            "has",
            "has(field) -> true or false",
            "has(${1:record.})",
            "has(record.lodging.check_out)",
            say("guide-has"),
        ),
        function(
            "starts_with",
            "text.starts_with(other) -> true or false",
            "starts_with(${1:text}, \"${2}\")",
            "record.permit.index.starts_with(\"C\")",
            say("guide-starts-with"),
        ),
        function(
            "ends_with",
            "text.ends_with(other) -> true or false",
            "ends_with(${1:text}, \"${2}\")",
            "record.permit.index.ends_with(\"A\")",
            say("guide-ends-with"),
        ),
        function(
            "contains",
            "text.contains(other) -> true or false",
            "contains(${1:text}, \"${2}\")",
            "record.work.position.contains(\"teknisi\")",
            say("guide-contains"),
        ),
        function(
            "in",
            "value in [a, b] -> true or false",
            "in [${1}]",
            "record.permit.kind in [\"voa\", \"visit\"]",
            say("guide-in"),
        ),
        function(
            "guard",
            "guard(condition), around a whole conjunct of `when` or all of `unless`",
            "guard(${1})",
            "guard(has(record.lodging.check_out))",
            say("guide-guard"),
        ),
    ]
});

/// All keys of a rule, in the order in which rules state them.
pub static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let key = |name, snippet, text: Text| Key { name, snippet, text };
    vec![
        key("title", "\"${1}\"", say("guide-key-title")),
        key("flags", "\"${1}\"", say("guide-key-flags")),
        key("why", "\"${1}\"", say("guide-key-why")),
        key("action", "\"${1}\"", say("guide-key-action")),
        key("false_positives", "\"${1}\"", say("guide-key-false-positives")),
        key("severity", "\"${1:siaga-3}\"", say("guide-key-severity")),
        key("notify", "[\"${1}\"]", say("guide-key-notify")),
        key("basis", "[\"${1}\"]", say("guide-key-basis")),
        key("per", "\"${1:person}\"", say("guide-key-per")),
        key("on", "[\"${1:lodging.check_in}\"]", say("guide-key-on")),
        key("phases", "[\"${1}\"]", say("guide-key-phases")),
        key("values", "#{ ${1:name}: ${2} }", say("guide-key-values")),
        key("when", "${1}", say("guide-key-when")),
        key("deadline", "record.occurred_at + ${1:days(1)}", say("guide-key-deadline")),
        key("unless", "seen(\"${1:lodging.check_in}\")", say("guide-key-unless")),
        key("each", "\"record\"", say("guide-key-each")),
        key("steps", "[#{ after: ${1:days(60)}, severity: \"${2:siaga-1}\" }]", say("guide-key-steps")),
        key("once_per", "\"${1:case}\"", say("guide-key-once-per")),
        key("area", "${1:record.place.kabupaten}", say("guide-key-area")),
        key("message", "`${1}`", say("guide-key-message")),
        key("status", "\"${1:draft}\"", say("guide-key-status")),
        key("suppresses", "[\"${1}\"]", say("guide-key-suppresses")),
        key(
            "tests",
            "[\n  #{ name: \"${1}\", fires: [${2}],\n     records: [\n       #{ ${3} },\n     ] },\n]",
            say("guide-key-tests"),
        ),
    ]
});

/// All keys of a rule's test, in the order in which tests state them.
pub static TEST_KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let key = |name, snippet, text: Text| Key { name, snippet, text };
    vec![
        key("name", "\"${1}\"", say("editor-test-name")),
        key("records", "[\n  #{ ${1} },\n]", say("editor-test-records")),
        key("advance_to", "\"${1:2024-11-24T00:00:00+07:00}\"", say("editor-test-advance-to")),
        key("thresholds", "#{ ${1} }", say("editor-test-thresholds")),
        key("fires", "[\"${1}\"]", say("editor-test-fires")),
        key("severity", "\"${1:siaga-3}\"", say("editor-test-severity")),
        key("told", "[\"${1}\"]", say("editor-test-told")),
        key("resolved", "${1:1}", say("editor-test-resolved")),
    ]
});

/// All keys of a later step of a deadline.
pub static STEP_KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let key = |name, snippet, text: Text| Key { name, snippet, text };
    vec![
        key("after", "days(${1:60})", say("editor-step-after")),
        key("severity", "\"${1:siaga-1}\"", say("editor-step-severity")),
        key("basis", "[\"${1}\"]", say("editor-step-basis")),
    ]
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pack;
    use crate::pack::files::Files;
    use crate::pack::{assemble, calls, testing};

    #[test]
    fn the_guide_has_exactly_the_functions_that_rules_may_call() {
        let told: BTreeSet<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
        let known: BTreeSet<&str> = calls::FUNCTIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(told, known);
        assert_eq!(told.len(), FUNCTIONS.len(), "one stands twice");
        // the arms of the match that lowers calls: `("name", [...`
        let arms =
            include_str!("calls.rs").split("match (name, args)").nth(1).and_then(|rest| rest.split("_ =>").next());
        let names = arms.into_iter().flat_map(|arms| arms.split("(\"").skip(1)).filter_map(|arm| {
            let (names, rest) = arm.split_once(',')?;
            rest.trim_start().starts_with('[').then_some(names)
        });
        let mut lowered: BTreeSet<&str> =
            names.flat_map(|names| names.split('|')).map(|name| name.trim_matches([' ', '"'])).collect();
        // an operator, which rhai writes as a call of `contains`
        lowered.insert("in");
        assert_eq!(told, lowered);
    }

    #[test]
    fn the_guide_has_exactly_the_keys_that_rules_may_state() {
        let told: BTreeSet<&str> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(told, BTreeSet::from(assemble::KEYS));
        assert_eq!(told.len(), KEYS.len(), "one stands twice");
    }

    #[test]
    fn the_guide_has_exactly_the_keys_that_tests_may_state() {
        let told: Vec<&str> = TEST_KEYS.iter().map(|key| key.name).collect();
        assert_eq!(told, testing::KEYS);
    }

    #[test]
    fn every_example_is_a_condition_that_the_shipped_pack_takes() {
        for function in FUNCTIONS.iter() {
            let mut files = Files::built_in();
            assert!(function.example.contains(function.name), "{}", function.name);
            let rule = format!(
                "rule(\"contoh\", #{{ status: \"draft\", severity: \"siaga-3\", notify: [\"kanim\"], basis: [\"uu-6-2011-69\"], \
                 per: \"person\", on: [\"lodging.check_in\"], when: {}, message: `cek` }});",
                function.example
            );
            files.texts.insert("contoh.rhai".to_owned(), rule);
            let loaded = pack::build(files);
            let own: Vec<_> = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.file == "contoh.rhai").collect();
            assert!(loaded.pack.is_some(), "{}: {own:?}", function.name);
        }
    }
}
