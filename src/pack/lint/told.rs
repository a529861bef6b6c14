//! What people read of a rule that nobody has written yet.

use rhai::Expr;

use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::rule::{Rule, Status};
use crate::pack::scaffold::TO_WRITE;
use crate::pack::script::Script;
use crate::words::say;

/// Texts of a rule that tells people, as the scaffold left them.
pub fn find(script: &Script<'_>, rule: &Rule) -> Vec<Diagnostic> {
    if rule.status != Status::Stable {
        return Vec::new();
    }
    let left = script
        .keys
        .iter()
        .filter(|key| matches!(key.value.as_ref(), Expr::StringConstant(text, _) if text.starts_with(TO_WRITE)));
    left.map(|key| {
        let message = say("lint-to-write").with("key", &*key.name);
        script.error(Code::Lint, key.value.as_ref(), message).help(say("lint-to-write-help")).warning()
    })
    .collect()
}
