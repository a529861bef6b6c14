//! What may stand at a place of one of a pack's TOML files.

use super::sort::{Expected, Sort};
use super::table::Spot;

/// Tells what may stand at a spot of a file.
pub fn expected(path: &str, spot: &Spot) -> Expected {
    let mut expected = Expected { start: spot.start, is_text: spot.is_text, ..Expected::default() };
    if spot.is_other {
        return expected;
    }
    let sort = match &spot.key {
        Some(key) => value(path, &spot.header, key),
        None => key(path, &spot.header),
    };
    match spot.key {
        Some(_) => expected.quoted.extend(sort),
        None if !spot.is_text => expected.bare.extend(sort),
        None => expected.quoted.extend(sort),
    }
    expected
}

fn value(path: &str, header: &str, key: &str) -> Option<Sort> {
    Some(match (path, header, key) {
        ("timeline.toml", _, "phase") => Sort::Phase,
        ("timeline.toml", "voting_day", "kabupaten") | ("agencies.toml", "agency", "kabupaten") => Sort::Kabupaten,
        ("agencies.toml", "agency", "roles") => Sort::Role,
        ("agencies.toml", "agency.sees", "basis") => Sort::Citation,
        ("agencies.toml", "agency.sees", "group") | ("fields.toml", "field", "group") => Sort::Group,
        ("sources.toml", "source", "kinds") => Sort::Kind,
        ("sources.toml", "source", "ask") => Sort::Agency,
        _ => return None,
    })
}

fn key(path: &str, header: &str) -> Option<Sort> {
    let (_, by) = header.rsplit_once('.').filter(|_| path == "thresholds.toml")?;
    match by {
        "phase" => Some(Sort::Phase),
        "kabupaten" => Some(Sort::Kabupaten),
        _ => None,
    }
}
