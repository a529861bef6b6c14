//! `siaga demo`: the daemon on built-in records, under a fast clock.

use std::path::PathBuf;

use anyhow::Context;

use crate::demo;

use super::{Exit, Streams};

/// How to show it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where store, mails and webhooks are left; made anew at each start
    #[arg(long, default_value = "demo")]
    folder: PathBuf,
    /// The rules, which can be edited while it runs; left out, the built-in pack
    #[arg(long)]
    rules: Option<PathBuf>,
    /// How many hours of the election pass in a second
    #[arg(long, default_value_t = 4.0, value_parser = positive)]
    hours_per_second: f64,
    /// End with the scenario instead of waiting for Ctrl-C
    #[arg(long)]
    ends: bool,
}

/// Runs the demo.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let options = demo::Options {
        folder: args.folder.clone(),
        rules: args.rules.clone(),
        hours_per_second: args.hours_per_second,
        ends: args.ends,
        color: streams.color,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime does not start")?;
    runtime.block_on(demo::run(&options, streams.out))?;
    Ok(Exit::Clean)
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(hours) if hours > 0.0 && hours.is_finite() => Ok(hours),
        _ => Err("a number above 0 is due".to_owned()),
    }
}
