//! Rules as CEL: rhai's text, but that a prefix is asked for with `startsWith`.

use crate::rule::Rule;

/// The expression of a rule.
pub fn expression(rule: &Rule) -> String {
    super::rhai::expression(rule).replace(".starts_with(", ".startsWith(")
}
