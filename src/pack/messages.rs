//! Whom a rule tells what, and whether each of them may see it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rhai::{Expr, Position};

use crate::record::schema::Group;
use crate::words::say;

use super::assemble::Assembler;
use super::diagnostic::Code;
use super::lower::Purpose;
use super::rule::RoleMessage;
use super::typing::Ty;

impl Assembler<'_> {
    pub(super) fn notify(&mut self) -> Option<Vec<RoleMessage>> {
        let key = self.required("notify")?;
        if let Expr::Map(map, _) = key.value.as_ref() {
            let mut told = Vec::with_capacity(map.0.len());
            for (role, message) in &map.0 {
                let role = self.role(&role.name, role.pos)?;
                told.push(self.role_message(role, message)?);
            }
            return Some(told);
        }
        let roles = self.strings(key.value.as_ref(), "notify")?;
        let message = self.required("message")?;
        let mut told = Vec::with_capacity(roles.len());
        for (role, at) in roles {
            let role = self.role(role, at)?;
            told.push(self.role_message(role, message.value.as_ref())?);
        }
        if told.is_empty() {
            return self.wrong(Code::Key, key.at, say("key-notify-empty"), None);
        }
        Some(told)
    }

    fn role(&mut self, word: &str, at: Position) -> Option<Arc<str>> {
        self.known(word, at, self.names.roles, say("thing-role"), "agencies.toml")
    }

    fn role_message(&mut self, role: Arc<str>, message: &Expr) -> Option<RoleMessage> {
        if let Expr::StringConstant(text, at) = message
            && text.contains("${")
        {
            return self.wrong(Code::Key, *at, say("key-backticks"), say("key-backticks-help"));
        }
        self.lower.purpose = Purpose::Message;
        let typed = self.lower.of_type(message, &[Ty::Text], say("role-message"));
        self.lower.purpose = Purpose::Decision;
        let node = typed?.node;
        let groups = node.groups(self.names.words.schema, &self.value_groups());
        self.check_sight(&role, message, &groups);
        Some(RoleMessage { role, text: node, groups: groups.into_iter().collect(), repeats: false })
    }

    /// Notes each part of a message that shows an agency what it may not see.
    fn check_sight(&mut self, role: &str, message: &Expr, groups: &BTreeSet<Group>) {
        let agencies = self.names.agencies;
        let blind = |group: &Group| -> Vec<&str> {
            let told = agencies.iter().filter(|agency| agency.roles.iter().any(|own| own.as_ref() == role));
            told.filter(|agency| !agency.sees.contains(group)).map(|agency| agency.id.as_ref()).collect()
        };
        let parts = match message {
            Expr::InterpolatedString(parts, _) => parts.as_slice(),
            whole => std::slice::from_ref(whole),
        };
        for group in groups {
            let agencies = blind(group);
            if agencies.is_empty() {
                continue;
            }
            for part in parts {
                self.lower.purpose = Purpose::Message;
                let typed = self.lower.typed(part);
                self.lower.purpose = Purpose::Decision;
                let values = self.value_groups();
                let shown = typed.map(|typed| typed.node.groups(self.names.words.schema, &values));
                if shown.is_some_and(|shown| shown.contains(group)) {
                    let message = say("sight-shown")
                        .with("role", role)
                        .with("group", group.word())
                        .with("agencies", agencies.join(", "));
                    self.wrong::<()>(Code::Sight, part, message, say("sight-help"));
                }
            }
        }
    }
}
