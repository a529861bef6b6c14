//! `siaga vet`: how the daemon has a pack read in a process of its own. People use `siaga check`.

use std::io::Read as _;
use std::sync::Arc;

use super::{Exit, Streams};
use crate::daemon::vet::{Report, read};
use crate::engine::World;

/// Reads a pack's files as JSON, path to text, from standard input, and makes ready to judge by it.
pub fn run(streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let world = read(String::new(), serde_json::from_slice(&input)?).map(|pack| World::new(Arc::new(pack)));
    let (report, exit) = match world {
        Ok(_) => (Report { errors: 0, first: None }, Exit::Clean),
        Err(report) => (report, Exit::Findings),
    };
    writeln!(streams.out, "{}", serde_json::to_string(&report)?)?;
    Ok(exit)
}
