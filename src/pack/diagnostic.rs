//! What is wrong with a pack: place, words, help; drawn as rustc draws it.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

use crate::words::{Argument, Language, Text, say};

/// Whether a pack with this diagnostic still loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// The pack does not load.
    Error,
    /// The pack loads; somebody should look.
    Warning,
}

/// What kind of mistake; the code stays the same over versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Code {
    /// A file is missing or unreadable.
    #[serde(rename = "SG001")]
    File,
    /// A TOML or CSV file does not parse, or has an unknown key or a value of the wrong type.
    #[serde(rename = "SG002")]
    Table,
    /// A rule file is not valid rhai.
    #[serde(rename = "SG003")]
    Syntax,
    /// A rule file holds something other than helpers and one `rule(...)`.
    #[serde(rename = "SG004")]
    Shape,
    /// A rule has an unknown, missing or badly typed key.
    #[serde(rename = "SG005")]
    Key,
    /// A field, section or record kind that the schema does not have.
    #[serde(rename = "SG010")]
    Field,
    /// A name that is neither a value, a helper nor a host function.
    #[serde(rename = "SG011")]
    Function,
    /// Types that do not fit.
    #[serde(rename = "SG012")]
    Type,
    /// An unknown threshold, agency, role, phase, stage, list, citation or rule.
    #[serde(rename = "SG013")]
    Name,
    /// A condition that reads what no condition may read.
    #[serde(rename = "SG014")]
    Protected,
    /// A message that shows an agency what it may not see.
    #[serde(rename = "SG015")]
    Sight,
    /// A rule without a citation in force on every day it runs.
    #[serde(rename = "SG016")]
    Citation,
    /// A rule without one firing and one silent test.
    #[serde(rename = "SG017")]
    Tests,
    /// A helper that does what helpers may not.
    #[serde(rename = "SG018")]
    Helper,
    /// Phases that leave a gap or overlap, or a date that is no date.
    #[serde(rename = "SG019")]
    Calendar,
    /// A condition that is legal and probably not meant.
    #[serde(rename = "SG030")]
    Lint,
    /// A condition that never holds.
    #[serde(rename = "SG031")]
    Never,
    /// A condition that always holds, or that another one implies.
    #[serde(rename = "SG032")]
    Always,
    /// A threshold that nobody uses.
    #[serde(rename = "SG033")]
    Unused,
    /// A phase in which nothing runs that speaks of it.
    #[serde(rename = "SG034")]
    Idle,
    /// A window longer than records are kept.
    #[serde(rename = "SG035")]
    Window,
    /// A citation that lapses while the rule goes on.
    #[serde(rename = "SG036")]
    Lapse,
    /// A record kind that no source sends.
    #[serde(rename = "SG037")]
    Unsent,
}

impl Code {
    /// All codes.
    pub const ALL: [Code; 23] = [
        Code::File,
        Code::Table,
        Code::Syntax,
        Code::Shape,
        Code::Key,
        Code::Field,
        Code::Function,
        Code::Type,
        Code::Name,
        Code::Protected,
        Code::Sight,
        Code::Citation,
        Code::Tests,
        Code::Helper,
        Code::Calendar,
        Code::Lint,
        Code::Never,
        Code::Always,
        Code::Unused,
        Code::Idle,
        Code::Window,
        Code::Lapse,
        Code::Unsent,
    ];

    /// The code as people cite it.
    pub fn word(self) -> &'static str {
        match self {
            Code::File => "SG001",
            Code::Table => "SG002",
            Code::Syntax => "SG003",
            Code::Shape => "SG004",
            Code::Key => "SG005",
            Code::Field => "SG010",
            Code::Function => "SG011",
            Code::Type => "SG012",
            Code::Name => "SG013",
            Code::Protected => "SG014",
            Code::Sight => "SG015",
            Code::Citation => "SG016",
            Code::Tests => "SG017",
            Code::Helper => "SG018",
            Code::Calendar => "SG019",
            Code::Lint => "SG030",
            Code::Never => "SG031",
            Code::Always => "SG032",
            Code::Unused => "SG033",
            Code::Idle => "SG034",
            Code::Window => "SG035",
            Code::Lapse => "SG036",
            Code::Unsent => "SG037",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Path of the file within the pack.
    pub file: String,
    /// Line from 1; 0 where the whole file is meant.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// Bytes in the file.
    pub span: (usize, usize),
    /// What kind of mistake.
    pub code: Code,
    /// Whether the pack still loads.
    pub weight: Weight,
    /// What is wrong, in a sentence.
    pub message: Text,
    /// What stands under the caret.
    pub label: Option<Text>,
    /// What to do.
    pub help: Option<Text>,
    /// The calls that led there, where the place is inside a helper: bytes in the same file.
    pub calls: Vec<(usize, usize)>,
}

impl Diagnostic {
    /// An error at a span of bytes in a file's text.
    pub fn error(code: Code, file: &str, text: &str, span: Range<usize>, message: Text) -> Self {
        let (line, column) = line_and_column(text, span.start);
        Diagnostic {
            file: file.to_owned(),
            line,
            column,
            span: (span.start, span.end.max(span.start)),
            code,
            weight: Weight::Error,
            message,
            label: None,
            help: None,
            calls: Vec::new(),
        }
    }

    /// An error about a file as a whole.
    pub fn file(code: Code, file: &str, message: Text) -> Self {
        let mut diagnostic = Self::error(code, file, "", 0..0, message);
        diagnostic.line = 0;
        diagnostic
    }

    /// With words under the caret.
    pub fn label(mut self, label: Text) -> Self {
        self.label = Some(label);
        self
    }

    /// With what to do.
    pub fn help(mut self, help: impl Into<Option<Text>>) -> Self {
        self.help = help.into();
        self
    }

    /// As a warning.
    pub fn warning(mut self) -> Self {
        self.weight = Weight::Warning;
        self
    }

    /// The word that was probably meant, where the help names one.
    pub fn meant(&self) -> Option<&str> {
        match &self.help {
            Some(Text::Message("did-you-mean" | "did-you-mean-or-declare", arguments)) => match arguments.as_slice() {
                [("word", Argument::Word(word)), ..] => Some(word),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Sorts by place; what several calls of one helper bring up is said once.
pub fn tidy(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort();
    diagnostics.dedup_by(|later, first| {
        let is_same = later.file == first.file
            && later.span == first.span
            && later.code == first.code
            && later.message == first.message;
        if is_same {
            first.calls.append(&mut later.calls);
            first.calls.sort_unstable();
            first.calls.dedup();
        }
        is_same
    });
}

/// Line and column, both from 1, of a byte offset.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    (line, column)
}

/// The known word that was probably meant, as a help line; none where nothing is close.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Text> {
    nearest(word, known).map(|candidate| say("did-you-mean").with("word", candidate))
}

/// The known word that is close to another.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const CLOSE: f64 = 0.75;
    // words of like letters in another order are close by the first measure alone
    const IN_ORDER: f64 = 0.4;
    let in_order = |candidate: &str| {
        candidate.starts_with(word) || strsim::normalized_damerau_levenshtein(word, candidate) >= IN_ORDER
    };
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score >= CLOSE)
        .filter(|(_, candidate)| in_order(candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Where to declare a word; where another is close, whether that was meant.
pub fn meant_or_declare<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone, place: &str) -> Text {
    let declare = match nearest(word, known.clone()) {
        Some(near) => say("did-you-mean-or-declare").with("word", near),
        None => match known.into_iter().collect::<Vec<_>>() {
            known if known.is_empty() => say("declare-in"),
            known => say("one-of-or-declare").with("known", known.join(", ")),
        },
    };
    declare.with("place", place)
}

/// The known word that was probably meant; where nothing is close, all of them.
pub fn meant_or_all<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Text {
    did_you_mean(word, known.clone())
        .unwrap_or_else(|| say("one-of").with("known", known.into_iter().collect::<Vec<_>>().join(", ")))
}

/// Draws diagnostics with their places in the pack's files, for a terminal.
pub fn render(
    diagnostics: &[Diagnostic],
    files: &BTreeMap<String, String>,
    root: &str,
    language: Language,
    color: bool,
) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&render_one(diagnostic, files, root, language, &renderer));
        out.push_str("\n\n");
    }
    out
}

fn render_one(
    diagnostic: &Diagnostic,
    files: &BTreeMap<String, String>,
    root: &str,
    language: Language,
    renderer: &Renderer,
) -> String {
    let path = if root.is_empty() { diagnostic.file.clone() } else { format!("{root}/{}", diagnostic.file) };
    let (level, name) = match diagnostic.weight {
        Weight::Error => (Level::ERROR, say("weight-error")),
        Weight::Warning => (Level::WARNING, say("weight-warning")),
    };
    let text = files.get(&diagnostic.file).filter(|_| diagnostic.line > 0);
    let message = diagnostic.message.render(language);
    let message = if text.is_some() { message } else { format!("{path}: {message}") };
    let mut group = level
        .with_name(name.render(language))
        .primary_title(&message)
        .id(diagnostic.code.word())
        .elements(None::<annotate_snippets::Message<'_>>);
    let called = say("called-here").render(language);
    if let Some(text) = text {
        let (start, end) = diagnostic.span;
        let within = |start: usize, end: usize| start.min(text.len())..end.min(text.len());
        let label = diagnostic.label.as_ref().map(|label| label.render(language)).unwrap_or_default();
        let place = AnnotationKind::Primary.span(within(start, end)).label(label);
        let calls = diagnostic
            .calls
            .iter()
            .map(|(start, end)| AnnotationKind::Context.span(within(*start, *end)).label(called.as_str()));
        let snippet = Snippet::source(text.as_str()).path(path.as_str()).annotation(place).annotations(calls);
        group = group.element(snippet);
    }
    if let Some(help) = &diagnostic.help {
        let level = Level::HELP.with_name(say("help").render(language));
        group = group.element(level.message(help.render(language)));
    }
    renderer.render(&[group])
}
