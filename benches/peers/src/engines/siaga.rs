//! siaga: the pack from its folder, then the same reading, matching and steps as `siaga replay`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use peers::translate::pack::number;
use siaga::alert::FindingChange;
use siaga::engine::dossier::{Dossier, Logged};
use siaga::engine::index::{Lookup, Match};
use siaga::engine::judge::{Bench, Moment, Verdict};
use siaga::engine::{Case, Changes, Event, Instant, Judged, World, step};
use siaga::intake::row::Row;
use siaga::intake::{Submitter, sort};
use siaga::pack::Pack;
use siaga::record::Record;
use siaga::record::parse::{Interner, Reader, Received};
use siaga::record::schema::FieldId;
use siaga::record::slot::Fields;
use siaga::replay::Replay;
use siaga::subject::{Subject, SubjectKind, subject_of};

use super::{Engine, Matches};

/// Rows that are taken in at a time, as `siaga replay` does; after as many the step's cases rest.
const BATCH: usize = 4_096;

struct Replayed {
    world: Arc<World>,
}

struct Stepped {
    matched: Matched,
    /// The fields that rules read, as a replay keeps them.
    keep: Vec<FieldId>,
}

struct Matched {
    world: World,
    /// Numbers of the rules by their places.
    numbers: Vec<u32>,
}

/// The whole replay: its log, steps, triage and alerts.
pub fn replayed(folder: &Path) -> Result<Box<dyn Engine>> {
    Ok(Box::new(Replayed { world: Arc::new(World::new(pack(folder)?)) }))
}

/// What a replay does to see which rules a record concerns: it is read and the index is asked.
pub fn matched(folder: &Path) -> Result<Box<dyn Engine>> {
    Ok(Box::new(Matched::new(folder)?))
}

/// The same and the step of each record: its subjects' cases with findings and their evidence.
pub fn stepped(folder: &Path) -> Result<Box<dyn Engine>> {
    let matched = Matched::new(folder)?;
    let keep = matched.world.pack.fields_read().into_iter().collect();
    Ok(Box::new(Stepped { matched, keep }))
}

fn pack(folder: &Path) -> Result<Arc<Pack>> {
    let loaded = siaga::pack::load(folder);
    let told = if loaded.pack.is_none() { loaded.render(false) } else { String::new() };
    loaded.pack.map(Arc::new).ok_or_else(|| anyhow!("{told}"))
}

impl Engine for Matched {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut reader = Reader::new(&self.world.pack.schema, self.world.pack.timeline.zone);
        let mut interner = Interner::default();
        let mut lookup = Lookup::default();
        let mut matched = Vec::new();
        let mut matches = Matches::default();
        for line in lines {
            matched.clear();
            match reader.read(line.as_bytes(), Received::Stated) {
                Some(reading) => {
                    let record = || reading.to_record(&mut interner, None);
                    self.list(&reading, record, &mut lookup, &mut matched)?;
                }
                None => {
                    let record = self.slowly(line)?;
                    self.list(&record, || record.clone(), &mut lookup, &mut matched)?;
                }
            }
            matches.push(&mut matched);
        }
        Ok(matches)
    }
}

impl Engine for Stepped {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let world = &self.matched.world;
        let mut reader = Reader::new(&world.pack.schema, world.pack.timeline.zone);
        let mut interner = Interner::default();
        let mut lookup = Lookup::default();
        let mut cases: HashMap<Subject, Case> = HashMap::new();
        let mut changes = Changes::default();
        let mut matches = Matches::default();
        let mut matched = Vec::new();
        for (position, line) in (1..).zip(lines) {
            if position % BATCH as i64 == 0 {
                // as the daemon lets go of cases at rest
                cases.clear();
            }
            matched.clear();
            let record = match reader.read(line.as_bytes(), Received::Stated) {
                Some(reading) => {
                    world.matching(&reading, &mut lookup);
                    let is_concerned = world.concerned_by(reading.kind(), &lookup.found).next().is_some();
                    is_concerned.then(|| reading.to_record(&mut interner, Some(&self.keep)))
                }
                None => {
                    let record = self.matched.slowly(line)?;
                    world.matching(&record, &mut lookup);
                    Some(record)
                }
            };
            if let Some(record) = record {
                let new = Logged::new(Arc::new(record), position);
                self.step(&new, &lookup.found, &mut cases, &mut changes, &mut matched)?;
            }
            matches.push(&mut matched);
        }
        Ok(matches)
    }
}

impl Stepped {
    fn step(
        &self,
        new: &Logged,
        found: &[Match],
        cases: &mut HashMap<Subject, Case>,
        changes: &mut Changes,
        matched: &mut Vec<u32>,
    ) -> Result<()> {
        let world = &self.matched.world;
        let record = &new.record;
        for subject in world.concerned_by(record.kind, found).filter_map(|per| subject_of(record, per)) {
            let case = cases.entry(subject.clone()).or_insert_with(|| Case::new(subject));
            let now = Instant { at: record.occurred_at, position: new.position() };
            changes.clear();
            step(world, case, &Event::Arrival { new: new.clone(), found }, now, changes);
            ensure!(changes.failures.is_empty(), "{} judgements failed", changes.failures.len());
            let before = matched.len();
            let found = changes.judged.iter().filter(|(_, judged)| *judged == Judged::Found);
            matched.extend(found.map(|(place, _)| self.matched.numbers[*place as usize]));
            ensure!(matched.len() - before == changes.findings.len(), "a rule found that has no finding");
        }
        Ok(())
    }
}

impl Matched {
    fn new(folder: &Path) -> Result<Self> {
        let pack = pack(folder)?;
        let numbers =
            pack.rules.iter().map(|rule| number(&rule.id)).collect::<Option<_>>().context("an unknown rule")?;
        Ok(Matched { world: World::new(pack), numbers })
    }

    fn list<F: Fields>(
        &self,
        fields: &F,
        record: impl FnOnce() -> Record,
        lookup: &mut Lookup,
        matched: &mut Vec<u32>,
    ) -> Result<()> {
        self.world.matching(fields, lookup);
        let number = |found: &Match| self.numbers[found.rule as usize];
        matched.extend(lookup.found.iter().filter(|found| found.holds).map(number));
        if lookup.found.iter().all(|found| found.holds) {
            return Ok(());
        }
        // what the index leaves open is judged, as the step does
        let (record, dossier) = (Arc::new(record()), Dossier::default());
        let subject = subject_of(&record, SubjectKind::Record).context("a record without itself")?;
        for found in lookup.found.iter().filter(|found| !found.holds) {
            let rule = self.world.rule(found.rule).context("an unknown rule")?;
            let bench = Bench { world: &self.world, rule, subject: &subject, dossier: &dossier, trigger: &record };
            if let Verdict::Found(_) = bench.judge(Moment::Trigger(0)).map_err(|fault| anyhow!("{fault:?}"))? {
                matched.push(number(found));
            }
        }
        Ok(())
    }

    /// What the fast reader leaves to the other.
    fn slowly(&self, line: &str) -> Result<Record> {
        let (schema, zone) = (&self.world.pack.schema, self.world.pack.timeline.zone);
        let intake = sort(schema, [Row::read(0, line.as_bytes())], Received::Stated, zone, &Submitter::LOCAL);
        let accepted = intake.accepted.into_iter().next();
        Ok(accepted.with_context(|| format!("siaga refused a record: {:?}", intake.quarantined))?.record)
    }
}

impl Engine for Replayed {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut replay = Replay::over(&self.world, 1);
        let mut matched: Vec<Vec<u32>> = vec![Vec::new(); lines.len()];
        for (batch, rows) in lines.chunks(BATCH).enumerate() {
            let first = batch * BATCH;
            let rows = rows.iter().enumerate().map(|(row, line)| Row::read(first + row, line.as_bytes()));
            let rows: Vec<Row> = rows.collect();
            for change in replay.feed(&rows).into_iter().flat_map(|step| step.effects.findings) {
                if let FindingChange::Added(finding) = change {
                    let key = finding.key();
                    // a record's id ends in its place
                    let place: Option<usize> = key.trigger.id.rsplit('-').next().and_then(|digits| digits.parse().ok());
                    let found = place.and_then(|place| matched.get_mut(place)).zip(number(key.rule));
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
