//! siaga: watches records about foreign nationals against an election's timeline and alerts the agencies responsible.

pub mod alert;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod deliver;
pub mod demo;
pub mod engine;
pub mod entry;
pub mod http;
pub mod intake;
pub mod ledger;
pub mod machine;
pub mod notice;
pub mod outbox;
pub mod pack;
pub mod pipeline;
pub mod record;
pub mod replay;
pub mod route;
pub mod store;
pub mod subject;
pub mod timeline;
pub mod triage;
pub mod trial;
pub mod tune;
