//! Where something happened: region codes that fit each other, coordinates on the globe.

use serde_json::{Map, Value};

use crate::record::region::{self, Level};
use crate::record::reject::{RejectCode, Rejection};

const KABUPATEN: &str = "place.kabupaten";
const KECAMATAN: &str = "place.kecamatan";

/// Checks that the kecamatan lies in the kabupaten; where only the kecamatan is stated, its kabupaten is filled in.
pub fn settle(place: &mut Map<String, Value>) -> Option<Rejection> {
    let kecamatan = place.get("kecamatan")?.as_str()?;
    region::check(kecamatan, Level::Kecamatan).ok()?;
    let parent = kecamatan.get(..5)?.to_owned();
    match place.get("kabupaten") {
        None => {
            place.insert("kabupaten".to_owned(), Value::from(parent));
            None
        }
        Some(Value::String(stated)) if *stated != parent && region::check(stated, Level::Kabupaten).is_ok() => {
            let what = format!("`{kecamatan}` does not lie in `{stated}`");
            let help = format!("correct one of the two; `{kecamatan}` belongs to `{parent}`");
            Some(Rejection::at(RejectCode::Region, KECAMATAN, &what, &help))
        }
        Some(_) => None,
    }
}

/// A region code that came as a number, as spreadsheets make it: `16.1` or `1601`.
pub fn unquoted(path: &str, number: &str) -> Option<Rejection> {
    let level = match path {
        KABUPATEN => Level::Kabupaten,
        KECAMATAN => Level::Kecamatan,
        _ => return None,
    };
    let fault = region::check(number, level).err()?;
    Some(Rejection::at(fault.code, path, &fault.what, &fault.help))
}

/// The largest number that a field takes, and the negative of the smallest.
pub fn bound(path: &str) -> f64 {
    match path {
        "place.lat" => 90.0,
        "place.lon" => 180.0,
        _ => f64::INFINITY,
    }
}

/// Latitudes and longitudes lie on the globe.
///
/// # Errors
/// Says the range.
pub fn check_degrees(path: &str, degrees: f64) -> Result<(), Rejection> {
    let bound = bound(path);
    if degrees.abs() <= bound {
        return Ok(());
    }
    let what = format!("`{path}` must lie between -{bound} and {bound} degrees");
    Err(Rejection::at(RejectCode::Range, path, &what, "check that latitude and longitude are not swapped"))
}
