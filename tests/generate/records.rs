//! Random records: most fields missing, numbers at their limits, times in several zones and as dates alone.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use siaga::record::parse::instant;
use siaga::record::schema::{FieldId, KindId, Schema, Type};
use siaga::record::value::Value;
use siaga::record::{Record, RecordKey};

use super::expressions::{KINDS, TEXTS, TIMES};

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Jakarta;

/// A few records, each with another id.
pub fn dossier() -> BoxedStrategy<Vec<Arc<Record>>> {
    let schema = Schema::default();
    vec(record(&schema), 1..8)
        .prop_map(|records| {
            let named = records.into_iter().enumerate().map(|(index, (kind, source, at, values))| {
                let key = RecordKey { source: Arc::from(source), id: Arc::from(TEXTS[index % TEXTS.len()]) };
                Arc::new(Record::new(key, kind, time(at), time(at), values))
            });
            named.collect()
        })
        .boxed()
}

type Draft = (KindId, &'static str, &'static str, Vec<(FieldId, Value)>);

fn record(schema: &Schema) -> BoxedStrategy<Draft> {
    let kinds: Vec<KindId> = KINDS.iter().map(|kind| schema.kind_id(kind).unwrap()).collect();
    let fields: Vec<BoxedStrategy<Option<(FieldId, Value)>>> = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let id = FieldId(u16::try_from(index).unwrap());
            proptest::option::weighted(0.4, value(&field.path, field.ty).prop_map(move |value| (id, value))).boxed()
        })
        .collect();
    let stated = fields.prop_map(|values| values.into_iter().flatten().collect::<Vec<_>>());
    (select(kinds), select(vec!["a", "ab"]), happened(), stated).boxed()
}

fn happened() -> BoxedStrategy<&'static str> {
    select(vec![
        "2024-10-01",
        "2024-11-20T21:15:00+07:00",
        "2024-11-20T21:15:00+07:00",
        "2024-11-21T14:15:00Z",
        "2024-11-23T23:59:59.999+07:00",
        "2024-11-24",
        "2024-11-26T12:00:00+09:00",
        "2024-11-27",
        "2024-11-30T10:00:00+07:00",
        "2024-12-20T00:00:00Z",
    ])
    .boxed()
}

fn value(path: &str, ty: Type) -> BoxedStrategy<Value> {
    match ty {
        _ if path == "place.kabupaten" => text(&["16.01", "16.08", "16.09", "16.01", "16.71"]),
        _ if path == "place.kecamatan" => text(&["16.01.14", "16.08.01"]),
        _ if path == "place.tps" => text(&["16.01.14/007", "a"]),
        _ if path.starts_with("person.passport") && ty == Type::Text => text(&["X1", "UTO"]),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Int => select(vec![0, 1, 2, -1, 9_007_199_254_740_993, i64::MAX, i64::MIN]).prop_map(Value::Int).boxed(),
        Type::Number => {
            select(vec![0.0, -0.0, 0.1, 0.3, 1.0, 2.0, -4.13, 5e-324, 1e300, -1e300, 9_007_199_254_740_993.0])
                .prop_map(Value::Number)
                .boxed()
        }
        Type::Text => text(&TEXTS),
        Type::Choice(words) => text(words),
        Type::Time => {
            let dates = ["2024-11-24", "2024-11-27", "1984-08-12", "2025-01-31"];
            select(TIMES.into_iter().chain(dates).collect::<Vec<_>>()).prop_map(|text| Value::Time(time(text))).boxed()
        }
    }
}

fn text(words: &[&'static str]) -> BoxedStrategy<Value> {
    select(words.to_vec()).prop_map(Value::text).boxed()
}

/// An instant as records write it.
pub fn time(text: &str) -> chrono::DateTime<chrono::Utc> {
    instant(text, ZONE).unwrap()
}
