//! What people read of each kind of value, and that it is all that counts.

use proptest::prelude::*;

use super::*;
use crate::record::schema::{Schema, Type};
use crate::record::value::Value;

const JAKARTA: Tz = chrono_tz::Asia::Jakarta;
const JAYAPURA: Tz = chrono_tz::Asia::Jayapura;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn named(naming: Naming, word: &str) -> Shown {
    Shown::Named(naming, Arc::from(word))
}

fn span(minutes: i64) -> Shown {
    Shown::Span(TimeDelta::minutes(minutes))
}

#[test]
fn each_kind_of_value_has_its_words() {
    let time = |text, zone| Shown::Time(at(text), zone);
    let all = || vec![Shown::Text(Arc::from("a")), Shown::Int(2), Shown::Missing].into();
    let cases = [
        (Shown::Missing, "(tidak tercatat)"),
        (Shown::Bool(true), "ya"),
        (Shown::Bool(false), "tidak"),
        (Shown::Int(-12), "-12"),
        (Shown::Number(0.5), "0,5"),
        (Shown::Number(-3.0), "-3"),
        (Shown::Text(Arc::from("Hotel Contoh")), "Hotel Contoh"),
        (Shown::Static("tidak ada"), "tidak ada"),
        (named(Naming::Kabupaten, "16.09"), "Kabupaten Ogan Komering Ulu Selatan"),
        (named(Naming::Kabupaten, "18.08"), "18.08"),
        (named(Naming::Kecamatan, "16.01.14"), "Baturaja Timur"),
        (named(Naming::Choice, "voa"), "visa saat kedatangan"),
        (named(Naming::Choice, "entah"), "entah"),
        (time("2024-11-23T17:00:00Z", JAKARTA), "24 November 2024"),
        (time("2024-11-23T17:00:00Z", JAYAPURA), "24 November 2024 02.00 WIT"),
        (time("2024-08-03T01:05:59Z", JAKARTA), "3 Agustus 2024 08.05 WIB"),
        (span(0), "0 detik"),
        (Shown::Span(TimeDelta::seconds(-59)), "59 detik"),
        (span(90), "1 jam 30 menit"),
        (span(3 * 24 * 60 + 5), "3 hari 5 menit"),
        (span(-24 * 60), "-1 hari"),
        (Shown::WorkingDays(3), "3 hari kerja"),
        (Shown::Joined(all()), "a2(tidak tercatat)"),
        (Shown::Listed(all()), "a, 2, (tidak tercatat)"),
        (Shown::Listed(Arc::from([])), ""),
    ];
    for (shown, words) in cases {
        assert_eq!(shown.to_string(), words, "{shown:?}");
        assert_eq!(shown.is_empty(), words.is_empty(), "{shown:?}");
    }
    let bound = |how, value| Bound { how, value };
    assert_eq!(bound("≥", Shown::Int(2)).to_string(), "≥ 2");
    assert_eq!(bound("salah satu dari", Shown::Listed(all())).to_string(), "salah satu dari a, 2, (tidak tercatat)");
    assert_eq!(Bound::from("< 3 hari").to_string(), "< 3 hari");
}

#[test]
fn a_value_is_shown_as_what_it_is() {
    let time = at("2024-11-24T00:00:00Z");
    let cases = [
        (Value::Missing, "(tidak tercatat)"),
        (Value::Bool(true), "ya"),
        (Value::Int(7), "7"),
        (Value::Number(1.25), "1,25"),
        (Value::text("x"), "x"),
        (Value::Time(time), "24 November 2024 07.00 WIB"),
        (Value::Span(TimeDelta::hours(26)), "1 hari 2 jam"),
        (Value::WorkingDays(1), "1 hari kerja"),
    ];
    for (value, words) in cases {
        assert_eq!(Shown::of(value.slot(), JAKARTA).to_string(), words);
    }
}

#[test]
fn every_word_of_the_schema_has_a_name() {
    for field in Schema::default().fields() {
        let Type::Choice(choices) = field.ty else { continue };
        for word in choices {
            assert!(words::choice_name(word).is_some(), "{}: {word}", field.path);
        }
    }
}

fn shown() -> impl Strategy<Value = Shown> {
    let word =
        prop_oneof!["[a-c\" ,0-9é\n]{0,4}".boxed(), Just("voa".to_owned()).boxed(), Just("16.01".to_owned()).boxed()];
    let naming = prop_oneof![Just(Naming::Kabupaten), Just(Naming::Kecamatan), Just(Naming::Choice)];
    let zone = prop_oneof![Just(JAKARTA), Just(JAYAPURA)];
    let number = prop_oneof![any::<f64>().boxed(), Just(0.0).boxed(), Just(-0.0).boxed(), Just(2.0).boxed()];
    let alone = prop_oneof![
        Just(Shown::Missing),
        any::<bool>().prop_map(Shown::Bool),
        (-3i64..12).prop_map(Shown::Int),
        number.prop_map(Shown::Number),
        word.clone().prop_map(|word| Shown::Text(word.into())),
        prop_oneof![Just("ya"), Just("ada"), Just("2"), Just("")].prop_map(Shown::Static),
        (naming, word).prop_map(|(naming, word)| Shown::Named(naming, word.into())),
        (0i64..200_000, zone)
            .prop_map(|(seconds, zone)| Shown::Time(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds), zone)),
        (-200_000i64..200_000).prop_map(|seconds| Shown::Span(TimeDelta::seconds(seconds))),
        (-3i64..12).prop_map(Shown::WorkingDays),
    ];
    alone.prop_recursive(2, 8, 3, |inner| {
        let several = proptest::collection::vec(inner, 0..3);
        prop_oneof![
            several.clone().prop_map(|all| Shown::Joined(all.into())),
            several.prop_map(|all| Shown::Listed(all.into())),
        ]
    })
}

proptest! {
    #[test]
    fn it_is_stored_as_its_words_and_comes_back_as_the_same(shown in shown(), how in prop_oneof![Just(""), Just("≤")]) {
        let json = serde_json::to_string(&shown).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&shown.to_string()).unwrap());
        let back: Shown = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&back, &shown);
        prop_assert_eq!(&shown, &back);
        let bound = Bound { how, value: shown };
        let json = serde_json::to_string(&bound).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&bound.to_string()).unwrap());
        let back: Bound = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back, bound);
    }

    #[test]
    fn two_are_equal_where_they_read_the_same(a in shown(), b in shown()) {
        prop_assert_eq!(a == b, a.to_string() == b.to_string());
        prop_assert_eq!(b == a, a == b);
        prop_assert!(a == a.clone());
        prop_assert_eq!(a.is_empty(), a.to_string().is_empty());
    }
}
