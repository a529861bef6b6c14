//! The conjuncts of a rule's `when`, each with where it stands and what it joins.

use rhai::Expr;

use super::assemble::Assembler;
use super::lint;
use super::place::start_of;
use super::rule::{Branch, Conjunct};
use super::sight::Sight;

impl Assembler<'_> {
    pub(super) fn when(&mut self) -> Option<Vec<Conjunct>> {
        let Some(key) = self.script.key("when") else { return Some(Vec::new()) };
        let parts = parts(key.value.as_ref());
        let conjuncts: Vec<Option<Conjunct>> = parts.iter().map(|part| self.conjunct(part)).collect();
        let typed =
            parts.iter().copied().zip(&conjuncts).filter_map(|(part, found)| Some((part, &found.as_ref()?.node)));
        self.warnings.extend(lint::conjuncts(self.script, &typed.collect::<Vec<_>>()));
        conjuncts.into_iter().collect()
    }

    pub(super) fn conjunct(&mut self, part: &Expr) -> Option<Conjunct> {
        let (asked, is_guard) = guarded(part);
        let node = self.lower.condition(asked)?;
        let groups = node.groups(self.lower.words.schema, &self.value_groups()).into_iter().collect();
        let text = self.lower.texts.share(&self.script.conjunct_text(part));
        let branches = self.branches(asked);
        Some(Conjunct { node, text, at: start_of(part), is_guard, branches, groups, sight: Sight::Words("") })
    }

    fn branches(&mut self, expr: &Expr) -> Box<[Branch]> {
        let (Expr::Or(parts, _) | Expr::And(parts, _)) = expr else { return Box::default() };
        let branch = |part: &Expr| Branch {
            text: self.lower.texts.share(&one_line(self.script.written(part))),
            at: start_of(part),
            branches: self.branches(part),
        };
        parts.iter().map(branch).collect()
    }
}

/// The conjuncts of a condition.
pub fn parts(when: &Expr) -> Vec<&Expr> {
    match when {
        Expr::And(parts, _) => parts.iter().collect(),
        single => vec![single],
    }
}

/// What a conjunct asks, and whether it is declared a guard: `guard(...)` changes nothing of it.
pub fn guarded(part: &Expr) -> (&Expr, bool) {
    match part {
        Expr::FnCall(call, _) if call.name == "guard" => match call.args.as_slice() {
            [asked] => (asked, true),
            _ => (part, false),
        },
        _ => (part, false),
    }
}

fn one_line(written: &str) -> String {
    written.split_whitespace().collect::<Vec<_>>().join(" ")
}
