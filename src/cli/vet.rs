//! `siaga vet`: how the daemon has a pack read in a process of its own. People use `siaga check`.

use std::io::Read as _;

use super::{Exit, Streams};
use crate::daemon::vet::{Report, read};

/// Reads a pack's files as JSON, path to text, from standard input.
pub fn run(streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let report = read(String::new(), serde_json::from_slice(&input)?).err();
    let clean = report.is_none();
    let report = report.unwrap_or(Report { errors: 0, first: None });
    writeln!(streams.out, "{}", serde_json::to_string(&report)?)?;
    Ok(if clean { Exit::Clean } else { Exit::Findings })
}
