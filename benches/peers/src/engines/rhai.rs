//! rhai as it is first written: every rule compiled once, all of them evaluated over a map of the record.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use rhai::{AST, Dynamic, Map, Scope};
use serde_json::Value as Json;

use super::{Engine, Matches};

struct Rhai {
    engine: rhai::Engine,
    rules: Vec<AST>,
}

/// Compiles a list of expressions.
pub fn load(file: &Path) -> Result<Box<dyn Engine>> {
    let expressions: Vec<String> = serde_json::from_slice(&fs::read(file)?)?;
    let engine = rhai::Engine::new();
    let compile = |text: &String| engine.compile_expression(text).map_err(|error| anyhow!("{text}: {error}"));
    let rules = expressions.iter().map(compile).collect::<Result<_>>()?;
    Ok(Box::new(Rhai { engine, rules }))
}

impl Engine for Rhai {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut matches = Matches::default();
        for line in lines {
            let mut scope = Scope::new();
            scope.push_constant_dynamic("record", dynamic(serde_json::from_str(line)?));
            let mut matched = Vec::new();
            for (number, rule) in self.rules.iter().enumerate() {
                // a method of a field that is not stated is an error: the rule does not hold
                if self.engine.eval_ast_with_scope::<bool>(&mut scope, rule).unwrap_or(false) {
                    matched.push(u32::try_from(number)?);
                }
            }
            matches.push(&mut matched);
        }
        Ok(matches)
    }
}

fn dynamic(json: Json) -> Dynamic {
    match json {
        Json::Null => Dynamic::UNIT,
        Json::Bool(flag) => flag.into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => items.into_iter().map(dynamic).collect::<Vec<_>>().into(),
        Json::Object(members) => {
            members.into_iter().map(|(name, member)| (name.into(), dynamic(member))).collect::<Map>().into()
        }
    }
}
