//! One number for a record's content: equal content, equal number. It is compared within one run and never stored.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use serde_json::{Map, Value as Json};

const TEXT_SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const ROOT: u64 = 0x6a09_e667_f3bc_c909;
const ITEM: u64 = 0x510e_527f_ade6_82d1;
const SPREAD: u64 = 0x9fb2_1c65_1e98_df25;

/// What a leaf is, so that `5` and `"5"` differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u64)]
pub enum Leaf {
    /// Text.
    #[default]
    Text = 0,
    /// A number in its RFC 8785 form.
    Number = 0xbb67_ae85_84ca_a73b,
    /// `true`, `false`, `null`, `{}` or `[]`.
    Word = 0x3c6e_f372_fe94_f82b,
}

/// The hash of a text: what tables may use that are asked for texts of records.
#[inline]
pub fn text_hash(text: &str) -> u64 {
    let mut hasher = FixedState::with_seed(TEXT_SEED).build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The place of the members of the record itself.
pub const fn root() -> u64 {
    ROOT
}

/// The place of a member within the object at `parent`.
pub fn member(parent: u64, name: &str) -> u64 {
    mix(parent.rotate_left(23) ^ text_hash(name))
}

/// What one leaf adds to the fingerprint, from the hash of its RFC 8785 form (of a text, of what it says).
#[inline]
pub fn leaf(place: u64, kind: Leaf, hash: u64) -> u64 {
    mix(hash.wrapping_add(kind as u64) ^ place)
}

/// The fingerprint of normalised JSON without `received_at`. The order of members does not matter.
pub fn of(root: &Map<String, Json>) -> u64 {
    object(ROOT, root)
}

fn object(place: u64, members: &Map<String, Json>) -> u64 {
    members.iter().fold(0, |sum, (name, json)| sum.wrapping_add(value(member(place, name), json)))
}

fn value(place: u64, json: &Json) -> u64 {
    let word = |word: &str| leaf(place, Leaf::Word, text_hash(word));
    match json {
        Json::Null => word("null"),
        Json::Bool(true) => word("true"),
        Json::Bool(false) => word("false"),
        Json::String(text) => leaf(place, Leaf::Text, text_hash(text)),
        Json::Number(_) => leaf(place, Leaf::Number, text_hash(&canonical(json))),
        Json::Object(members) if members.is_empty() => word("{}"),
        Json::Object(members) => object(place, members),
        Json::Array(items) if items.is_empty() => word("[]"),
        Json::Array(items) => (0_u64..)
            .zip(items)
            .fold(0, |sum, (index, item)| sum.wrapping_add(value(mix(place.wrapping_add(index) ^ ITEM), item))),
    }
}

fn canonical(number: &Json) -> String {
    serde_json_canonicalizer::to_string(number).unwrap_or_default()
}

#[inline]
const fn mix(word: u64) -> u64 {
    let product = (word as u128).wrapping_mul(SPREAD as u128);
    // the word itself is added in, so that the step is no mere product
    ((product as u64) ^ ((product >> 64) as u64)).wrapping_add(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn print(json: &Json) -> u64 {
        of(json.as_object().unwrap())
    }

    #[test]
    fn only_content_counts() {
        let a: Json = serde_json::from_str(r#"{"a": {"b": 5.0, "c": "x"}, "d": null}"#).unwrap();
        let b: Json = serde_json::from_str(r#"{"d":null,"a":{"c":"x","b":5}}"#).unwrap();
        assert_eq!(print(&a), print(&b));
    }

    #[test]
    fn whatever_differs_is_seen() {
        let all = [
            json!({}),
            json!({"a": {}}),
            json!({"a": []}),
            json!({"a": null}),
            json!({"a": "null"}),
            json!({"a": 5}),
            json!({"a": "5"}),
            json!({"a": [5]}),
            json!({"a": {"0": 5}}),
            json!({"a": [5, 6]}),
            json!({"a": [6, 5]}),
            json!({"a": {"b": 1}}),
            json!({"a.b": 1}),
            json!({"a": "x", "b": "y"}),
            json!({"a": "y", "b": "x"}),
            json!({"a": ""}),
            json!({"a": "a"}),
            json!({"a": "aa"}),
            json!({"a": "aaa"}),
        ];
        let prints: std::collections::BTreeSet<u64> = all.iter().map(print).collect();
        assert_eq!(prints.len(), all.len());
    }
}
