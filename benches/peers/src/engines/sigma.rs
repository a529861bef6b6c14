//! rsigma-eval: Sigma rules over its own JSON event, and over an event whose fields are slots.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use peers::rule::{day_number, days};
use peers::slots::{Places, Slot, places, slots as slots_of};
use rsigma_eval::{EvaluationResult, Event, EventValue, JsonEvent};
use serde_json::Value as Json;

use super::{Engine, Matches};

struct OverJson {
    engine: rsigma_eval::Engine,
    days: Vec<String>,
}

struct OverSlots {
    engine: rsigma_eval::Engine,
    places: Places,
}

/// Over its JSON event.
pub fn json(file: &Path) -> Result<Box<dyn Engine>> {
    let days = days().map(|path| format!("/{}", path.replace('.', "/"))).collect();
    Ok(Box::new(OverJson { engine: engine(file)?, days }))
}

/// Over slots.
pub fn slots(file: &Path) -> Result<Box<dyn Engine>> {
    Ok(Box::new(OverSlots { engine: engine(file)?, places: places() }))
}

fn engine(file: &Path) -> Result<rsigma_eval::Engine> {
    let collection = rsigma_parser::parse_sigma_yaml(&fs::read_to_string(file)?).map_err(|error| anyhow!("{error}"))?;
    let mut engine = rsigma_eval::Engine::new();
    engine.add_collection(&collection).map_err(|error| anyhow!("{error}"))?;
    Ok(engine)
}

fn numbers(results: &[EvaluationResult]) -> Result<Vec<u32>> {
    results.iter().map(|result| Ok(result.header.rule_title.parse()?)).collect()
}

impl Engine for OverJson {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut matches = Matches::default();
        for line in lines {
            let mut json: Json = serde_json::from_str(line)?;
            // it orders numbers only
            for pointer in &self.days {
                if let Some(value) = json.pointer_mut(pointer)
                    && let Some(number) = value.as_str().and_then(day_number)
                {
                    *value = Json::from(number);
                }
            }
            matches.push(&mut numbers(&self.engine.evaluate(&JsonEvent::borrow(&json)))?);
        }
        Ok(matches)
    }
}

impl Engine for OverSlots {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut matches = Matches::default();
        for line in lines {
            let slots = slots_of(&serde_json::from_str(line)?);
            let event = Slots { slots: &slots, places: &self.places };
            matches.push(&mut numbers(&self.engine.evaluate(&event))?);
        }
        Ok(matches)
    }
}

struct Slots<'a> {
    slots: &'a [Slot<'a>],
    places: &'a Places,
}

impl Slots<'_> {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Text(text) => Some(*text),
            _ => None,
        })
    }
}

impl Event for Slots<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        match self.slots.get(*self.places.get(path)?)? {
            Slot::Missing => None,
            Slot::Text(text) => Some(EventValue::Str(Cow::Borrowed(text))),
            Slot::Int(number) => Some(EventValue::Int(*number)),
            Slot::Number(number) => Some(EventValue::Float(*number)),
            Slot::Flag(flag) => Some(EventValue::Bool(*flag)),
        }
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        self.texts().any(pred)
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.texts().map(Cow::Borrowed).collect()
    }

    /// Only asked for where a rule wants the event in its result; none does.
    fn to_json(&self) -> Json {
        Json::Null
    }
}
