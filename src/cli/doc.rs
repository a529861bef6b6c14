//! `siaga doc`: a pack as a catalogue for people.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::pack;
use crate::pack::catalogue::{self, catalogue};
use crate::pack::files::Files;
use crate::words::say;

use super::{Exit, Streams, pack_folder};

/// What to render.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    pack: Option<PathBuf>,
    /// The form of the catalogue
    #[arg(long, value_enum, default_value = "markdown")]
    format: Form,
    /// The file to write; standard output when left out
    #[arg(long)]
    output: Option<PathBuf>,
    /// Write nothing; exit code 1 when the file is not what the pack says now
    #[arg(long, requires = "output")]
    check: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For reading where the pack lies
    Markdown,
    /// One page that needs nothing else
    Html,
}

/// Renders a pack.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let files = match pack_folder(args.pack.as_deref()) {
        Some(folder) => {
            Files::read(&folder).map_err(|problem| anyhow::anyhow!("{}: {}", problem.file, problem.message))?
        }
        None => Files::built_in(),
    };
    let loaded = pack::build(files.clone());
    let Some(pack) = &loaded.pack else {
        write!(streams.err, "{}", loaded.render(streams.color))?;
        anyhow::bail!("the pack `{}` does not load", files.root);
    };
    let form = match args.format {
        Form::Markdown => catalogue::Form::Markdown,
        Form::Html => catalogue::Form::Html,
    };
    let text = catalogue(pack, &files, form)?;
    match &args.output {
        Some(path) if args.check => return check(path, &text, streams),
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("`{}` cannot be written", path.display()))?;
        }
        None => write!(streams.out, "{text}")?,
    }
    Ok(Exit::Clean)
}

fn check(path: &Path, text: &str, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let stands = std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    if stands == text {
        return Ok(Exit::Clean);
    }
    let stale = say("doc-stale").with("path", path.display().to_string());
    writeln!(streams.err, "{}", stale.render(streams.language))?;
    Ok(Exit::Findings)
}
