//! What rhai lacks: the missing value, instants and spans, with operators over them.

use chrono::{DateTime, TimeDelta, Utc};
use rhai::{Dynamic, Engine, NativeCallContext};

use super::Outcome;

/// A field that is not stated.
#[derive(Clone, Copy, Debug)]
pub struct Missing;

/// An instant.
#[derive(Clone, Copy, Debug)]
pub struct Time(pub DateTime<Utc>);

/// A span of time.
#[derive(Clone, Copy, Debug)]
pub struct Span(pub TimeDelta);

/// A number of working days.
#[derive(Clone, Copy, Debug)]
pub struct WorkingDays(pub i64);

/// Adds the types and their operators.
pub fn register(engine: &mut Engine) {
    register_missing(engine);
    register_order(engine);
    register_times(engine);
    register_extremes(engine);
}

fn register_missing(engine: &mut Engine) {
    engine.register_type_with_name::<Missing>("missing");
    for comparison in ["==", "!=", "<", "<=", ">", ">="] {
        engine.register_fn(comparison, |_: Missing, _: Dynamic| false);
        engine.register_fn(comparison, |_: Dynamic, _: Missing| false);
        engine.register_fn(comparison, |_: Missing, _: Missing| false);
    }
    for operator in ["+", "-", "*", "/", "%", "min", "max"] {
        engine.register_fn(operator, |_: Missing, _: Dynamic| Missing);
        engine.register_fn(operator, |_: Dynamic, _: Missing| Missing);
        engine.register_fn(operator, |_: Missing, _: Missing| Missing);
    }
    engine.register_fn("-", |_: Missing| Missing);
    engine.register_fn("!", |_: Missing| true);
    for test in ["starts_with", "ends_with", "contains"] {
        engine.register_fn(test, |_: Missing, _: Dynamic| false);
        engine.register_fn(test, |_: &str, _: Missing| false);
        engine.register_fn(test, |_: Missing, _: Missing| false);
    }
}

macro_rules! ordered {
    ($engine:expr, $ty:ty) => {
        $engine.register_fn("==", |a: $ty, b: $ty| a.0 == b.0);
        $engine.register_fn("!=", |a: $ty, b: $ty| a.0 != b.0);
        $engine.register_fn("<", |a: $ty, b: $ty| a.0 < b.0);
        $engine.register_fn("<=", |a: $ty, b: $ty| a.0 <= b.0);
        $engine.register_fn(">", |a: $ty, b: $ty| a.0 > b.0);
        $engine.register_fn(">=", |a: $ty, b: $ty| a.0 >= b.0);
        $engine.register_fn("min", |a: $ty, b: $ty| if a.0 <= b.0 { a } else { b });
        $engine.register_fn("max", |a: $ty, b: $ty| if a.0 >= b.0 { a } else { b });
    };
}

fn register_order(engine: &mut Engine) {
    engine.register_type_with_name::<Time>("time");
    engine.register_type_with_name::<Span>("span");
    engine.register_type_with_name::<WorkingDays>("working days");
    ordered!(engine, Time);
    ordered!(engine, Span);
    ordered!(engine, WorkingDays);
}

fn register_times(engine: &mut Engine) {
    engine.register_fn("-", |a: Time, b: Time| Span(a.0.signed_duration_since(b.0)));
    engine.register_fn("+", |a: Time, b: Span| held(a.0.checked_add_signed(b.0).map(Time)));
    engine.register_fn("+", |a: Span, b: Time| held(b.0.checked_add_signed(a.0).map(Time)));
    engine.register_fn("-", |a: Time, b: Span| held(a.0.checked_sub_signed(b.0).map(Time)));
    engine.register_fn("+", |a: Span, b: Span| held(a.0.checked_add(&b.0).map(Span)));
    engine.register_fn("-", |a: Span, b: Span| held(a.0.checked_sub(&b.0).map(Span)));
    engine.register_fn("*", times);
    engine.register_fn("*", |n: i64, a: Span| times(a, n));
    engine.register_fn("/", |a: Span, n: i64| match n {
        0 => Err("division by zero".into()),
        n => held(a.0.num_milliseconds().checked_div(n).and_then(TimeDelta::try_milliseconds).map(Span)),
    });
    engine.register_fn("-", |a: Span| Span(-a.0));
}

fn times(a: Span, n: i64) -> Outcome<Span> {
    held(a.0.num_milliseconds().checked_mul(n).and_then(TimeDelta::try_milliseconds).map(Span))
}

/// A result, or the failure that its type cannot hold it.
pub fn held<T>(result: Option<T>) -> Outcome<T> {
    result.ok_or_else(|| "overflow".into())
}

/// rhai's own `min` and `max` take two; more are taken in turn.
fn register_extremes(engine: &mut Engine) {
    for name in ["min", "max"] {
        let two = move |context: &NativeCallContext<'_>, a: Dynamic, b: Dynamic| -> Outcome<Dynamic> {
            context.call_native_fn(name, (a, b))
        };
        engine.register_fn(name, move |context: NativeCallContext<'_>, a: Dynamic, b: Dynamic, c: Dynamic| {
            let ab = two(&context, a, b)?;
            two(&context, ab, c)
        });
        engine.register_fn(
            name,
            move |context: NativeCallContext<'_>, a: Dynamic, b: Dynamic, c: Dynamic, d: Dynamic| -> Outcome<Dynamic> {
                let ab = two(&context, a, b)?;
                let abc = two(&context, ab, c)?;
                two(&context, abc, d)
            },
        );
    }
}
