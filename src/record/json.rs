//! Setting a part of a JSON value, with what has to be around it.

use serde_json::{Map, Value as Json};

/// Puts a value where some members lead; objects on the way are made, and whatever else stood there gives way.
pub fn put<'a>(json: &mut Json, members: impl Iterator<Item = &'a str>, value: Json) {
    let mut place = json;
    for member in members {
        if !place.is_object() {
            *place = Json::Object(Map::new());
        }
        let Some(map) = place.as_object_mut() else { return };
        place = map.entry(member).or_insert(Json::Null);
    }
    *place = value;
}
