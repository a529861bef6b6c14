//! Records and rules for measuring rule engines, the same for a seed on every machine, and their forms for each engine.

pub mod columns;
pub mod draw;
pub mod fields;
pub mod record;
pub mod records;
pub mod rule;
pub mod rules;
pub mod slots;
pub mod translate;
pub mod typed;
