//! `siaga new`: a first version of a rule, for an author to go on from.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};

use crate::pack::diagnostic::nearest;
use crate::pack::files::Files;
use crate::pack::scaffold::{self, Wish};
use crate::pack::{self, Pack};
use crate::subject::SubjectKind;
use crate::trial::{self, Trial};
use crate::words::{Language, say};

use super::{Exit, PACK_HERE, Streams, load_pack};

/// What to make.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// A rule that checks and whose tests pass; it runs in the shadow until you say otherwise
    Rule(Args),
}

/// Which rule.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder and id, as in `penginapan/inap-berpindah`
    name: String,
    /// The pack's folder
    #[arg(long, default_value = PACK_HERE)]
    pack: PathBuf,
    /// The kind of record that triggers it; `siaga schema` lists them
    #[arg(long, default_value = "lodging.check_in")]
    on: String,
    /// Whom it is about: person, nik, lodging, sponsor, event, source or record
    #[arg(long, default_value = "person")]
    per: String,
    /// The role that it asks; the first of the pack that may see such records when left out
    #[arg(long)]
    notify: Option<String>,
}

/// Makes it.
pub fn run(what: &What, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let What::Rule(args) = what;
    let pack = load_pack(Some(&args.pack), streams)?;
    let (folder, id) = name(&args.name)?;
    ensure!(pack.rule(id).is_none(), "the pack has a rule `{id}` already\nhelp: choose another id");
    let path = args.pack.join(folder).join(format!("{id}.rhai"));
    ensure!(!path.exists(), "`{}` exists already\nhelp: choose another id", path.display());
    let text = rule(args, &pack, folder, id, streams.language)?;
    std::fs::create_dir_all(args.pack.join(folder))
        .and_then(|()| std::fs::write(&path, text))
        .with_context(|| format!("`{}` cannot be written", path.display()))?;
    let root = args.pack.display().to_string();
    let next = say("new-rule").with("path", path.display().to_string()).with("id", id).with("pack", root);
    writeln!(streams.out, "{}", next.render(streams.language))?;
    Ok(Exit::Clean)
}

/// Parts `folder/id`.
fn name(name: &str) -> anyhow::Result<(&str, &str)> {
    const HELP: &str = "help: write it as `penginapan/inap-berpindah`, in lower case with `-` between words";
    let name = name.strip_suffix(".rhai").unwrap_or(name);
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match name.rsplit_once('/') {
        Some((folder, id)) if folder.split('/').all(is_word) && is_word(id) => Ok((folder, id)),
        _ => bail!("`{name}` is no folder and id of a rule\n{HELP}"),
    }
}

/// The first version that checks and whose tests pass, by the roles that it could ask.
fn rule(args: &Args, pack: &Pack, folder: &str, id: &str, language: Language) -> anyhow::Result<String> {
    let unknown = |what: &str, word: &str, known: Vec<&str>| {
        let help = nearest(word, known.iter().copied())
            .map_or_else(|| format!("it is one of {}", known.join(", ")), |word| format!("did you mean `{word}`?"));
        anyhow::anyhow!("there is no {what} `{word}`\nhelp: {help}")
    };
    let kinds = || pack.schema.kinds().iter().map(|kind| kind.name.as_ref()).collect();
    let on = pack.schema.kind_id(&args.on).ok_or_else(|| unknown("record kind", &args.on, kinds()))?;
    let subjects = || SubjectKind::ALL.map(|(_, word)| word).to_vec();
    let per = SubjectKind::from_word(&args.per).ok_or_else(|| unknown("subject", &args.per, subjects()))?;
    let mut roles: Vec<Arc<str>> = Vec::new();
    for role in pack.agencies.iter().flat_map(|agency| &agency.roles) {
        if !roles.contains(role) {
            roles.push(role.clone());
        }
    }
    if let Some(word) = &args.notify {
        let known = || roles.iter().map(AsRef::as_ref).collect();
        let role = roles.iter().find(|role| role.as_ref() == word).ok_or_else(|| unknown("role", word, known()))?;
        roles = vec![role.clone()];
    }
    let mut refused = String::new();
    for role in roles {
        let wish = Wish { id: id.to_owned(), per, on, role };
        let text = scaffold::text(pack, &wish).context(
            "no citation of the pack is in force through any phase\nhelp: add one to `legal.toml`, with the dates on which it holds",
        )?;
        match verdict(pack, folder, id, &text, language)? {
            None => return Ok(text),
            Some(problems) if refused.is_empty() => refused = problems,
            Some(_) => {}
        }
    }
    bail!("no such rule can be made:\n{refused}\nhelp: choose another `--on`, `--per` or `--notify`")
}

/// What is wrong with a rule that is to join a pack; nothing where it checks and its tests pass.
fn verdict(pack: &Pack, folder: &str, id: &str, text: &str, language: Language) -> anyhow::Result<Option<String>> {
    let root = pack.folder.clone().unwrap_or_default();
    let mut files = Files::read(&root).map_err(|problem| anyhow::anyhow!(problem.message))?;
    files.texts.insert(format!("{folder}/{id}.rhai"), text.to_owned());
    let loaded = pack::build(files);
    let drawn = loaded.render(false);
    let Some(pack) = loaded.pack else { return Ok(Some(drawn)) };
    let failed = trial::run(&pack).into_iter().filter(|trial| trial.rule.as_ref() == id && !trial.failures.is_empty());
    let lines = |trial: Trial| {
        let lines = trial.failures.into_iter().flat_map(|failure| failure.lines(language));
        format!("{}: {}", trial.test, lines.collect::<Vec<_>>().join("\n"))
    };
    let failed: Vec<String> = failed.map(lines).collect();
    Ok((!failed.is_empty()).then(|| failed.join("\n")))
}
