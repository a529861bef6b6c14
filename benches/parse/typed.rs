//! What plain typed serde makes of a record: texts borrowed, dates left as text, nothing checked.

use serde::Deserialize;

macro_rules! objects {
    ($($name:ident { $($text:ident)* ; $($field:ident: $ty:ty),* })*) => {$(
        /// An object of the schema.
        #[derive(Debug, Default, Deserialize)]
        pub struct $name<'a> {
            $(pub $text: Option<&'a str>,)*
            $(#[serde(default, borrow)] pub $field: $ty,)*
        }
    )*};
}

macro_rules! figures {
    ($($name:ident { $($text:ident)* ; $($field:ident: $ty:ty),* })*) => {$(
        /// An object of the schema.
        #[derive(Debug, Default, Deserialize)]
        pub struct $name<'a> {
            $(pub $text: Option<&'a str>,)*
            $(pub $field: Option<$ty>,)*
        }
    )*};
}

objects! {
    Typed { id source kind occurred_at received_at notes;
        person: Person<'a>, place: Place<'a>, lodging: Lodging<'a>, permit: Permit<'a>, crossing: Crossing<'a>,
        residence: Residence<'a>, work: Work<'a>, activity: Activity<'a>, accreditation: Accreditation<'a>,
        voter: Voter<'a>, donation: Donation<'a>, plan: Plan<'a> }
    Person { name nationality sex born_on nik_hash; passport: Passport<'a> }
    Lodging { id name room check_in planned_check_out check_out; }
    Crossing { checkpoint carrier; }
    Residence { document valid_until; }
    Work { employer_id employer_name position site valid_until hours; }
    Activity { event_id event_kind role officer agency evidence; }
    Accreditation { kind number valid_until; }
    Voter { nik_hash list tps; }
}

/// The travel document; a zone of two lines is written with an escape, so it cannot be borrowed.
#[derive(Debug, Default, Deserialize)]
pub struct Passport<'a> {
    pub number: Option<&'a str>,
    pub issuer: Option<&'a str>,
    pub expires_on: Option<&'a str>,
    #[serde(borrow)]
    pub mrz: Option<std::borrow::Cow<'a, str>>,
}

figures! {
    Place { kabupaten kecamatan address tps; lat: f64, lon: f64 }
    Permit { kind index number valid_from valid_until sponsor_id sponsor_name; may_work: bool, may_report: bool }
    Donation { report donor_kind returned_on; foreign_share: f64, amount: f64 }
    Plan { lodging_id sponsor_id starts_on ends_on; people: i64 }
}
