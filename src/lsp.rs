//! The rule language in an editor: a server of the Language Server Protocol, on what `check` and `test` use.

mod cell;
mod complete;
mod describe;
mod desk;
pub mod diagnose;
mod lexer;
mod names;
mod opened;
mod outline;
mod point;
mod position;
mod server;
mod sort;
mod table;
mod token;
mod uri;
mod view;
mod workspace;

pub use server::serve;
