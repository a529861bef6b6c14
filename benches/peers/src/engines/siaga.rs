//! siaga: the pack from its folder, then the same reading, matching and steps as `siaga replay`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};
use peers::translate::pack::number;
use siaga::alert::FindingChange;
use siaga::intake::row::Row;
use siaga::pack::Pack;
use siaga::replay::Replay;

use super::{Engine, Matches};

/// Lines that are fed at once.
const BATCH: usize = 1_000;

struct Whole {
    pack: Arc<Pack>,
}

/// The whole replay.
pub fn whole(folder: &Path) -> Result<Box<dyn Engine>> {
    let engine = Whole { pack: pack(folder)? };
    // what a replay builds before its first record belongs to loading
    drop(Replay::new(engine.pack.clone()));
    Ok(Box::new(engine))
}

/// The list of matched rules alone.
pub fn matched(_: &Path) -> Result<Box<dyn Engine>> {
    Err(anyhow!(super::NOT_YET))
}

fn pack(folder: &Path) -> Result<Arc<Pack>> {
    let loaded = siaga::pack::load(folder);
    let told = if loaded.pack.is_none() { loaded.render(false) } else { String::new() };
    loaded.pack.map(Arc::new).ok_or_else(|| anyhow!("{told}"))
}

impl Engine for Whole {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut replay = Replay::new(self.pack.clone());
        let mut matched: Vec<Vec<u32>> = vec![Vec::new(); lines.len()];
        for (batch, rows) in lines.chunks(BATCH).enumerate() {
            let first = batch * BATCH;
            let rows = rows.iter().enumerate().map(|(row, line)| Row::read(first + row, line.as_bytes())).collect();
            for change in replay.feed(rows).into_iter().flat_map(|step| step.effects.findings) {
                if let FindingChange::Added(finding) = change {
                    let key = &finding.key;
                    // a record's id ends in its place
                    let place: Option<usize> = key.trigger.id.rsplit('-').next().and_then(|digits| digits.parse().ok());
                    let found = place.and_then(|place| matched.get_mut(place)).zip(number(&key.rule));
                    let (list, rule) = found.ok_or_else(|| anyhow!("an unknown finding"))?;
                    list.push(rule);
                }
            }
        }
        ensure!(
            replay.counts.accepted == lines.len(),
            "siaga took {} of {} records",
            replay.counts.accepted,
            lines.len()
        );
        ensure!(replay.counts.failures == 0, "{} judgements failed", replay.counts.failures);
        let mut matches = Matches::default();
        matched.iter_mut().for_each(|rules| matches.push(rules));
        Ok(matches)
    }
}
