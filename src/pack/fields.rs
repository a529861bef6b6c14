//! `fields.toml`: the fields and kinds that a pack adds to the schema.

use toml::Spanned;

use crate::record::schema::{Group, Schema, Type};

use super::diagnostic::{Code, Diagnostic};
use super::files::Files;
use super::tables::{FieldFile, FieldsFile, KindFile};
use super::toml_file;
use super::unknown_word;
use crate::words::{Text, say};

const PATH: &str = "fields.toml";

/// The types that a pack can give a field.
const TYPES: [(&str, Type); 5] =
    [("bool", Type::Bool), ("int", Type::Int), ("number", Type::Number), ("text", Type::Text), ("time", Type::Time)];

/// Words that rhai keeps for itself: a field of that name could not be read.
const RESERVED: [&str; 10] = ["default", "case", "match", "with", "is", "module", "package", "let", "if", "until"];

/// Words of fields that say who somebody is: a pack cannot open them to conditions.
const WHO: [&str; 18] = [
    "nationality",
    "kewarganegaraan",
    "citizenship",
    "issuer",
    "country",
    "negara",
    "religion",
    "agama",
    "ethnicity",
    "ethnic",
    "etnis",
    "suku",
    "race",
    "ras",
    "sex",
    "gender",
    "kelamin",
    "mrz",
];

/// The schema with what the pack adds; what is wrong goes to `problems`.
pub fn schema(files: &Files, problems: &mut Vec<Diagnostic>) -> Schema {
    let mut schema = Schema::default();
    if files.text(PATH).is_none() {
        return schema;
    }
    let file: FieldsFile = toml_file::read(files, PATH, problems).unwrap_or_default();
    for field in &file.field {
        add_field(&mut schema, files, field, problems);
    }
    for kind in &file.kind {
        add_kind(&mut schema, files, kind, problems);
    }
    schema
}

fn add_field(schema: &mut Schema, files: &Files, field: &FieldFile, problems: &mut Vec<Diagnostic>) {
    let path = field.path.get_ref();
    let ty = TYPES.iter().find(|(word, _)| word == field.ty.get_ref()).map(|(_, ty)| *ty);
    let group = Group::ALL.iter().find(|(_, word)| word == field.group.get_ref()).map(|(group, _)| *group);
    if ty.is_none() {
        problems.push(unknown_word(files, PATH, &field.ty, say("thing-type"), &TYPES.map(|(word, _)| word)));
    }
    if group.is_none() {
        problems.push(unknown_word(files, PATH, &field.group, say("thing-group"), &Group::ALL.map(|(_, word)| word)));
    }
    let tells_who = group == Some(Group::Identity) || path.split(['.', '_']).any(|word| WHO.contains(&word));
    if tells_who && !field.protected {
        let message = say("protected-declare").with("field", path.as_str());
        let text = files.text(PATH).unwrap_or("");
        let problem = Diagnostic::error(Code::Protected, PATH, text, field.path.span(), message);
        problems.push(problem.help(say("protected-declare-help")));
    }
    if let Some((message, help)) = objection(schema, path) {
        problems.push(wrong(files, &field.path, message, help));
    } else if let (Some(ty), Some(group)) = (ty, group) {
        schema.add_field(path, ty, group, field.protected);
    }
}

fn objection(schema: &Schema, path: &str) -> Option<(Text, Text)> {
    let is_word =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let parts: Vec<&str> = path.split('.').collect();
    if parts.len() < 2 || !parts.iter().all(|part| is_word(part)) {
        return Some((say("field-no-path").with("path", path), say("field-no-path-help")));
    }
    if let Some(reserved) = parts.iter().find(|part| RESERVED.contains(part)) {
        return Some((say("field-reserved").with("word", *reserved), say("field-rename-help")));
    }
    let is_known = schema.field_id(path).is_some() || schema.is_section(path);
    is_known.then(|| (say("field-known").with("path", path), say("field-known-help")))
}

fn add_kind(schema: &mut Schema, files: &Files, kind: &KindFile, problems: &mut Vec<Diagnostic>) {
    let name = kind.name.get_ref();
    if schema.kind_id(name).is_some() {
        let message = say("field-known").with("path", name.as_str());
        problems.push(wrong(files, &kind.name, message, say("field-rename-help")));
        return;
    }
    let unknown = kind.requires.iter().flat_map(|alternatives| alternatives.split('|'));
    let unknown: Vec<&str> =
        unknown.filter(|path| schema.field_id(path).is_none() && !schema.is_section(path)).collect();
    if !unknown.is_empty() {
        let message = say("field-kind-requires").with("kind", name.as_str()).with("fields", unknown.join("`, `"));
        problems.push(wrong(files, &kind.name, message, say("field-kind-requires-help")));
        return;
    }
    let requires: Vec<&str> = kind.requires.iter().map(String::as_str).collect();
    schema.add_kind(name, &requires);
}

fn wrong(files: &Files, at: &Spanned<String>, message: Text, help: Text) -> Diagnostic {
    Diagnostic::error(Code::Field, PATH, files.text(PATH).unwrap_or(""), at.span(), message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn read(text: &str) -> (Schema, Vec<String>) {
        let mut files = Files::default();
        files.texts.insert(PATH.to_owned(), text.to_owned());
        let mut problems = Vec::new();
        let schema = schema(&files, &mut problems);
        (schema, problems.into_iter().map(|problem| problem.message.render(Language::English)).collect())
    }

    #[test]
    fn a_pack_adds_fields_and_kinds() {
        let (schema, problems) = read(
            "[[field]]\npath = \"vehicle.plate\"\ntype = \"text\"\ngroup = \"work\"\nprotected = true\n\
             [[kind]]\nname = \"vehicle.seen\"\nrequires = [\"person\", \"vehicle.plate|place\"]\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let field = schema.field_id("vehicle.plate").and_then(|id| schema.field(id)).unwrap();
        assert!(field.protected && field.group == Group::Work);
        assert!(schema.kind_id("vehicle.seen").is_some());
    }

    #[test]
    fn what_does_not_fit_the_schema_is_said() {
        let field = |path: &str, ty: &str, group: &str| {
            format!("[[field]]\npath = \"{path}\"\ntype = \"{ty}\"\ngroup = \"{group}\"\nprotected = false\n")
        };
        let cases = [
            (field("plate", "text", "work"), "`plate` is no path"),
            (field("vehicle.is", "text", "work"), "`is` is a word of the rule language"),
            (field("permit.kind", "text", "work"), "the schema has `permit.kind` already"),
            (field("vehicle.plate", "string", "work"), "there is no type `string`"),
            (field("vehicle.plate", "text", "works"), "there is no group of fields `works`"),
            ("[[kind]]\nname = \"stay.hint\"\n".to_owned(), "the schema has `stay.hint` already"),
            (
                "[[kind]]\nname = \"vehicle.seen\"\nrequires = [\"vehicle.plate\"]\n".to_owned(),
                "`vehicle.seen` requires `vehicle.plate`, which the schema does not have",
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(&text).1, [wanted], "{text}");
        }
    }
}
