//! siaga: watches records about foreign nationals against an election's timeline and alerts the agencies responsible.

pub mod alert;
pub mod deliver;
pub mod entry;
pub mod record;
pub mod route;
pub mod subject;
