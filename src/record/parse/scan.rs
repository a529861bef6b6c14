//! What is refused wherever it stands in a record, known field or not: unhashed NIKs, photographs, control characters, sizes.

use serde_json::{Map, Number, Value};

use super::{MAX_DEPTH, MAX_MEMBERS, MAX_NAME_BYTES, MAX_TEXT_BYTES};
use crate::record::reject::{RejectCode, Rejection, below};

/// The faults that are listed of one record; one that has more is not worth listing to the end.
pub const MAX_FAULTS: usize = 32;

/// A NIK has sixteen digits.
const NIK_DIGITS: usize = 16;

/// The largest whole number that JSON readers agree on, 2^53.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Longest run in the base64 alphabet that can still be an id or a signature and is no file.
const MAX_BASE64_BYTES: usize = 2048;

/// Words in a member's name that say that it holds a picture.
const PICTURE_WORDS: &[&str] = &[
    "photo",
    "photos",
    "photograph",
    "foto",
    "image",
    "images",
    "img",
    "gambar",
    "picture",
    "pictures",
    "portrait",
    "selfie",
    "scan",
    "thumbnail",
    "jpg",
    "jpeg",
    "png",
];

/// Lists what is wrong anywhere in the tree, up to [`MAX_FAULTS`].
pub fn check(root: &Map<String, Value>) -> Vec<Rejection> {
    let mut scan = Scan { faults: Vec::new(), members: 0 };
    scan.object("", root, 1);
    scan.faults
}

/// Takes NIKs and photographs out of what is kept of a refused record. True where something was taken out.
pub fn redact(value: &mut Value) -> bool {
    redact_below(value, 1)
}

/// Whether a member may have such a name.
pub fn is_name(name: &str) -> bool {
    name_fault(name).is_none()
}

/// Whether a text may stand, as far as it does not matter where. The zone of a passport has runs of digits that are no NIK.
pub fn is_clean(text: &str, in_zone: bool) -> bool {
    let is_nik = if in_zone { is_nik(text) } else { has_nik(text) };
    !is_nik && !is_picture(text) && text.len() <= MAX_TEXT_BYTES && !text.chars().any(is_unsafe)
}

struct Scan {
    faults: Vec<Rejection>,
    members: usize,
}

impl Scan {
    fn fault(&mut self, code: RejectCode, pointer: &str, what: &str, help: &str) {
        self.faults.push(Rejection::new(code, pointer, what, help));
    }

    fn full(&self) -> bool {
        self.faults.len() >= MAX_FAULTS || self.members > MAX_MEMBERS
    }

    /// Counts one member; the first beyond the limit is a fault.
    fn count(&mut self) {
        self.members += 1;
        if self.members == MAX_MEMBERS + 1 {
            let what = format!("the record has more than {MAX_MEMBERS} members");
            self.fault(RejectCode::TooMany, "", &what, "send one record per object");
        }
    }

    fn object(&mut self, pointer: &str, object: &Map<String, Value>, depth: usize) {
        for (name, value) in object {
            self.count();
            if self.full() {
                return;
            }
            match name_fault(name) {
                Some((code, what, help)) => self.fault(code, pointer, what, help),
                None if is_picture_name(name) && can_hold_picture(value) => {
                    self.photo(&below(pointer, name));
                }
                None => self.value(&below(pointer, name), value, depth),
            }
        }
    }

    fn value(&mut self, pointer: &str, value: &Value, depth: usize) {
        match value {
            Value::Object(_) | Value::Array(_) if depth >= MAX_DEPTH => {
                let what = format!("the record is nested more than {MAX_DEPTH} deep");
                self.fault(RejectCode::TooDeep, pointer, &what, "flatten it");
            }
            Value::Object(object) => self.object(pointer, object, depth + 1),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.count();
                    if self.full() {
                        return;
                    }
                    self.value(&format!("{pointer}/{index}"), item, depth + 1);
                }
            }
            Value::String(text) => self.text(pointer, text),
            Value::Number(number) => self.number(pointer, number),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, pointer: &str, text: &str) {
        if is_picture(text) {
            self.photo(pointer);
        } else if is_nik(text) || (has_nik(text) && pointer != "/person/passport/mrz") {
            self.nik(pointer);
        } else if text.len() > MAX_TEXT_BYTES {
            let what = format!("the text is longer than {MAX_TEXT_BYTES} bytes");
            self.fault(RejectCode::TooLong, pointer, &what, "shorten it");
        } else if text.chars().any(is_unsafe) {
            let help = "take them out; line breaks may stand in notes, address and evidence";
            self.fault(RejectCode::Control, pointer, "the text has control characters", help);
        }
    }

    fn number(&mut self, pointer: &str, number: &Number) {
        if is_nik_number(number) {
            self.nik(pointer);
        } else if number.as_f64().is_none_or(|n| n.abs() > MAX_EXACT) {
            let help = "write it as text";
            self.fault(RejectCode::Range, pointer, "the number is too large to be kept exactly", help);
        }
    }

    fn nik(&mut self, pointer: &str) {
        let help = "send the keyed hash that `siaga hash-nik` makes, as `nik_hash`";
        self.fault(RejectCode::Nik, pointer, "sixteen digits look like a NIK, which must not be sent", help);
    }

    fn photo(&mut self, pointer: &str) {
        let help = "leave it out; the fields of the passport are enough";
        self.fault(RejectCode::Photo, pointer, "photographs and files are not taken", help);
    }
}

fn name_fault(name: &str) -> Option<(RejectCode, &'static str, &'static str)> {
    if has_nik(name) {
        let help = "send the keyed hash that `siaga hash-nik` makes, as `nik_hash`";
        Some((RejectCode::Nik, "a member's name looks like a NIK, which must not be sent", help))
    } else if name.len() > MAX_NAME_BYTES {
        Some((RejectCode::TooLong, "a member's name is too long", "shorten it"))
    } else if name.chars().any(char::is_control) {
        Some((RejectCode::Control, "a member's name has control characters", "rename it"))
    } else {
        None
    }
}

/// Control characters other than line breaks and tabs, and those that turn the direction of what stands beside them.
fn is_unsafe(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a member's name says that it holds a picture.
pub fn is_picture_name(name: &str) -> bool {
    let spaced: String =
        name.chars().flat_map(|c| c.is_uppercase().then_some(' ').into_iter().chain(c.to_lowercase())).collect();
    let whole = name.to_lowercase();
    PICTURE_WORDS.contains(&whole.as_str())
        || spaced.split(|c: char| !c.is_alphanumeric()).any(|word| PICTURE_WORDS.contains(&word))
}

/// `"has_photo": true` is no photograph.
fn can_hold_picture(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Object(_) | Value::Array(_))
}

fn is_picture(text: &str) -> bool {
    let data_uri =
        text.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) && text.contains(',');
    data_uri || (text.len() > MAX_BASE64_BYTES && is_base64(text))
}

fn is_base64(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=' | b'\n' | b'\r'))
}

/// Sixteen digits and nothing else, or with separators where they read as a NIK: two dates have sixteen digits too.
fn is_nik(text: &str) -> bool {
    let separator = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '_' | '\'');
    let digits = text.trim().replace(separator, "");
    digits.len() == NIK_DIGITS
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (text.trim().len() == NIK_DIGITS || reads_as_nik(&digits))
}

/// A NIK alone or within other text.
fn has_nik(text: &str) -> bool {
    is_nik(text) || text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == NIK_DIGITS && reads_as_nik(run))
}

/// Province 11 to 96, then after four more digits the day of birth (plus 40 for women) and the month.
fn reads_as_nik(digits: &str) -> bool {
    let part = |from: usize| digits.get(from..from + 2).and_then(|d| d.parse::<u8>().ok());
    let day = |d: u8| matches!(d, 1..=31 | 41..=71);
    part(0).is_some_and(|province| (11..=96).contains(&province))
        && part(6).is_some_and(day)
        && part(8).is_some_and(|month| (1..=12).contains(&month))
}

fn is_nik_number(number: &Number) -> bool {
    number.as_f64().is_some_and(|n| n.fract() == 0.0 && (1e15..1e16).contains(&n))
}

fn redact_below(value: &mut Value, depth: usize) -> bool {
    let found = match value {
        Value::Object(_) | Value::Array(_) if depth > MAX_DEPTH => true,
        Value::Object(object) if object.keys().any(|name| has_nik(name)) => true,
        Value::Object(object) => {
            let mut any = false;
            for (name, member) in object.iter_mut() {
                if is_picture_name(name) && can_hold_picture(member) {
                    *member = Value::from(REDACTED);
                    any = true;
                } else if name != "mrz" || member.as_str().is_none_or(is_nik) {
                    // the zone has runs of digits that are no NIK
                    any |= redact_below(member, depth + 1);
                }
            }
            return any;
        }
        Value::Array(items) => {
            return items.iter_mut().fold(false, |any, item| redact_below(item, depth + 1) | any);
        }
        Value::String(text) => has_nik(text) || is_picture(text),
        Value::Number(number) => is_nik_number(number),
        Value::Null | Value::Bool(_) => false,
    };
    if found {
        *value = Value::from(REDACTED);
    }
    found
}

/// What stands in place of a NIK or a photograph in a refused record.
pub const REDACTED: &str = "[taken out by siaga]";
