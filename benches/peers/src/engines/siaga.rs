//! siaga: the pack from its folder, then the same reading, matching and steps as `siaga replay`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use peers::translate::pack::number;
use siaga::alert::FindingChange;
use siaga::engine::World;
use siaga::engine::index::Lookup;
use siaga::intake::row::Row;
use siaga::intake::{Submitter, sort};
use siaga::pack::Pack;
use siaga::record::parse::{Reader, Received};
use siaga::record::slot::Fields;
use siaga::replay::Replay;

use super::{Engine, Matches};

/// Rows that are taken in at a time, as `siaga replay` does.
const BATCH: usize = 4_096;

struct Whole {
    pack: Arc<Pack>,
}

struct Matched {
    world: World,
    /// Numbers of the rules by their places.
    numbers: Vec<u32>,
}

/// The whole replay.
pub fn whole(folder: &Path) -> Result<Box<dyn Engine>> {
    let engine = Whole { pack: pack(folder)? };
    // what a replay builds before its first record belongs to loading
    drop(Replay::new(engine.pack.clone()));
    Ok(Box::new(engine))
}

/// What a replay does to see which rules a record concerns: it is read and the index is asked.
pub fn matched(folder: &Path) -> Result<Box<dyn Engine>> {
    let pack = pack(folder)?;
    let numbers = pack.rules.iter().map(|rule| number(&rule.id)).collect::<Option<_>>().context("an unknown rule")?;
    Ok(Box::new(Matched { world: World::new(pack), numbers }))
}

fn pack(folder: &Path) -> Result<Arc<Pack>> {
    let loaded = siaga::pack::load(folder);
    let told = if loaded.pack.is_none() { loaded.render(false) } else { String::new() };
    loaded.pack.map(Arc::new).ok_or_else(|| anyhow!("{told}"))
}

impl Engine for Matched {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut reader = Reader::new(&self.world.pack.schema, self.world.pack.timeline.zone);
        let mut lookup = Lookup::default();
        let mut matched = Vec::new();
        let mut matches = Matches::default();
        for line in lines {
            match reader.read(line.as_bytes(), Received::Stated) {
                Some(reading) => self.list(&reading, &mut lookup, &mut matched)?,
                None => self.slowly(line, &mut lookup, &mut matched)?,
            }
            matches.push(&mut matched);
        }
        Ok(matches)
    }
}

impl Matched {
    fn list<F: Fields>(&self, record: &F, lookup: &mut Lookup, matched: &mut Vec<u32>) -> Result<()> {
        self.world.matching(record, lookup);
        matched.clear();
        for found in &lookup.found {
            ensure!(found.holds, "a rule of which the index does not know all");
            matched.push(self.numbers[found.rule as usize]);
        }
        Ok(())
    }

    /// For what the fast reader leaves to the other.
    fn slowly(&self, line: &str, lookup: &mut Lookup, matched: &mut Vec<u32>) -> Result<()> {
        let (schema, zone) = (&self.world.pack.schema, self.world.pack.timeline.zone);
        let rows = [Row::read(0, line.as_bytes())];
        let intake = sort(schema, rows, Received::Stated, zone, &Submitter::LOCAL);
        let Some(parsed) = intake.accepted.first() else { bail!("siaga refused a record: {:?}", intake.quarantined) };
        self.list(&parsed.record, lookup, matched)
    }
}

impl Engine for Whole {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut replay = Replay::new(self.pack.clone());
        let mut matched: Vec<Vec<u32>> = vec![Vec::new(); lines.len()];
        for (batch, rows) in lines.chunks(BATCH).enumerate() {
            let first = batch * BATCH;
            let rows = rows.iter().enumerate().map(|(row, line)| Row::read(first + row, line.as_bytes()));
            let rows: Vec<Row> = rows.collect();
            for change in replay.feed(&rows).into_iter().flat_map(|step| step.effects.findings) {
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
