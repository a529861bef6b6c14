//! How many attempts an endpoint gets at a time, and when it is left alone.

use chrono::{DateTime, TimeDelta, Utc};

use super::Outcome;

/// More at a time would only queue at the receiver.
pub const IN_FLIGHT_MOST: u32 = 4;

/// So many failures in a row are an endpoint that is down, not a delivery that is unlucky.
pub const FAILURES_TO_OPEN: u32 = 5;

/// The first pause; each further one is twice as long.
pub const CIRCUIT_PAUSE_FIRST: TimeDelta = TimeDelta::seconds(30);

/// The longest pause, and the only one where somebody must correct an account first.
pub const CIRCUIT_PAUSE_LONGEST: TimeDelta = TimeDelta::minutes(10);

/// The breaker of one endpoint: a webhook's receiver, or the mail relay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circuit {
    state: State,
    failures: u32,
    in_flight: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: DateTime<Utc>,
        pause: TimeDelta,
        reason: String,
    },
    HalfOpen {
        pause: TimeDelta,
    },
    Disabled {
        reason: String,
    },
}

/// Whether an attempt may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and it has to be settled afterwards.
    Go,
    /// As many as may run are running.
    Busy,
    /// The endpoint is left alone for a while.
    Open {
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// The endpoint is off until somebody enables it.
    Disabled {
        /// Why.
        reason: String,
    },
}

/// What an outcome did to the circuit; each is worth one message to the coordinator, not one per delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Unchanged,
    /// It opened, for the first time or again after a trial that failed.
    Opened {
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// A trial went well.
    Closed,
    /// The endpoint is off.
    Disabled {
        /// Why.
        reason: String,
    },
}

impl Circuit {
    /// The circuit of an endpoint that was disabled before the program started.
    pub fn disabled(reason: String) -> Self {
        Circuit { state: State::Disabled { reason }, ..Circuit::default() }
    }

    /// What [`Circuit::admit`] would say at `now`, without asking for an attempt.
    pub fn look(&self, now: DateTime<Utc>) -> Admission {
        let most = match &self.state {
            State::Closed => IN_FLIGHT_MOST,
            State::Open { until, reason, .. } if now < *until => {
                return Admission::Open { until: *until, reason: reason.clone() };
            }
            State::HalfOpen { .. } | State::Open { .. } => 1,
            State::Disabled { reason } => {
                return Admission::Disabled { reason: reason.clone() };
            }
        };
        if self.in_flight >= most { Admission::Busy } else { Admission::Go }
    }

    /// Whether the next attempts have to show first that the endpoint is back: one at a time.
    pub fn is_on_trial(&self) -> bool {
        matches!(self.state, State::HalfOpen { .. } | State::Open { .. })
    }

    /// How many attempts run.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Asks for one attempt at `now`; after `Go` the caller owes one [`Circuit::settle`].
    pub fn admit(&mut self, now: DateTime<Utc>) -> Admission {
        let admission = self.look(now);
        if admission != Admission::Go {
            return admission;
        }
        if let State::Open { pause, .. } = self.state {
            self.state = State::HalfOpen { pause };
        }
        self.in_flight += 1;
        Admission::Go
    }

    /// Takes the outcome of an admitted attempt.
    pub fn settle(&mut self, outcome: &Outcome, now: DateTime<Utc>) -> Change {
        self.in_flight = self.in_flight.saturating_sub(1);
        match outcome {
            // a recipient that is refused says that the relay works
            Outcome::Delivered | Outcome::Dead { .. } => self.succeed(),
            Outcome::Retry { reason, .. } | Outcome::Misconfigured { reason } => self.fail(reason, now),
            Outcome::Circuit { reason } => self.open(CIRCUIT_PAUSE_LONGEST, reason, now),
            Outcome::Gone { reason } => {
                let reason = reason.clone();
                self.state = State::Disabled { reason: reason.clone() };
                Change::Disabled { reason }
            }
        }
    }

    fn succeed(&mut self) -> Change {
        self.failures = 0;
        if let State::HalfOpen { .. } = self.state {
            self.state = State::Closed;
            return Change::Closed;
        }
        Change::Unchanged
    }

    fn fail(&mut self, reason: &str, now: DateTime<Utc>) -> Change {
        self.failures = self.failures.saturating_add(1);
        match self.state {
            State::HalfOpen { pause } => self.open((pause * 2).min(CIRCUIT_PAUSE_LONGEST), reason, now),
            State::Closed if self.failures >= FAILURES_TO_OPEN => self.open(CIRCUIT_PAUSE_FIRST, reason, now),
            _ => Change::Unchanged,
        }
    }

    fn open(&mut self, pause: TimeDelta, reason: &str, now: DateTime<Utc>) -> Change {
        if let State::Disabled { .. } = self.state {
            return Change::Unchanged;
        }
        let until = now + pause;
        let reason = reason.to_owned();
        self.state = State::Open { until, pause, reason: reason.clone() };
        Change::Opened { until, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_732_400_000 + second, 0).unwrap()
    }

    fn retry() -> Outcome {
        Outcome::Retry { reason: "busy".into(), wait: None }
    }

    fn opened(until_s: i64) -> Change {
        Change::Opened { until: at(until_s), reason: "busy".into() }
    }

    /// A circuit that five failures at second 0 opened.
    fn down() -> Circuit {
        let mut circuit = Circuit::default();
        for failure in 1..=FAILURES_TO_OPEN {
            assert_eq!(circuit.admit(at(0)), Admission::Go);
            let change = circuit.settle(&retry(), at(0));
            let expected = match failure {
                FAILURES_TO_OPEN => opened(30),
                _ => Change::Unchanged,
            };
            assert_eq!(change, expected, "failure {failure}");
        }
        circuit
    }

    #[test]
    fn four_attempts_run_at_a_time() {
        let mut circuit = Circuit::default();
        for _ in 0..IN_FLIGHT_MOST {
            assert_eq!(circuit.admit(at(0)), Admission::Go);
        }
        assert_eq!(circuit.admit(at(0)), Admission::Busy);
        circuit.settle(&Outcome::Delivered, at(1));
        assert_eq!(circuit.admit(at(1)), Admission::Go);
        assert_eq!(circuit.admit(at(1)), Admission::Busy);
    }

    #[test]
    fn a_success_between_failures_keeps_it_closed() {
        let mut circuit = Circuit::default();
        for _ in 0..20 {
            for outcome in [retry(), retry(), retry(), retry(), Outcome::Delivered] {
                assert_eq!(circuit.admit(at(0)), Admission::Go);
                assert_eq!(circuit.settle(&outcome, at(0)), Change::Unchanged);
            }
        }
    }

    #[test]
    fn five_failures_open_it_and_one_trial_at_a_time_closes_it() {
        let mut circuit = down();
        let open = Admission::Open { until: at(30), reason: "busy".into() };
        assert_eq!(circuit.admit(at(29)), open);
        assert_eq!(circuit.admit(at(30)), Admission::Go);
        assert_eq!(circuit.admit(at(30)), Admission::Busy);
        assert_eq!(circuit.settle(&Outcome::Delivered, at(31)), Change::Closed);
        assert_eq!(circuit.admit(at(31)), Admission::Go);
        assert_eq!(circuit.admit(at(31)), Admission::Go);
    }

    #[test]
    fn each_failed_trial_doubles_the_pause_up_to_the_longest() {
        let mut circuit = down();
        let mut now_s = 30;
        for pause_s in [60, 120, 240, 480, 600, 600] {
            assert_eq!(circuit.admit(at(now_s)), Admission::Go);
            let change = circuit.settle(&retry(), at(now_s));
            now_s += pause_s;
            assert_eq!(change, opened(now_s));
        }
    }

    #[test]
    fn a_refused_account_opens_it_at_once() {
        let mut circuit = Circuit::default();
        circuit.admit(at(0));
        let outcome = Outcome::Circuit { reason: "busy".into() };
        assert_eq!(circuit.settle(&outcome, at(0)), opened(600));
    }

    #[test]
    fn a_refused_recipient_is_not_the_relay_s_failure() {
        let mut circuit = Circuit::default();
        let dead = Outcome::Dead { reason: "recipient refused".into() };
        for _ in 0..10 {
            circuit.admit(at(0));
            assert_eq!(circuit.settle(&dead, at(0)), Change::Unchanged);
        }
        assert_eq!(circuit.admit(at(0)), Admission::Go);
    }

    #[test]
    fn an_endpoint_that_is_gone_stays_off() {
        let mut circuit = Circuit::default();
        circuit.admit(at(0));
        circuit.admit(at(0));
        let reason = || "gone".to_owned();
        let gone = Outcome::Gone { reason: reason() };
        let disabled = Change::Disabled { reason: reason() };
        assert_eq!(circuit.settle(&gone, at(0)), disabled);
        assert_eq!(circuit.settle(&Outcome::Delivered, at(0)), Change::Unchanged);
        let off = Admission::Disabled { reason: reason() };
        assert_eq!(circuit.admit(at(1_000_000)), off);
        assert_eq!(Circuit::disabled(reason()).admit(at(0)), off);
    }
}
