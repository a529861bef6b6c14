//! The names of each sort that a pack and a rule file have, with their documentation.

use std::collections::BTreeMap;

use lsp_types::CompletionItemKind;

use crate::alert::Severity;
use crate::pack::Pack;
use crate::pack::guide::{self, Key};
use crate::record::region;
use crate::record::schema::{Field, Group, Type};
use crate::record::words::choice_name;
use crate::subject::SubjectKind;
use crate::words::{Language, Text, say};

use super::describe::Describe;
use super::lexer::{self, Note};
use super::sort::Sort;
use super::table;

/// A name that may stand somewhere.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub label: String,
    /// In a few words, what it is.
    pub detail: String,
    /// In full, as Markdown.
    pub doc: String,
    /// What an editor writes for it, where that is more than the name; places to fill in are `${1:...}`.
    pub snippet: Option<String>,
    /// How an editor shows it.
    pub icon: CompletionItemKind,
}

/// What is known where names are asked for.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The pack's tables, as of when they could last be read.
    pub tables: &'a Pack,
    /// All files as they are now.
    pub files: &'a BTreeMap<String, String>,
    /// The file in which names are asked for.
    pub path: &'a str,
    /// The outline of that file, where it is a rule.
    pub notes: &'a [Note],
    /// The parameters of the helper around.
    pub params: &'a [String],
    /// The language of the documentation.
    pub language: Language,
}

/// The name of a rule: of its file.
pub fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".rhai").unwrap_or(file)
}

impl Known<'_> {
    /// The names of a sort.
    pub fn names(&self, sort: &Sort) -> Vec<Name> {
        match sort {
            Sort::Function => self.functions(),
            Sort::Record => vec![self.plain("record", say("editor-record"), CompletionItemKind::VARIABLE)],
            Sort::Helper => self.helpers(),
            Sort::Value => self.values(),
            Sort::Parameter => {
                let name = |name: &String| self.plain(name, say("editor-parameter"), CompletionItemKind::VARIABLE);
                self.params.iter().map(name).collect()
            }
            Sort::Skeleton => self.skeletons(),
            Sort::RuleKey => self.keys(&guide::KEYS),
            Sort::TestKey => self.keys(&guide::TEST_KEYS),
            Sort::StepKey => self.keys(&guide::STEP_KEYS),
            Sort::Stated(section) => self.stated(section),
            Sort::Field(section) => self.fields(section),
            Sort::Match => self.matches(),
            Sort::StageEnd => vec![
                self.plain("starts", say("editor-stage-starts"), CompletionItemKind::PROPERTY),
                self.plain("ends", say("editor-stage-ends"), CompletionItemKind::PROPERTY),
            ],
            Sort::OwnRule => vec![self.rule(self.path)],
            Sort::Rule => {
                let others = self.files.keys().filter(|path| path.ends_with(".rhai") && *path != self.path);
                others.map(|path| self.rule(path)).collect()
            }
            Sort::Subject => self.subjects(),
            Sort::Severity => self.severities(),
            Sort::Status => vec![
                self.word("stable", say("editor-status-stable")),
                self.word("shadow", say("editor-status-shadow")),
                self.word("draft", say("editor-status-draft")),
            ],
            Sort::Occasion => vec![
                self.word("case", say("editor-once-per-case")),
                self.word("phase", say("editor-once-per-phase")),
                self.word("record", say("editor-once-per-record")),
            ],
            Sort::Otherwise => vec![self.plain("otherwise", say("editor-otherwise"), CompletionItemKind::KEYWORD)],
            Sort::Each => vec![self.word("record", say("guide-key-each"))],
            Sort::Word(field) => self.words(field),
            _ => self.of_tables(sort),
        }
    }

    /// The names that the pack's tables give.
    fn of_tables(&self, sort: &Sort) -> Vec<Name> {
        let tables = self.tables;
        let describe = self.describe();
        let named = |label: &str, (detail, doc): (String, String)| Name {
            label: label.to_owned(),
            detail,
            doc,
            snippet: None,
            icon: CompletionItemKind::CONSTANT,
        };
        match sort {
            Sort::Kind => tables.schema.kinds().iter().map(|kind| named(&kind.name, describe.kind(kind))).collect(),
            Sort::Threshold => {
                let all = tables.thresholds.all().iter();
                all.map(|threshold| named(&threshold.name, describe.threshold(threshold))).collect()
            }
            Sort::Phase => {
                let phases = tables.timeline.phases.iter();
                phases.map(|phase| named(&phase.id, describe.phase(phase))).collect()
            }
            Sort::Stage => tables.timeline.stages.iter().map(|stage| named(&stage.id, describe.stage(stage))).collect(),
            Sort::Citation => tables.citations.iter().map(|law| named(&law.id, describe.citation(law))).collect(),
            Sort::Role => {
                let roles = self.roles();
                roles.into_iter().map(|(id, name)| named(&id, (name.clone(), describe.role(&id, &name)))).collect()
            }
            Sort::Agency => tables.agencies.iter().map(|agency| named(&agency.id, describe.agency(agency))).collect(),
            Sort::List => tables.lists.iter().map(|list| named(&list.name, describe.list(list))).collect(),
            Sort::Kabupaten => {
                let name = |code: &String| region::kabupaten_name(code).unwrap_or_default().to_owned();
                tables.area.iter().map(|code| named(code, (name(code), String::new()))).collect()
            }
            Sort::Source => {
                let sources = tables.sources.iter();
                sources.map(|source| named(&source.id, (source.name.clone(), String::new()))).collect()
            }
            Sort::Group => {
                let groups = Group::ALL.iter().filter(|(group, _)| *group != Group::Envelope);
                groups.map(|(group, word)| named(word, describe.group(*group))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn describe(&self) -> Describe<'_> {
        Describe { tables: self.tables, language: self.language }
    }

    fn say(&self, text: &Text) -> String {
        text.render(self.language)
    }

    fn plain(&self, label: &str, text: Text, icon: CompletionItemKind) -> Name {
        let doc = self.say(&text);
        Name { label: label.to_owned(), detail: String::new(), doc, snippet: None, icon }
    }

    fn word(&self, label: &str, text: Text) -> Name {
        self.plain(label, text, CompletionItemKind::ENUM_MEMBER)
    }

    fn key(&self, name: &str, value: &str, text: &Text) -> Name {
        let snippet = Some(format!("{name}: {value},"));
        Name { snippet, ..self.plain(name, text.clone(), CompletionItemKind::PROPERTY) }
    }

    fn functions(&self) -> Vec<Name> {
        let functions = guide::FUNCTIONS.iter().map(|function| Name {
            label: function.name.to_owned(),
            detail: function.form.to_owned(),
            doc: format!(
                "```rhai\n{}\n```\n{}\n```rhai\n{}\n```",
                function.form,
                self.say(&function.text),
                function.example
            ),
            snippet: Some(function.snippet.to_owned()),
            icon: CompletionItemKind::FUNCTION,
        });
        functions.collect()
    }

    fn helpers(&self) -> Vec<Name> {
        let text = self.files.get(self.path).map_or("", String::as_str);
        let helpers = self.notes.iter().filter_map(|note| {
            let Note::Helper(name, params, at) = note else { return None };
            let form = format!("{name}({})", params.join(", "));
            let places: Vec<String> =
                params.iter().enumerate().map(|(index, param)| format!("${{{}:{param}}}", index + 1)).collect();
            let lines: Vec<&str> = text.get(..at.start)?.lines().collect();
            let before = lines.iter().rev().skip(1).take_while(|line| line.starts_with("//"));
            let mut said: Vec<&str> = before.map(|line| line.trim_start_matches('/').trim()).collect();
            said.reverse();
            Some(Name {
                label: name.clone(),
                detail: form.clone(),
                doc: format!("```rhai\nfn {form}\n```\n{}", said.join("\n")),
                snippet: Some(format!("{name}({})", places.join(", "))),
                icon: CompletionItemKind::METHOD,
            })
        });
        helpers.collect()
    }

    fn values(&self) -> Vec<Name> {
        let text = self.files.get(self.path).map_or("", String::as_str);
        let values = self.notes.iter().filter_map(|note| {
            let Note::Key(path, name, at) = note else { return None };
            if path.as_slice() != ["values"] {
                return None;
            }
            let line = text.get(at.start..)?.lines().next()?.trim_end().trim_end_matches(',');
            let doc = format!("```rhai\n{line}\n```\n{}", self.say(&say("editor-value")));
            Some(Name { doc, ..self.plain(name, say("editor-value"), CompletionItemKind::VARIABLE) })
        });
        values.collect()
    }

    fn skeletons(&self) -> Vec<Name> {
        let rule = format!(
            "rule(\"{}\", #{{\n  title: \"${{1}}\",\n  status: \"draft\",\n  severity: \"siaga-3\",\n  notify: [\"${{2}}\"],\n  \
             basis: [\"${{3}}\"],\n  per: \"${{4:person}}\",\n  on: [\"${{5:lodging.check_in}}\"],\n  when: ${{6}},\n  \
             message: `${{7}}`,\n}});",
            stem(self.path)
        );
        let helper = "fn ${1:name}(${2:x}) { ${3} }".to_owned();
        let icon = CompletionItemKind::SNIPPET;
        vec![
            Name { snippet: Some(rule), ..self.plain("rule", say("editor-rule"), icon) },
            Name { snippet: Some(helper), ..self.plain("fn", say("editor-helper"), icon) },
        ]
    }

    fn keys(&self, keys: &[Key]) -> Vec<Name> {
        keys.iter().map(|key| self.key(key.name, key.snippet, &key.text)).collect()
    }

    /// Each field below a section: the rest of its path.
    fn below(&self, section: &str) -> impl Iterator<Item = (&str, &Field)> {
        let prefix = if section.is_empty() { String::new() } else { format!("{section}.") };
        self.tables.schema.fields().iter().filter_map(move |field| Some((field.path.strip_prefix(&prefix)?, field)))
    }

    fn field(&self, label: &str, field: &Field) -> Name {
        let (detail, doc) = self.describe().field(field);
        Name { label: label.to_owned(), detail, doc, snippet: None, icon: CompletionItemKind::FIELD }
    }

    /// What rules read below a section.
    fn fields(&self, section: &str) -> Vec<Name> {
        let mut names: Vec<Name> = self.below(section).map(|(rest, field)| self.field(rest, field)).collect();
        if section.is_empty() {
            names.extend(self.envelope());
        }
        let is_text = self.tables.schema.field_id(section).and_then(|id| self.tables.schema.field(id));
        if is_text.is_some_and(|field| matches!(field.ty, Type::Text | Type::Choice(_))) {
            let tests = self.functions().into_iter().filter(|name| name.detail.starts_with("text."));
            names.extend(tests.map(|name| Name { snippet: Some(format!("{}(\"${{1}}\")", name.label)), ..name }));
        }
        names
    }

    fn envelope(&self) -> Vec<Name> {
        let part = |name, text| self.plain(name, text, CompletionItemKind::FIELD);
        vec![
            part("kind", say("editor-envelope-kind")),
            part("source", say("editor-envelope-source")),
            part("id", say("editor-envelope-id")),
            part("occurred_at", say("editor-envelope-occurred-at")),
        ]
    }

    /// What a section of a test's record can state: its fields and the sections in it.
    fn stated(&self, section: &str) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for (rest, field) in self.below(section) {
            match rest.split_once('.') {
                None => names.push(Name { snippet: Some(format!("{rest}: ")), ..self.field(rest, field) }),
                Some((inner, _)) if names.iter().any(|name| name.label == inner) => {}
                Some((inner, _)) => names.push(Name {
                    snippet: Some(format!("{inner}: #{{ ${{1}} }}")),
                    ..self.plain(inner, say("editor-section"), CompletionItemKind::STRUCT)
                }),
            }
        }
        if section.is_empty() {
            let envelope = self.envelope().into_iter();
            names.extend(envelope.map(|name| Name { snippet: Some(format!("{}: \"${{1}}\"", name.label)), ..name }));
        }
        names
    }

    fn matches(&self) -> Vec<Name> {
        let fields = self.tables.schema.fields().iter().map(|field| self.field(&field.path, field));
        fields.chain(self.subjects()).collect()
    }

    fn subjects(&self) -> Vec<Name> {
        let text = |kind| match kind {
            SubjectKind::Person => say("editor-subject-person"),
            SubjectKind::Nik => say("editor-subject-nik"),
            SubjectKind::Lodging => say("editor-subject-lodging"),
            SubjectKind::Sponsor => say("editor-subject-sponsor"),
            SubjectKind::Event => say("editor-subject-event"),
            SubjectKind::Source => say("editor-subject-source"),
            SubjectKind::Record => say("editor-subject-record"),
        };
        SubjectKind::ALL.iter().map(|(kind, word)| self.word(word, text(*kind))).collect()
    }

    fn severities(&self) -> Vec<Name> {
        let text = |severity| match severity {
            Severity::Siaga1 => say("editor-siaga-1"),
            Severity::Siaga2 => say("editor-siaga-2"),
            Severity::Siaga3 => say("editor-siaga-3"),
            Severity::Silent => say("editor-silent"),
        };
        Severity::ALL.iter().map(|(severity, word)| self.word(word, text(*severity))).collect()
    }

    fn words(&self, field: &str) -> Vec<Name> {
        let known = self.tables.schema.field_id(field).and_then(|id| self.tables.schema.field(id));
        let Some(Type::Choice(words)) = known.map(|field| field.ty) else { return Vec::new() };
        let text = |word| Text::Plain(choice_name(word).unwrap_or_default().to_owned());
        words.iter().map(|word| self.word(word, text(word))).collect()
    }

    /// A rule by its file, as far as that says what it is for.
    fn rule(&self, path: &str) -> Name {
        let text = self.files.get(path).map_or("", String::as_str);
        // what comes last is the greater part of most rules
        let notes = lexer::look(text, text.find("tests:").unwrap_or(text.len())).notes;
        let said = |key: &str| {
            let texts = notes.iter().filter_map(|note| match note {
                Note::Text(path, text) if path.as_slice() == [key] => Some(text.as_str()),
                _ => None,
            });
            texts.collect::<String>()
        };
        let doc = format!("{}\n\n{}", said("flags"), said("why"));
        Name {
            label: stem(path).to_owned(),
            detail: said("title"),
            doc: doc.trim().to_owned(),
            snippet: None,
            icon: CompletionItemKind::CLASS,
        }
    }

    /// The roles as the file of agencies has them now: id and name.
    fn roles(&self) -> Vec<(String, String)> {
        let text = self.files.get("agencies.toml").map_or("", String::as_str);
        let mut roles: BTreeMap<usize, (String, String)> = BTreeMap::new();
        for entry in table::entries(text).into_iter().filter(|entry| entry.header == "role") {
            let role = roles.entry(entry.table).or_default();
            match entry.key.as_str() {
                "id" => role.0 = entry.value,
                "name" => role.1 = entry.value,
                _ => {}
            }
        }
        roles.into_values().filter(|(id, _)| !id.is_empty()).collect()
    }
}
