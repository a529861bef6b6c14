//! CEL: every rule compiled once, all of them executed over a map of the record.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use cel::{Context, Program, Value};
use serde_json::Value as Json;

use super::{Engine, Matches};

struct Cel {
    rules: Vec<Program>,
}

/// Compiles a list of expressions.
pub fn load(file: &Path) -> Result<Box<dyn Engine>> {
    let expressions: Vec<String> = serde_json::from_slice(&fs::read(file)?)?;
    let compile = |text: &String| Program::compile(text).map_err(|error| anyhow!("{text}: {error}"));
    Ok(Box::new(Cel { rules: expressions.iter().map(compile).collect::<Result<_>>()? }))
}

impl Engine for Cel {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut matches = Matches::default();
        for line in lines {
            let mut context = Context::default();
            let record: Json = serde_json::from_str(line)?;
            context.add_variable("record", record).map_err(|error| anyhow!("{error}"))?;
            let mut matched = Vec::new();
            for (number, rule) in self.rules.iter().enumerate() {
                // a field that is not stated is an error: the rule does not hold
                if matches!(rule.execute(&context), Ok(Value::Bool(true))) {
                    matched.push(u32::try_from(number)?);
                }
            }
            matches.push(&mut matched);
        }
        Ok(matches)
    }
}
