//! siaga: watches records about foreign nationals against an election's timeline and alerts the agencies responsible.

pub mod alert;
pub mod clock;
pub mod deliver;
pub mod engine;
pub mod entry;
pub mod intake;
pub mod outbox;
pub mod pack;
pub mod record;
pub mod route;
pub mod store;
pub mod subject;
pub mod timeline;
pub mod machine;
pub mod triage;
pub mod ledger;
