//! Sources that have sent nothing for long, not even that there is nothing: known here before anybody takes it for calm.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;

use super::App;
use super::problem::Problem;
use crate::clock::Clock;

/// What was heard of one source, and what is expected of it.
#[derive(Clone, Debug, Serialize)]
pub struct Heard {
    /// The source.
    pub source: String,
    /// When its newest record happened.
    pub last: DateTime<FixedOffset>,
    /// How long ago that is, in hours.
    pub hours: i64,
    /// How long it usually is between its records, in hours.
    pub usual_gap_hours: f64,
    /// The agency to ask.
    pub ask: String,
    /// That this is far longer than usual.
    #[serde(skip)]
    pub is_silent: bool,
}

/// Every source of which something was ever heard. Where the records carry the time, nobody knows how late it is.
pub async fn heard(app: &App) -> Result<Vec<Heard>, Problem> {
    if matches!(app.clock, Clock::Records) {
        return Ok(Vec::new());
    }
    let (pack, now) = (app.pack(), app.clock.now());
    let read = {
        let pack = pack.clone();
        app.read(move |store| {
            let last = |source: &crate::pack::tables::Source| {
                let kinds = source.kinds.iter().map(|kind| pack.schema.kind_name(*kind));
                store.last_heard(&source.id, kinds)
            };
            pack.sources.iter().map(last).collect::<Result<Vec<Option<DateTime<Utc>>>, _>>()
        })
    };
    let last = read.await?;
    let heard = pack.sources.iter().zip(last).filter_map(|(source, last)| {
        let last = last?;
        Some(Heard {
            source: source.id.clone(),
            last: last.with_timezone(&pack.timeline.zone).fixed_offset(),
            hours: (now - last).num_hours(),
            usual_gap_hours: source.usual_gap_hours,
            ask: source.ask.clone(),
            is_silent: source.is_silent(last, now),
        })
    });
    Ok(heard.collect())
}
