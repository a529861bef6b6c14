//! A trace in a sentence: why a rule found something at a record, or which condition stopped it and what that saw.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Asked, Clause, Outcome, Trace, WaitState};
use crate::record::shown::Shown;
use crate::words::{Text, say};

impl Trace {
    /// How it came out, and why.
    pub fn said(&self, zone: Tz) -> Text {
        self.waiting(zone).unwrap_or_else(|| match &self.asked {
            Asked::OtherKind => say("trace-other-kind"),
            Asked::Draft => say("trace-draft"),
            Asked::NoSubject => say("trace-no-subject"),
            Asked::OutsideArea { kabupaten } => say("trace-outside-area").with("kabupaten", kabupaten.as_ref()),
            Asked::NotInPhase { phase } => say("trace-not-in-phase").with("phase", phase.as_ref()),
            Asked::Failed(fault) => say("trace-failed").with("fault", fault.to_string()),
            Asked::All { .. } => self.stopped_by().map_or_else(|| say("trace-held"), Clause::said),
        })
    }

    /// What a deadline waits for, or that nothing was left to wait for.
    fn waiting(&self, zone: Tz) -> Option<Text> {
        let wait = self.wait.as_ref()?;
        let time = |at: &DateTime<Utc>| Shown::Time(*at, zone).to_string();
        Some(match (&wait.due, wait.state, wait.unless.as_ref().map(|unless| &unless.outcome)) {
            (Err(fault), ..) => say("trace-failed").with("fault", fault.to_string()),
            (Ok(None), ..) => say("trace-never-due"),
            (Ok(Some(due)), WaitState::Waits, _) => say("trace-waits").with("until", time(due)),
            (Ok(Some(_)), WaitState::TakenOver, _) => say("trace-taken-over"),
            (Ok(Some(due)), WaitState::Judged, Some(Outcome::Holds)) => say("trace-answered").with("due", time(due)),
            (Ok(Some(_)), WaitState::Judged, _) => return None,
        })
    }
}

impl Clause {
    /// The condition, how it came out and what it saw.
    pub fn said(&self) -> Text {
        let said = match (&self.outcome, &self.value, &self.bound) {
            (Outcome::Failed(fault), ..) => say("clause-failed").with("fault", fault.to_string()),
            (Outcome::Missing, ..) => say("clause-missing"),
            (Outcome::Holds, Some(value), Some(bound)) => {
                say("clause-holds-bound").with("value", value.to_string()).with("bound", bound.to_string())
            }
            (Outcome::Holds, ..) => say("clause-holds"),
            (Outcome::NotHeld, Some(value), Some(bound)) => {
                say("clause-not-held-bound").with("value", value.to_string()).with("bound", bound.to_string())
            }
            (Outcome::NotHeld, ..) => say("clause-not-held"),
        };
        said.with("condition", self.text.as_ref())
    }
}
