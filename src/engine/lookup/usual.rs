//! What is usual for a subject: its gaps between records, its counts in a window.

use chrono::TimeDelta;

use crate::engine::eval::{Fault, Scope};
use crate::pack::expr::{Node, Query};
use crate::record::value::{Value, nanoseconds};

/// How many of the latest records the usual gap is taken over.
const USUAL_GAP_RECORDS: usize = 64;
/// With fewer records than this there is nothing usual.
const USUAL_GAP_LEAST: usize = 4;
/// The most windows that a median is taken over.
const MAX_WINDOWS: i64 = 1_000;

impl Scope<'_> {
    /// The subject's usual gap between the trigger's kinds.
    pub fn usual_gap(&self) -> Value {
        self.dossier.gaps_until(&self.rule.on, self.trigger, USUAL_GAP_RECORDS, |rising| {
            if rising.len() + 1 < USUAL_GAP_LEAST {
                return Value::Missing;
            }
            let usual = median(rising.len(), |place| rising.get(place).copied());
            usual.and_then(|ms| TimeDelta::try_milliseconds(ms as i64)).map_or(Value::Missing, Value::Span)
        })
    }

    /// The subject's usual count in a window, over a longer past; windows without records count as none.
    pub fn median_count(&self, window: &Node, query: &Query) -> Result<Value, Fault> {
        let over = query.window.as_deref().map_or(Ok(None), |over| self.span_of(over))?;
        let (Some(window), Some(over)) = (self.span_of(window)?, over) else { return Ok(Value::Missing) };
        let step = window.num_milliseconds();
        if step <= 0 {
            return Ok(Value::Missing);
        }
        let windows = usize::try_from((over.num_milliseconds() / step).min(MAX_WINDOWS)).unwrap_or(0);
        let (step, now) = (step.saturating_mul(1_000_000), nanoseconds(self.trigger.occurred_at));
        let mut counts = self.dossier.counts_before(query.kind, step, windows, now);
        counts.sort_unstable();
        // windows without records come first
        let empty = windows.saturating_sub(1 + counts.len());
        let nth = |place: usize| match place.checked_sub(empty) {
            Some(place) => counts.get(place).copied(),
            None => Some(0),
        };
        Ok(median(empty + counts.len(), nth).map_or(Value::Number(0.0), Value::Number))
    }
}

/// The middle of `all` numbers, of which `nth` gives each in rising order.
fn median(all: usize, nth: impl Fn(usize) -> Option<i64>) -> Option<f64> {
    let upper = nth(all / 2)?;
    let lower = if all.is_multiple_of(2) { nth((all / 2).checked_sub(1)?)? } else { upper };
    #[expect(clippy::cast_precision_loss, reason = "counts and gaps are far below 2^52")]
    Some((lower as f64 + upper as f64) / 2.0)
}
