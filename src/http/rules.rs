//! `/v1/rules`: which rules are in force, how their judgements end, and what is not in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::App;
use super::health::OnDisk;
use super::problem::Problem;
use crate::pipeline::packs::Standing;

/// The pack and its rules.
#[derive(Debug, Serialize)]
pub struct Rules {
    pack: String,
    pack_hash: String,
    /// Where it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pack_on_disk: Option<OnDisk>,
    items: Vec<RuleView>,
}

#[derive(Debug, Serialize)]
struct RuleView {
    id: Arc<str>,
    title: String,
    /// `stable`, `shadow`, `draft`, or `stopped`: it failed again and again, and waits for another pack.
    status: &'static str,
    /// How its judgements ended since the start of the process.
    judgements: BTreeMap<&'static str, u64>,
    /// Alerts of which nobody was told; all, where the rule is a shadow.
    alerts_held: u64,
    /// Why it could not be judged the last time that it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
}

/// Shows all, by id.
pub async fn list(State(app): State<App>) -> Result<Json<Rules>, Problem> {
    let (held, failed) = app.read(|store| Ok((store.alerts_held()?, store.failed_rules()?))).await?;
    let held: BTreeMap<String, u64> = held.into_iter().collect();
    let mut failed: BTreeMap<String, String> = failed.into_iter().map(|rule| (rule.rule, rule.last_reason)).collect();
    let Standing { pack, refused, .. } = app.packs.standing();
    let status = app.pipeline.status();
    let mut endings: BTreeMap<Arc<str>, BTreeMap<&'static str, u64>> = BTreeMap::new();
    for ((rule, judged), count) in status.tally.endings(&status.judging) {
        endings.entry(rule).or_default().insert(judged.word(), count);
    }
    let items = status.judging.rules.iter().map(|rule| RuleView {
        id: rule.id.clone(),
        title: rule.title.clone(),
        status: rule.status.word(),
        judgements: endings.remove(&rule.id).unwrap_or_default(),
        alerts_held: held.get(rule.id.as_ref()).copied().unwrap_or_default(),
        last_failure: failed.remove(rule.id.as_ref()),
    });
    Ok(Json(Rules {
        items: items.collect(),
        pack: pack.name.clone(),
        pack_hash: pack.hash.clone(),
        pack_on_disk: refused.map(|refused| OnDisk::new(&refused, &pack)),
    }))
}
