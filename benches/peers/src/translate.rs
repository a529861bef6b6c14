//! The same rules in the form that each engine reads.

pub mod cel;
pub mod pack;
pub mod rhai;
pub mod rust;
pub mod sigma;
pub mod zen;
