//! The ZEN engine: one decision table, compiled, over its own value of the record.

use std::fs;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anyhow::{Result, anyhow, bail};
use peers::rule::{day_number, days};
use zen_engine::model::GraphContent;
use zen_engine::{Decision, Variable};

use super::{Engine, Matches};

struct Zen {
    decision: Decision,
    days: Vec<&'static str>,
}

/// Reads and compiles a decision.
pub fn load(file: &Path) -> Result<Box<dyn Engine>> {
    let content: GraphContent = serde_json::from_slice(&fs::read(file)?)?;
    let mut decision = Decision::from(content);
    decision.compile();
    Ok(Box::new(Zen { decision, days: days().collect() }))
}

impl Engine for Zen {
    fn run(&mut self, lines: &[&str]) -> Result<Matches> {
        let mut matches = Matches::default();
        for line in lines {
            let record: Variable = serde_json::from_str(line)?;
            // numbers order faster than its dates
            for path in &self.days {
                if let Some(day) = record.dot(path).as_ref().and_then(Variable::as_str).and_then(day_number) {
                    record.dot_insert(path, Variable::from(serde_json::Value::from(day)));
                }
            }
            let answer = ready(self.decision.evaluate(record))?.map_err(|error| anyhow!("{error:?}"))?;
            matches.push(&mut numbers(&answer.result)?);
        }
        Ok(matches)
    }
}

fn numbers(result: &Variable) -> Result<Vec<u32>> {
    let rows = match result.as_array() {
        Some(rows) => rows,
        None if result.as_object().is_none() => return Ok(Vec::new()),
        None => bail!("an object where rows are collected"),
    };
    let number = |row: &Variable| {
        let number = row.dot("n").and_then(|n| n.as_number());
        Ok(number.ok_or_else(|| anyhow!("a row without a number"))?.try_into()?)
    };
    rows.borrow().iter().map(number).collect()
}

/// Nothing in a decision table waits.
fn ready<T>(future: impl Future<Output = T>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => bail!("the decision waits for something"),
    }
}
