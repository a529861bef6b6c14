//! `siaga schema`: what a record can say, for senders and rule authors.

use std::path::PathBuf;

use serde_json::json;

use crate::record::schema::{Field, Kind, Type};

use super::{Exit, Format, Streams, load_pack};

/// Which schema to show.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder, which may add fields and kinds; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    pack: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Prints the kinds and fields.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let pack = load_pack(args.pack.as_deref(), streams)?;
    match args.format {
        Format::Json => {
            for kind in pack.schema.kinds() {
                writeln!(streams.out, "{}", json!({ "kind": kind.name, "requires": kind.requires }))?;
            }
            for field in pack.schema.fields() {
                let line = json!({
                    "field": field.path, "type": type_words(field.ty), "group": field.group.word(),
                    "protected": field.protected,
                });
                writeln!(streams.out, "{line}")?;
            }
        }
        Format::Human => print(pack.schema.kinds(), pack.schema.fields(), streams)?,
    }
    Ok(Exit::Clean)
}

fn print(kinds: &[Kind], fields: &[Field], streams: &mut Streams<'_>) -> anyhow::Result<()> {
    writeln!(streams.out, "Every record states `id`, `source`, `kind` and `occurred_at`.\n")?;
    writeln!(streams.out, "{:<24} it also has to state", "kind")?;
    for kind in kinds {
        let requires: Vec<String> = kind.requires.iter().map(|asked| asked.replace('|', " or ")).collect();
        writeln!(streams.out, "{:<24} {}", kind.name, requires.join(", "))?;
    }
    writeln!(streams.out, "\n{:<28} {:<12} {:<14} type", "field", "decide on", "seen by group")?;
    for field in fields {
        let decide = if field.protected { "never" } else { "yes" };
        writeln!(streams.out, "{:<28} {decide:<12} {:<14} {}", field.path, field.group.word(), type_words(field.ty))?;
    }
    Ok(())
}

fn type_words(ty: Type) -> String {
    match ty {
        Type::Bool => "true or false".to_owned(),
        Type::Int => "whole number".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Time => "time (RFC 3339) or date (YYYY-MM-DD)".to_owned(),
        Type::Choice(words) => words.join(" | "),
    }
}
