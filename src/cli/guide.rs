//! `siaga guide`: the words of the rule language, for who writes rules.

use crate::pack::diagnostic::did_you_mean;
use crate::pack::guide::{FUNCTIONS, KEYS, TEST_KEYS};
use crate::words::{Text, say};

use super::{Exit, Streams};

/// What to look up.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what is called so: a key such as `deadline`, or a function such as `seen`
    word: Option<String>,
}

/// Prints the keys and functions.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let is_meant = |name: &str| args.word.as_deref().is_none_or(|word| word == name);
    let keys: Vec<_> = KEYS.iter().filter(|key| is_meant(key.name)).collect();
    let functions: Vec<_> = FUNCTIONS.iter().filter(|function| is_meant(function.name)).collect();
    if let Some(word) = args.word.as_deref().filter(|_| keys.is_empty() && functions.is_empty()) {
        let known = KEYS.iter().map(|key| key.name).chain(FUNCTIONS.iter().map(|function| function.name));
        return Err(unknown(word, known, streams));
    }
    let mut page = Page { streams, is_first: true };
    page.heading(&say("guide-keys"), !keys.is_empty())?;
    for key in keys {
        page.entry(key.name, &key.text, None)?;
    }
    page.heading(&say("guide-test-keys"), args.word.is_none() || args.word.as_deref() == Some("tests"))?;
    if args.word.as_deref().is_none_or(|word| word == "tests") {
        for key in TEST_KEYS.iter() {
            page.entry(key.name, &key.text, None)?;
        }
    }
    page.heading(&say("guide-functions"), !functions.is_empty())?;
    for function in functions {
        page.entry(function.form, &function.text, Some(function.example))?;
    }
    Ok(Exit::Clean)
}

fn unknown<'a>(word: &str, known: impl Iterator<Item = &'a str>, streams: &Streams<'_>) -> anyhow::Error {
    let help = did_you_mean(word, known).unwrap_or_else(|| say("guide-all"));
    super::unknown(say("thing-word"), word, Some(help), streams.language)
}

struct Page<'a, 's> {
    streams: &'a mut Streams<'s>,
    is_first: bool,
}

impl Page<'_, '_> {
    fn heading(&mut self, text: &Text, is_shown: bool) -> anyhow::Result<()> {
        if is_shown {
            let gap = if std::mem::take(&mut self.is_first) { "" } else { "\n" };
            writeln!(self.streams.out, "{gap}{}\n", text.render(self.streams.language))?;
        }
        Ok(())
    }

    fn entry(&mut self, form: &str, text: &Text, example: Option<&str>) -> anyhow::Result<()> {
        writeln!(self.streams.out, "{form}\n    {}", text.render(self.streams.language))?;
        if let Some(example) = example {
            writeln!(self.streams.out, "    {example}")?;
        }
        Ok(())
    }
}
