//! `intake/*.toml`: how tables made by hand become records. One profile a file, and the file's name is its id.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::diagnostic::{Code, Diagnostic, did_you_mean};
use super::files::Files;
use super::tables::Source;
use super::toml_file;
use super::unknown_word;
use crate::record::parse::arrival::Arrival;
use crate::record::schema::{Schema, Type};
use crate::words::{Text, say};

/// Where profiles lie within a pack.
const FOLDER: &str = "intake/";
/// The words that people write for the words of records.
const WORDS: &str = "intake/words.toml";
/// What visa indexes mean; a pack needs it where a profile derives something from one.
const VISAS: &str = "lists/visa_index.csv";
/// Members of a record beside the schema's fields that a table can state.
const ENVELOPE: [&str; 5] = ["id", "source", "kind", "occurred_at", "withdrawn"];
/// Rows in which the header is looked for: a letterhead and a few lines of title stand above it.
const HEADER_WITHIN: usize = 20;
/// The years of a column that states none: whoever is alive, and documents that are valid for long.
const YEARS: (i32, i32) = (1945, 2044);

/// What the pack knows of tables.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// In the order of their ids.
    pub all: Vec<Arc<Profile>>,
    /// Visa indexes by their beginnings.
    pub visas: Vec<Visa>,
}

/// How one kind of table becomes records.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name of its file.
    pub id: Arc<str>,
    /// Its name for people.
    pub name: String,
    /// The kind of its records, where all have the same.
    pub kind: Option<String>,
    /// The fields that tell one row from another, whatever else is corrected in it.
    pub identity: Vec<String>,
    /// Fields that are the same in every row. Whoever sends the table can set them otherwise.
    pub constants: BTreeMap<String, String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Fields that follow from others.
    pub derived: Vec<Derived>,
    /// The kind of record that says that there was nobody to report, by how people write it, [`bare`].
    pub nil: BTreeMap<String, String>,
    /// In how many rows the header is looked for.
    pub header_within: usize,
    /// Day numbers without a format count from 1904, as old spreadsheets of Macintosh do.
    pub from_1904: bool,
}

/// One column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// The field that it states; none where the column is known and left alone.
    pub field: Option<String>,
    /// How its header is written, the usual way first.
    pub headers: Vec<String>,
    /// What its cells hold.
    pub form: Form,
    /// Whether every row must have it.
    pub required: bool,
    /// The years that its dates lie in: what two digits mean, and which dates are slips.
    pub years: RangeInclusive<i32>,
    /// The words that it can hold.
    pub words: Words,
    /// What to write in it, for people.
    pub about: String,
    /// Examples.
    pub examples: Vec<String>,
}

/// Words of records, each with how people write it, the usual way first.
pub type Words = Arc<BTreeMap<String, Vec<String>>>;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Text as it stands.
    Text,
    /// An id made of a name: lower case with dashes.
    Slug,
    /// A date, perhaps with a time.
    Date,
    /// A time of day, which joins the date of the same field.
    Time,
    /// A country or a nationality.
    Country,
    /// A passport number.
    Passport,
    /// A visa index.
    VisaIndex,
    /// A kabupaten or kecamatan, by code or name.
    Region,
    /// One of the words of a list.
    Word,
    /// Yes or no.
    Bool,
    /// A number.
    Number,
    /// Known, and left alone.
    Ignored,
}

/// A field that follows from another one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// The field, where the row does not state it.
    pub field: Spanned<String>,
    /// What it follows from.
    pub from: Spanned<String>,
    /// How.
    #[serde(default, rename = "as")]
    pub how: How,
}

/// How a field follows from another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It is the same.
    #[default]
    Copy,
    /// An id made of a name.
    Slug,
    /// The kind of permit of a visa index.
    PermitKind,
    /// Whether a visa index allows work, where that is known.
    MayWork,
    /// Whether a visa index allows reporting, where that is known.
    MayReport,
}

/// What a visa index means.
#[derive(Clone, Debug, Deserialize)]
pub struct Visa {
    /// How the index begins.
    pub prefix: String,
    /// The kind of permit, where it is known.
    pub kind: String,
    /// Whether it allows work, where it is known.
    pub may_work: Option<bool>,
    /// Whether it allows reporting, where it is known.
    pub may_report: Option<bool>,
    /// For how many days an entry brings it without a permit being issued, that of the arrival included.
    #[serde(default)]
    pub days: Option<i64>,
}

impl Profiles {
    /// The profile of an id.
    pub fn get(&self, id: &str) -> Option<&Arc<Profile>> {
        self.all.iter().find(|profile| profile.id.as_ref() == id)
    }

    /// What entries bring for which no permit is issued.
    pub fn arrivals(&self) -> Vec<Arrival> {
        let arrival = |visa: &Visa| {
            let Visa { prefix, kind, may_work, may_report, days, .. } = visa.clone();
            Some(Arrival { prefix, kind, days: days?, may_work, may_report })
        };
        self.visas.iter().filter_map(arrival).collect()
    }

    /// What a visa index means: the longest beginning that is not the beginning of a longer number.
    pub fn visa(&self, index: &str) -> Option<&Visa> {
        let begins = |visa: &&Visa| {
            let rest = index.strip_prefix(visa.prefix.as_str());
            let number_ends = visa.prefix.ends_with(|c: char| c.is_ascii_digit());
            rest.is_some_and(|rest| !(number_ends && rest.starts_with(|c: char| c.is_ascii_digit())))
        };
        self.visas.iter().filter(begins).max_by_key(|visa| visa.prefix.len())
    }
}

impl Profile {
    /// The column of a field, and its place; of a date with a time in another column, that of the date.
    pub fn column_of(&self, field: &str) -> Option<(usize, &Column)> {
        let of_field = |(_, column): &(usize, &Column)| column.field.as_deref() == Some(field);
        self.columns.iter().enumerate().find(|found| of_field(found) && found.1.form != Form::Time)
    }
}

/// A header or a word for comparison: without case, blanks and signs.
pub fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// An id made of a name: `PT Contoh Jaya` is `pt-contoh-jaya`.
pub fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    name: String,
    kind: Option<Spanned<String>>,
    source: Option<Spanned<String>>,
    identity: Vec<Spanned<String>>,
    #[serde(default)]
    constants: BTreeMap<Spanned<String>, String>,
    #[serde(rename = "column")]
    columns: Vec<ColumnFile>,
    #[serde(default)]
    derived: Vec<Derived>,
    nil: Option<Spanned<String>>,
    #[serde(default)]
    header_within: Option<usize>,
    #[serde(default)]
    from_1904: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    field: Option<Spanned<String>>,
    headers: Vec<Spanned<String>>,
    form: Spanned<Form>,
    #[serde(default)]
    required: bool,
    words: Option<Spanned<String>>,
    years: Option<Spanned<(i32, i32)>>,
    #[serde(default)]
    about: String,
    #[serde(default)]
    examples: Vec<String>,
}

type WordsFile = BTreeMap<String, BTreeMap<Spanned<String>, Vec<String>>>;

/// Reads the pack's profiles; a pack may have none.
pub fn read(files: &Files, schema: &Schema, sources: &[Source], problems: &mut Vec<Diagnostic>) -> Profiles {
    let paths = files.texts.keys().filter(|path| path.starts_with(FOLDER) && path.ends_with(".toml"));
    let paths: Vec<&String> = paths.filter(|path| *path != WORDS).collect();
    let words = match files.text(WORDS) {
        Some(_) => toml_file::read(files, WORDS, problems).unwrap_or_default(),
        None => WordsFile::new(),
    };
    let mut all = Vec::new();
    for path in paths {
        let Some(file) = toml_file::read::<ProfileFile>(files, path, problems) else { continue };
        let id = path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".toml")).unwrap_or(path);
        let mut check = Check { files, path, schema, sources, words: &words, problems: &mut *problems };
        check.profile(&file);
        all.push(Arc::new(file.into_profile(id, &words)));
    }
    Profiles { visas: visas(files, &all, problems), all }
}

fn visas(files: &Files, profiles: &[Arc<Profile>], problems: &mut Vec<Diagnostic>) -> Vec<Visa> {
    let by_index = |how| matches!(how, How::PermitKind | How::MayWork | How::MayReport);
    let Some(text) = files.text(VISAS) else {
        if profiles.iter().flat_map(|profile| &profile.derived).any(|derived| by_index(derived.how)) {
            problems.push(Diagnostic::file(Code::File, VISAS, say("profile-visas-missing")));
        }
        return Vec::new();
    };
    match csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, csv::Error>>() {
        Ok(visas) => visas,
        Err(error) => {
            problems.push(
                Diagnostic::file(Code::Table, VISAS, say("profile-visas-unreadable").with("reason", error.to_string()))
                    .help(say("profile-visas-help")),
            );
            Vec::new()
        }
    }
}

impl ProfileFile {
    fn into_profile(self, id: &str, words: &WordsFile) -> Profile {
        let mut constants: BTreeMap<String, String> =
            self.constants.into_iter().map(|(field, value)| (field.into_inner(), value)).collect();
        if let Some(source) = self.source {
            constants.insert("source".to_owned(), source.into_inner());
        }
        let kind = self.kind.map(Spanned::into_inner);
        if let Some(kind) = &kind {
            constants.insert("kind".to_owned(), kind.clone());
        }
        Profile {
            id: Arc::from(id),
            name: self.name,
            kind,
            identity: self.identity.into_iter().map(Spanned::into_inner).collect(),
            constants,
            columns: self.columns.into_iter().map(|column| column.into_column(words)).collect(),
            derived: self.derived,
            nil: listed(self.nil.as_ref(), words)
                .iter()
                .flat_map(|(kind, written)| written.iter().map(|text| (bare(text), kind.clone())))
                .collect(),
            header_within: self.header_within.unwrap_or(HEADER_WITHIN),
            from_1904: self.from_1904,
        }
    }
}

impl ColumnFile {
    fn into_column(self, words: &WordsFile) -> Column {
        let (first, last) = self.years.map_or(YEARS, Spanned::into_inner);
        Column {
            field: self.field.map(Spanned::into_inner),
            headers: self.headers.into_iter().map(Spanned::into_inner).collect(),
            form: self.form.into_inner(),
            required: self.required,
            years: first..=last,
            words: listed(self.words.as_ref(), words),
            about: self.about,
            examples: self.examples,
        }
    }
}

/// The list of words of a name, without its places.
fn listed(name: Option<&Spanned<String>>, words: &WordsFile) -> Words {
    let plain = |list: &BTreeMap<Spanned<String>, Vec<String>>| {
        list.iter().map(|(word, written)| (word.get_ref().clone(), written.clone())).collect()
    };
    Arc::new(name.and_then(|name| words.get(name.get_ref())).map(plain).unwrap_or_default())
}

/// Holds a profile against the rest of the pack.
struct Check<'a> {
    files: &'a Files,
    path: &'a str,
    schema: &'a Schema,
    sources: &'a [Source],
    words: &'a WordsFile,
    problems: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn profile(&mut self, file: &ProfileFile) {
        let kinds: Vec<&str> = self.schema.kinds().iter().map(|kind| kind.name.as_ref()).collect();
        let sources: Vec<&str> = self.sources.iter().map(|source| source.id.as_str()).collect();
        for (word, what, known) in
            [(&file.kind, say("thing-kind"), &kinds), (&file.source, say("thing-source"), &sources)]
        {
            if let Some(word) = word.as_ref().filter(|word| !known.contains(&word.get_ref().as_str())) {
                self.problems.push(unknown_word(self.files, self.path, word, what, known));
            }
        }
        file.constants.keys().for_each(|field| self.field(field));
        for derived in &file.derived {
            self.field(&derived.field);
            self.field(&derived.from);
        }
        self.columns(&file.columns);
        self.nil(file.nil.as_ref(), &kinds);
        self.identity(file);
    }

    /// That the words for "nobody" stand under kinds.
    fn nil(&mut self, nil: Option<&Spanned<String>>, kinds: &[&str]) {
        let Some(name) = nil else { return };
        let Some(words) = self.words.get(name.get_ref()) else {
            let known: Vec<&str> = self.words.keys().map(String::as_str).collect();
            let problem = unknown_word(self.files, self.path, name, say("thing-list-of-words"), &known);
            return self.problems.push(problem);
        };
        for kind in words.keys().filter(|kind| !kinds.contains(&kind.get_ref().as_str())) {
            let diagnostic = unknown_word(self.files, WORDS, kind, say("thing-kind"), kinds);
            if !self.problems.contains(&diagnostic) {
                self.problems.push(diagnostic);
            }
        }
    }

    fn field(&mut self, field: &Spanned<String>) {
        let name = field.get_ref().as_str();
        if ENVELOPE.contains(&name) || self.schema.field_id(name).is_some() {
            return;
        }
        let known = self.schema.fields().iter().map(|field| field.path.as_str()).chain(ENVELOPE);
        let help = did_you_mean(name, known).unwrap_or_else(|| say("profile-no-field-help"));
        self.say(Code::Field, field.span(), say("profile-no-field").with("field", name), help);
    }

    fn say(&mut self, code: Code, span: std::ops::Range<usize>, message: Text, help: Text) {
        let text = self.files.text(self.path).unwrap_or("");
        self.problems.push(Diagnostic::error(code, self.path, text, span, message).help(help));
    }

    fn columns(&mut self, columns: &[ColumnFile]) {
        let (mut headers, mut fields) = (BTreeSet::new(), BTreeSet::new());
        for column in columns {
            for header in &column.headers {
                if !headers.insert(bare(header.get_ref())) {
                    let message = say("profile-header-twice").with("header", header.get_ref().as_str());
                    self.say(Code::Key, header.span(), message, say("profile-header-twice-help"));
                }
            }
            let form = *column.form.get_ref();
            match &column.field {
                None if form != Form::Ignored => {
                    let message = say("profile-states-nothing");
                    self.say(Code::Key, column.form.span(), message, say("profile-states-nothing-help"));
                }
                None => {}
                Some(field) => {
                    self.field(field);
                    if !fields.insert((field.get_ref().clone(), form == Form::Time)) {
                        let message = say("profile-field-twice").with("field", field.get_ref().as_str());
                        self.say(Code::Key, field.span(), message, say("profile-field-twice-help"));
                    }
                }
            }
            self.years(column);
            self.listed(column);
        }
    }

    /// A hundred years at most, so that two digits mean one year.
    fn years(&mut self, column: &ColumnFile) {
        if let Some(years) = &column.years {
            let (first, last) = *years.get_ref();
            if !(first..first.saturating_add(100)).contains(&last) {
                let message = say("profile-years").with("first", first.to_string()).with("last", last.to_string());
                self.say(Code::Table, years.span(), message, say("profile-years-help"));
            }
        }
    }

    fn listed(&mut self, column: &ColumnFile) {
        let known: Vec<&str> = self.words.keys().map(String::as_str).collect();
        match (&column.words, *column.form.get_ref() == Form::Word) {
            (None, false) => {}
            (None, true) => {
                let help = say("profile-no-words-help").with("known", known.join(", "));
                self.say(Code::Key, column.form.span(), say("profile-no-words"), help);
            }
            (Some(name), _) => match self.words.get(name.get_ref()) {
                None => {
                    let problem = unknown_word(self.files, self.path, name, say("thing-list-of-words"), &known);
                    self.problems.push(problem);
                }
                Some(words) => self.choice(column.field.as_ref(), words),
            },
        }
    }

    /// That a closed field gets only words that it knows.
    fn choice(&mut self, field: Option<&Spanned<String>>, words: &BTreeMap<Spanned<String>, Vec<String>>) {
        let field = field.and_then(|field| self.schema.field(self.schema.field_id(field.get_ref())?));
        let Some(Type::Choice(choices)) = field.map(|field| field.ty) else { return };
        for word in words.keys().filter(|word| !choices.contains(&word.get_ref().as_str())) {
            let diagnostic = unknown_word(self.files, WORDS, word, say("thing-word-of-field"), choices);
            if !self.problems.contains(&diagnostic) {
                self.problems.push(diagnostic);
            }
        }
    }

    fn identity(&mut self, file: &ProfileFile) {
        let columns = file.columns.iter().filter_map(|column| column.field.as_ref());
        let stated: BTreeSet<&str> = columns
            .chain(file.constants.keys())
            .chain(file.derived.iter().map(|derived| &derived.field))
            .map(|field| field.get_ref().as_str())
            .collect();
        for field in file.identity.iter().filter(|field| !stated.contains(field.get_ref().as_str())) {
            let name = field.get_ref();
            let help = did_you_mean(name, stated.iter().copied()).unwrap_or_else(|| say("profile-identity-help"));
            self.say(Code::Name, field.span(), say("profile-identity").with("field", name.as_str()), help);
        }
        if file.identity.is_empty() {
            let message = say("profile-no-identity");
            self.say(Code::Key, 0..0, message, say("profile-no-identity-help"));
        }
    }
}
