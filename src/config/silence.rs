//! Who is told nothing: agencies that the rules ask, and the coordinator, without an address.

use std::collections::BTreeMap;

use super::Config;
use crate::pack::Pack;
use crate::pack::diagnostic::{Code, Diagnostic};
use crate::words::{Text, say};

/// What a deployment should know about whom it does not reach; it runs all the same.
pub fn warnings(file: &str, config: &Config, pack: &Pack) -> Vec<Diagnostic> {
    let warning = |message: Text| Diagnostic::file(Code::Lint, file, message).warning();
    let silent = config.without_address(pack);
    let mut by_role: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for agency in &silent {
        let role = agency.roles.first().map_or("", |role| role.as_ref());
        by_role.entry(role).or_default().push(&agency.id);
    }
    let groups: Vec<String> =
        by_role.into_iter().map(|(role, ids)| format!("{role} (`{}`)", ids.join("`, `"))).collect();
    let mut warnings = Vec::new();
    if !groups.is_empty() {
        let message = say("config-asked").with("count", silent.len()).with("agencies", groups.join(", "));
        warnings.push(warning(message).help(say("config-asked-help")));
    }
    if let Some(coordinator) = config.coordinator.as_deref().filter(|id| !config.is_reached(id)) {
        let message = say("config-coordinator").with("coordinator", coordinator);
        let help = say("config-coordinator-help").with("coordinator", coordinator);
        warnings.push(warning(message).help(help));
    }
    warnings
}
