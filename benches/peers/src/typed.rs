//! The record as a Rust programmer types it by hand: serde, borrowed texts. The generated program has this file too.

use serde::Deserialize;

/// A record.
#[derive(Debug, Deserialize)]
pub struct Record<'a> {
    /// The sender's number for it.
    pub id: &'a str,
    /// Who sent it.
    pub source: &'a str,
    /// What happened.
    pub kind: &'a str,
    /// When.
    pub occurred_at: &'a str,
    /// Who.
    #[serde(borrow, default)]
    pub person: Person<'a>,
    /// Where.
    #[serde(borrow, default)]
    pub place: Place<'a>,
    /// The lodging.
    #[serde(borrow, default)]
    pub lodging: Lodging<'a>,
    /// The stay permit.
    #[serde(borrow, default)]
    pub permit: Permit<'a>,
    /// The border crossing.
    #[serde(borrow, default)]
    pub crossing: Crossing<'a>,
    /// The work.
    #[serde(borrow, default)]
    pub work: Work<'a>,
    /// What was seen.
    #[serde(borrow, default)]
    pub activity: Activity<'a>,
    /// The donation.
    #[serde(default)]
    pub donation: Donation,
    /// The stay.
    #[serde(borrow, default)]
    pub stay: Stay<'a>,
}

/// `person`.
#[derive(Debug, Default, Deserialize)]
pub struct Person<'a> {
    /// `passport`.
    #[serde(borrow, default)]
    pub passport: Passport<'a>,
    /// `name`.
    pub name: Option<&'a str>,
    /// `nationality`.
    pub nationality: Option<&'a str>,
    /// `sex`.
    pub sex: Option<&'a str>,
    /// `born_on`.
    pub born_on: Option<&'a str>,
}

/// `person.passport`.
#[derive(Debug, Default, Deserialize)]
pub struct Passport<'a> {
    /// `number`.
    pub number: Option<&'a str>,
    /// `issuer`.
    pub issuer: Option<&'a str>,
    /// `expires_on`.
    pub expires_on: Option<&'a str>,
}

/// `place`.
#[derive(Debug, Default, Deserialize)]
pub struct Place<'a> {
    /// `kabupaten`.
    pub kabupaten: Option<&'a str>,
    /// `kecamatan`.
    pub kecamatan: Option<&'a str>,
    /// `tps`.
    pub tps: Option<&'a str>,
    /// `lat`.
    pub lat: Option<f64>,
    /// `lon`.
    pub lon: Option<f64>,
}

/// `lodging`.
#[derive(Debug, Default, Deserialize)]
pub struct Lodging<'a> {
    /// `id`.
    pub id: Option<&'a str>,
    /// `room`.
    pub room: Option<&'a str>,
    /// `check_in`.
    pub check_in: Option<&'a str>,
    /// `check_out`.
    pub check_out: Option<&'a str>,
}

/// `permit`.
#[derive(Debug, Default, Deserialize)]
pub struct Permit<'a> {
    /// `kind`.
    pub kind: Option<&'a str>,
    /// `index`.
    pub index: Option<&'a str>,
    /// `number`.
    pub number: Option<&'a str>,
    /// `valid_from`.
    pub valid_from: Option<&'a str>,
    /// `valid_until`.
    pub valid_until: Option<&'a str>,
    /// `sponsor_id`.
    pub sponsor_id: Option<&'a str>,
    /// `may_work`.
    pub may_work: Option<bool>,
    /// `may_report`.
    pub may_report: Option<bool>,
    /// `extensions`.
    pub extensions: Option<i64>,
}

/// `crossing`.
#[derive(Debug, Default, Deserialize)]
pub struct Crossing<'a> {
    /// `checkpoint`.
    pub checkpoint: Option<&'a str>,
    /// `carrier`.
    pub carrier: Option<&'a str>,
}

/// `work`.
#[derive(Debug, Default, Deserialize)]
pub struct Work<'a> {
    /// `employer_id`.
    pub employer_id: Option<&'a str>,
    /// `position`.
    pub position: Option<&'a str>,
    /// `site`.
    pub site: Option<&'a str>,
    /// `valid_until`.
    pub valid_until: Option<&'a str>,
}

/// `activity`.
#[derive(Debug, Default, Deserialize)]
pub struct Activity<'a> {
    /// `event_kind`.
    pub event_kind: Option<&'a str>,
    /// `role`.
    pub role: Option<&'a str>,
    /// `agency`.
    pub agency: Option<&'a str>,
}

/// `donation`.
#[derive(Debug, Default, Deserialize)]
pub struct Donation {
    /// `amount`.
    pub amount: Option<f64>,
    /// `foreign_share`.
    pub foreign_share: Option<f64>,
}

/// `stay`.
#[derive(Debug, Default, Deserialize)]
pub struct Stay<'a> {
    /// `purpose`.
    pub purpose: Option<&'a str>,
    /// `people`.
    pub people: Option<i64>,
    /// `nights`.
    pub nights: Option<i64>,
    /// `visits`.
    pub visits: Option<i64>,
    /// `escorted`.
    pub escorted: Option<bool>,
    /// `walk_in`.
    pub walk_in: Option<bool>,
}
