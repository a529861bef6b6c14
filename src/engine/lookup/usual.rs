//! What is usual for a subject: its gaps between records, its counts in a window.

use chrono::TimeDelta;

use crate::engine::eval::{Fault, Scope};
use crate::pack::expr::{Node, Query};
use crate::record::schema::KindId;
use crate::record::value::{Value, nanoseconds};

use super::as_int;

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
        let windows = (over.num_milliseconds() / step).min(MAX_WINDOWS);
        let mut counts = self.counts_before(query.kind, step.saturating_mul(1_000_000), windows);
        counts.sort_unstable();
        // windows without records come first
        let empty = usize::try_from(windows - 1).unwrap_or(0).saturating_sub(counts.len());
        let nth = |place: usize| match place.checked_sub(empty) {
            Some(place) => counts.get(place).copied(),
            None => Some(0),
        };
        Ok(median(empty + counts.len(), nth).map_or(Value::Number(0.0), Value::Number))
    }

    /// How many records each window before the trigger's own has, of those that have any. `step` in nanoseconds.
    fn counts_before(&self, kind: KindId, step: i64, windows: i64) -> Vec<i64> {
        let trigger = nanoseconds(self.trigger.occurred_at);
        let ago = |windows: i64| trigger.saturating_sub(step.saturating_mul(windows));
        let all = self.dossier.of_kind(kind);
        let mut rest = all.slice(0, all.count_before_nanos(ago(1)));
        let mut counts = Vec::with_capacity(usize::try_from(windows).unwrap_or(0).min(rest.len()));
        while let Some(last) = rest.last() {
            // of the windows `[ago(back + 1), ago(back))` the one that has the last record
            let back = (trigger.saturating_sub(last.nanos()) - 1) / step;
            if back >= windows {
                break;
            }
            let earlier = rest.count_before_nanos(ago(back + 1));
            counts.push(as_int(rest.len() - earlier));
            rest = rest.slice(0, earlier);
        }
        counts
    }
}

/// The middle of `all` numbers, of which `nth` gives each in rising order.
fn median(all: usize, nth: impl Fn(usize) -> Option<i64>) -> Option<f64> {
    let upper = nth(all / 2)?;
    let lower = if all.is_multiple_of(2) { nth((all / 2).checked_sub(1)?)? } else { upper };
    #[expect(clippy::cast_precision_loss, reason = "counts and gaps are far below 2^52")]
    Some((lower as f64 + upper as f64) / 2.0)
}
