//! What is said to people, in their language: one catalogue (Fluent) for diagnostics, tests and explanations.
//!
//! `words/en.ftl` and `words/id.ftl` hold the same messages; `tests/words.rs` keeps them and their uses in step.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Indonesian.
    Indonesian,
}

impl Language {
    /// The one that the environment asks for; English where it asks for one that the catalogue does not have.
    pub fn of_environment() -> Self {
        sys_locale::get_locale().and_then(|locale| locale.parse().ok()).unwrap_or_default()
    }

    /// Its code of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Indonesian => "id",
        }
    }

    /// Its messages, as Fluent writes them.
    pub fn catalogue(self) -> &'static str {
        match self {
            Language::English => {
                concat!(
                    include_str!("words/en.ftl"),
                    include_str!("words/en/pack.ftl"),
                    include_str!("words/en/codes.ftl"),
                    include_str!("words/en/scenario.ftl"),
                    include_str!("words/en/explain.ftl"),
                    include_str!("words/en/tables.ftl"),
                    include_str!("words/en/cli.ftl"),
                    include_str!("words/en/tune.ftl")
                )
            }
            Language::Indonesian => {
                concat!(
                    include_str!("words/id.ftl"),
                    include_str!("words/id/pack.ftl"),
                    include_str!("words/id/codes.ftl"),
                    include_str!("words/id/scenario.ftl"),
                    include_str!("words/id/explain.ftl"),
                    include_str!("words/id/tables.ftl"),
                    include_str!("words/id/cli.ftl"),
                    include_str!("words/id/tune.ftl")
                )
            }
        }
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::English));
        static INDONESIAN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Indonesian));
        match self {
            Language::English => &ENGLISH,
            Language::Indonesian => &INDONESIAN,
        }
    }
}

/// Reads a code or a locale: `id`, `id_ID.UTF-8`, `in` as older systems say.
impl FromStr for Language {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.split(['-', '_', '.']).next().unwrap_or("").to_ascii_lowercase().as_str() {
            "id" | "in" => Ok(Language::Indonesian),
            "en" | "c" | "posix" => Ok(Language::English),
            _ => Err("the languages are `id` and `en`"),
        }
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let identifier = LanguageIdentifier::from_bytes(language.code().as_bytes()).unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // marks around what is filled in would stand in terminals and files
    bundle.set_use_isolating(false);
    // what a mistake in the catalogue leaves out shows as its id; the tests find it
    let resource = FluentResource::try_new(language.catalogue().to_owned()).unwrap_or_else(|(part, _)| part);
    drop(bundle.add_resource(resource));
    bundle
}

/// A message of the catalogue with what is filled in, not yet in a language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Text {
    /// A message and its arguments.
    Message(&'static str, Vec<(&'static str, Argument)>),
    /// Words that are the same in every language, or not ours to translate.
    Plain(String),
}

/// What is filled into a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Argument {
    /// As it is.
    Word(String),
    /// A number, by which a language may choose a form.
    Number(i64),
    /// A message of its own.
    Text(Text),
}

/// The message of an id.
pub fn say(id: &'static str) -> Text {
    Text::Message(id, Vec::new())
}

/// Some messages with commas between them; none where there are none.
pub fn listed(all: impl IntoIterator<Item = Text>) -> Option<Text> {
    all.into_iter().reduce(|some, one| say("listed").with("some", some).with("one", one))
}

impl Text {
    /// With an argument.
    pub fn with(mut self, name: &'static str, argument: impl Into<Argument>) -> Self {
        if let Text::Message(_, arguments) = &mut self {
            arguments.push((name, argument.into()));
        }
        self
    }

    /// In a language.
    pub fn render(&self, language: Language) -> String {
        let (id, arguments) = match self {
            Text::Plain(words) => return words.clone(),
            Text::Message(id, arguments) => (id, arguments),
        };
        let bundle = language.bundle();
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return (*id).to_owned();
        };
        let mut values = FluentArgs::with_capacity(arguments.len());
        for (name, argument) in arguments {
            values.set(*name, argument.value(language));
        }
        bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}

/// In English: for logs and errors, where nobody chose a language.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Language::English))
    }
}

impl Argument {
    fn value(&self, language: Language) -> FluentValue<'_> {
        match self {
            Argument::Word(word) => FluentValue::from(word.as_str()),
            Argument::Number(number) => FluentValue::from(*number),
            Argument::Text(text) => FluentValue::from(text.render(language)),
        }
    }
}

impl From<&str> for Argument {
    fn from(word: &str) -> Self {
        Argument::Word(word.to_owned())
    }
}

impl From<String> for Argument {
    fn from(word: String) -> Self {
        Argument::Word(word)
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Argument::Number(number)
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Argument::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Self {
        Argument::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Text> for Argument {
    fn from(text: Text) -> Self {
        Argument::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_said_in_both_languages() {
        let help = say("did-you-mean").with("word", "lodging");
        assert_eq!(help.render(Language::English), "did you mean `lodging`?");
        assert_eq!(help.render(Language::Indonesian), "apakah maksudnya `lodging`?");
    }

    #[test]
    fn locales_name_their_language() {
        for (locale, language) in [
            ("id_ID.UTF-8", Language::Indonesian),
            ("id-ID", Language::Indonesian),
            ("in", Language::Indonesian),
            ("en-GB", Language::English),
            ("C.UTF-8", Language::English),
        ] {
            assert_eq!(locale.parse(), Ok(language), "{locale}");
        }
        assert!("nl".parse::<Language>().is_err());
    }
}
