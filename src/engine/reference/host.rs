//! The host functions that rhai calls, by name and number of arguments.

use chrono::{DateTime, TimeDelta, Utc};
use rhai::{Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use crate::record::Record;

use super::dossier::count;
use super::map::{SUBJECT, record_map};
use super::operators::{Missing, Span, Time, WorkingDays, held};
use super::{Outcome, Seat, Stage, place};

/// Adds the host functions.
pub fn register(engine: &mut Engine, stage: &Stage) {
    register_queries(engine, stage);
    register_keyed_queries(engine, stage);
    register_calendar(engine, stage);
    register_spans(engine);
    engine.register_fn("has", |value: Dynamic| match value.read_lock::<Map>() {
        Some(section) => section.get(SUBJECT).is_some_and(|key| !key.is::<Missing>()),
        None => !value.is::<Missing>(),
    });
    let on = stage.clone();
    engine.register_fn("threshold", move |name: ImmutableString| with(&on, |seat| seat.threshold(&name)));
    let on = stage.clone();
    engine.register_fn("listed", move |name: ImmutableString, key: Dynamic| with(&on, |seat| seat.listed(&name, &key)));
    let on = stage.clone();
    engine.register_fn("permit", move || with(&on, |seat| Ok(seat.permit())));
    let on = stage.clone();
    engine.register_fn("usual_gap", move || with(&on, |seat| Ok(seat.usual_gap())));
    let on = stage.clone();
    engine.register_fn("median_count", move |kind: ImmutableString, window: Dynamic, over: Dynamic| {
        with(&on, |seat| seat.median_count(&kind, &window, &over))
    });
}

fn with<T>(stage: &Stage, ask: impl FnOnce(&Seat) -> Outcome<T>) -> Outcome<T> {
    match stage.read() {
        Ok(stage) => stage.as_ref().map_or_else(|| Err("nothing is being judged".into()), ask),
        Err(_) => Err("a host function panicked".into()),
    }
}

/// What a function makes of the records that match.
type Make = fn(&Seat, Vec<&Record>) -> Dynamic;

fn register_queries(engine: &mut Engine, stage: &Stage) {
    let makes: [(&str, Make); 5] = [
        ("seen", |_, records| (!records.is_empty()).into()),
        ("count", |_, records| count(records.len())),
        ("first", |seat, records| record_map(&seat.sight.pack.schema, records.first().copied()).into()),
        ("last", |seat, records| record_map(&seat.sight.pack.schema, records.last().copied()).into()),
        ("in_force", |seat, records| {
            records.iter().any(|record| seat.is_valid(record, seat.sight.trigger.occurred_at)).into()
        }),
    ];
    for (name, make) in makes {
        let on = stage.clone();
        engine.register_fn(name, move |context: NativeCallContext<'_>, kind: ImmutableString| {
            with(&on, |seat| Ok(make(seat, seat.matching(&context, &kind, &[])?)))
        });
        let on = stage.clone();
        engine.register_fn(name, move |context: NativeCallContext<'_>, kind: ImmutableString, a: Dynamic| {
            with(&on, |seat| Ok(make(seat, seat.matching(&context, &kind, &[a])?)))
        });
        let on = stage.clone();
        engine.register_fn(
            name,
            move |context: NativeCallContext<'_>, kind: ImmutableString, a: Dynamic, b: Dynamic| {
                with(&on, |seat| Ok(make(seat, seat.matching(&context, &kind, &[a, b])?)))
            },
        );
    }
}

fn register_keyed_queries(engine: &mut Engine, stage: &Stage) {
    type Text = ImmutableString;
    let on = stage.clone();
    engine.register_fn("distinct", move |context: NativeCallContext<'_>, key: Text, kind: Text| {
        with(&on, |seat| seat.distinct(&key, &seat.matching(&context, &kind, &[])?))
    });
    let on = stage.clone();
    engine.register_fn("distinct", move |context: NativeCallContext<'_>, key: Text, kind: Text, a: Dynamic| {
        with(&on, |seat| seat.distinct(&key, &seat.matching(&context, &kind, &[a])?))
    });
    let on = stage.clone();
    engine.register_fn(
        "distinct",
        move |context: NativeCallContext<'_>, key: Text, kind: Text, a: Dynamic, b: Dynamic| {
            with(&on, |seat| seat.distinct(&key, &seat.matching(&context, &kind, &[a, b])?))
        },
    );
    let on = stage.clone();
    engine.register_fn("overlaps", move |context: NativeCallContext<'_>, key: Text, kind: Text, least: Dynamic| {
        with(&on, |seat| seat.overlaps(&key, &seat.matching(&context, &kind, &[])?, &least))
    });
    let on = stage.clone();
    engine.register_fn(
        "overlaps",
        move |context: NativeCallContext<'_>, key: Text, kind: Text, least: Dynamic, window: Dynamic| {
            with(&on, |seat| seat.overlaps(&key, &seat.matching(&context, &kind, &[window])?, &least))
        },
    );
}

fn register_calendar(engine: &mut Engine, stage: &Stage) {
    let on = stage.clone();
    engine.register_fn("phase", move || with(&on, |seat| Ok(seat.phase_word())));
    let on = stage.clone();
    // a rule without a deadline is judged as of its trigger
    engine.register_fn("phase_now", move || with(&on, |seat| Ok(seat.phase_word())));
    let on = stage.clone();
    engine.register_fn("days_to_voting", move || {
        with(&on, |seat| {
            let trigger = &seat.sight.trigger;
            Ok(seat.sight.pack.timeline.days_to_voting(place(trigger, seat.kabupaten.as_deref()), trigger.occurred_at))
        })
    });
    let on = stage.clone();
    engine.register_fn("is_voting_day", move || {
        with(&on, |seat| {
            let trigger = &seat.sight.trigger;
            Ok(seat.sight.pack.timeline.is_voting_day(place(trigger, seat.kabupaten.as_deref()), trigger.occurred_at))
        })
    });
    let on = stage.clone();
    engine.register_fn("stage", move |id: ImmutableString| {
        with(&on, |seat| {
            let stage = seat.sight.pack.timeline.stages.iter().find(|stage| stage.id == id.as_str());
            let time = |time: Option<DateTime<Utc>>| time.map_or(Dynamic::from(Missing), |t| Dynamic::from(Time(t)));
            Ok(Map::from([
                ("starts".into(), time(stage.and_then(|stage| stage.starts))),
                ("ends".into(), time(stage.and_then(|stage| stage.ends))),
            ]))
        })
    });
    let on = stage.clone();
    engine.register_fn("+", move |time: Time, days: WorkingDays| with(&on, |seat| seat.move_days(time, Some(days.0))));
    let on = stage.clone();
    engine.register_fn("-", move |time: Time, days: WorkingDays| {
        with(&on, |seat| seat.move_days(time, days.0.checked_neg()))
    });
}

fn register_spans(engine: &mut Engine) {
    engine.register_fn("guard", |condition: Dynamic| condition);
    engine.register_fn("days", |n: i64| held(TimeDelta::try_days(n).map(Span)));
    engine.register_fn("hours", |n: i64| held(TimeDelta::try_hours(n).map(Span)));
    engine.register_fn("minutes", |n: i64| held(TimeDelta::try_minutes(n).map(Span)));
    engine.register_fn("working_days", WorkingDays);
    for unit in ["days", "hours", "minutes", "working_days"] {
        engine.register_fn(unit, |_: Missing| Missing);
    }
    engine.register_fn("time", |text: ImmutableString| -> Outcome<Time> {
        DateTime::parse_from_rfc3339(&text).map(|time| Time(time.to_utc())).map_err(|error| error.to_string().into())
    });
}
