//! Records that are not there: kinds that no source sends, and windows longer than records are kept.

use rhai::Expr;

use crate::pack::cross::Across;
use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::rule::Rule;
use crate::pack::script::Script;
use crate::record::schema::{KindId, Schema};
use crate::words::say;

/// What a rule waits for in vain.
pub fn find(script: &Script<'_>, rule: &Rule, schema: &Schema, across: Across<'_>) -> Vec<Diagnostic> {
    let unsent = |at: &Expr, kind: KindId| {
        let message = say("lint-unsent").with("kind", schema.kind_name(kind));
        script.error(Code::Unsent, at, message).help(say("lint-unsent-help")).warning()
    };
    let mut found = Vec::new();
    if let Some(Expr::Array(kinds, _)) = script.key("on").map(|key| key.value.as_ref()) {
        let kinds = kinds.iter().zip(&rule.on).filter(|(_, kind)| !across.sent.contains(kind));
        found.extend(kinds.map(|(at, kind)| unsent(at, *kind)));
    }
    for (at, node) in super::parts(script, rule) {
        for query in node.queries() {
            if !across.sent.contains(&query.kind) {
                found.push(unsent(at, query.kind));
            }
            if let (Some(window), Some(kept)) = (query.constant_window(), across.retention)
                && window > kept
            {
                let message = say("lint-window").with("window", window.num_days()).with("retention", kept.num_days());
                found.push(script.error(Code::Window, at, message).help(say("lint-window-help")).warning());
            }
        }
    }
    found
}
