//! `siaga template`: an empty workbook for who has no table yet, with explanations and lists to choose from.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

use super::{Exit, Streams, load_pack};
use crate::intake::map::country;
use crate::pack::Pack;
use crate::pack::profile::{Column, Form, Profile};
use crate::record::region::{self, Level};
use crate::words::{Language, Text, say};

/// The language of a template: who fills it in reads it.
const LANGUAGE: Language = Language::Indonesian;
/// Rows that are prepared to be filled in.
const ROWS: u32 = 2_000;
/// The longest list that a spreadsheet program takes into a cell's rule itself, in characters.
const MOST_LISTED: usize = 255;
/// The longest title and message beside a cell, in characters.
const MOST_TITLE: usize = 32;
/// How wide a column is.
const WIDTH: f64 = 20.0;
/// The sheet with the longer lists, and its columns.
const LISTS: &str = "Daftar";

/// What to fill in.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A profile of the pack, such as `apoa-tamu`, or a kind of record, such as `lodging.check_in`
    kind: String,
    /// The workbook to write
    #[arg(long, value_name = "FILE.xlsx")]
    xlsx: PathBuf,
    /// The pack's folder; left out, `rules/pilkada-2024` where it is there, else the built-in pack
    #[arg(long)]
    rules: Option<PathBuf>,
}

/// Writes a template.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let pack = load_pack(args.rules.as_deref(), streams)?;
    let profile = profile(&pack, &args.kind, streams.language)?;
    write(profile, &args.xlsx).with_context(|| format!("`{}` cannot be written", args.xlsx.display()))?;
    let written = say("template-written").with("path", args.xlsx.display().to_string());
    writeln!(streams.err, "{}", written.with("name", profile.name.as_str()).render(streams.language))?;
    Ok(Exit::Clean)
}

fn profile<'a>(pack: &'a Pack, kind: &str, language: Language) -> anyhow::Result<&'a Profile> {
    let of_kind = |profile: &&Profile| {
        let chosen = profile.column_of("kind").is_some_and(|(_, column)| column.words.contains_key(kind));
        profile.id.as_ref() == kind || profile.kind.as_deref() == Some(kind) || chosen
    };
    let profiles = || pack.profiles.all.iter().map(AsRef::as_ref);
    let found: Vec<&Profile> = profiles().filter(of_kind).collect();
    let listed = |profiles: Vec<&Profile>| {
        profiles.iter().map(|profile| format!("\n  {:<18} {}", profile.id, profile.name)).collect::<String>()
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => bail!("{}{}", said(say("template-unknown").with("kind", kind), language), listed(profiles().collect())),
        _ => bail!("{}{}", said(say("template-several").with("kind", kind), language), listed(found)),
    }
}

fn said(text: Text, language: Language) -> String {
    text.render(language)
}

fn write(profile: &Profile, path: &Path) -> Result<(), XlsxError> {
    let columns: Vec<&Column> = profile.columns.iter().filter(|column| column.field.is_some()).collect();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Isian")?;
    for (place, column) in (0..).zip(&columns) {
        fill(sheet, place, column)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    explain(book.add_worksheet().set_name("Penjelasan")?, profile, &columns)?;
    let sheet = book.add_worksheet().set_name(LISTS)?;
    for (place, list) in (0..).zip([country::names(), kecamatan()]) {
        for (row, name) in (0..).zip(list) {
            sheet.write_string(row, place, name)?;
        }
    }
    book.save(path)
}

fn kecamatan() -> Vec<&'static str> {
    region::all().iter().filter(|region| region.level == Level::Kecamatan).map(|region| region.name.as_str()).collect()
}

fn kabupaten() -> Vec<&'static str> {
    region::all().iter().filter(|region| region.level == Level::Kabupaten).map(|region| region.name.as_str()).collect()
}

/// One column to be filled in: header, form of its cells, explanation and list.
fn fill(sheet: &mut Worksheet, place: u16, column: &Column) -> Result<(), XlsxError> {
    let color = if column.required { 0xFF_E6_99 } else { 0xD9_E1_F2 };
    let bold = Format::new().set_bold().set_background_color(Color::RGB(color)).set_border(FormatBorder::Thin);
    sheet.write_string_with_format(0, place, header(column), &bold)?;
    sheet.set_column_width(place, WIDTH)?;
    let format = match column.form {
        Form::Date => "dd/mm/yyyy",
        Form::Time => "hh:mm",
        Form::Number | Form::Bool => "General",
        // as text, so that no zero in front is lost and no code becomes a number
        _ => "@",
    };
    sheet.set_column_format(place, &Format::new().set_num_format(format))?;
    let title: String = header(column).chars().take(MOST_TITLE).collect();
    let about: String = column.about.chars().take(MOST_LISTED).collect();
    let rule = list(column)?.set_input_title(title)?.set_input_message(about)?;
    sheet.add_data_validation(1, place, ROWS, place, &rule)?;
    Ok(())
}

fn header(column: &Column) -> String {
    let header = column.headers.first().map_or("", String::as_str);
    if column.required { format!("{header} *") } else { header.to_owned() }
}

/// What a cell lets choose from. A closed list takes nothing else; of countries and places other names are known too.
fn list(column: &Column) -> Result<DataValidation, XlsxError> {
    let rule = DataValidation::new();
    let range = |letter: char, list: usize| format!("={LISTS}!${letter}$1:${letter}${list}");
    match column.form {
        Form::Word | Form::Bool => {
            let words = choices(column);
            let fits = words.iter().map(|word| word.chars().count() + 1).sum::<usize>() <= MOST_LISTED;
            if fits { rule.allow_list_strings(&words) } else { Ok(rule) }
        }
        Form::Country => {
            let rule = rule.allow_list_formula(Formula::new(range('A', country::names().len())));
            Ok(rule.set_error_style(DataValidationErrorStyle::Warning))
        }
        Form::Region if column.field.as_deref() == Some("place.kecamatan") => {
            let rule = rule.allow_list_formula(Formula::new(range('B', kecamatan().len())));
            Ok(rule.set_error_style(DataValidationErrorStyle::Warning))
        }
        Form::Region => Ok(rule.allow_list_strings(&kabupaten())?.set_error_style(DataValidationErrorStyle::Warning)),
        _ => Ok(rule),
    }
}

/// The usual words of a closed list.
fn choices(column: &Column) -> Vec<&str> {
    if column.form == Form::Bool {
        return vec!["ya", "tidak"];
    }
    column.words.values().filter_map(|written| written.first()).map(String::as_str).collect()
}

fn explain(sheet: &mut Worksheet, profile: &Profile, columns: &[&Column]) -> Result<(), XlsxError> {
    let text = |text: Text| text.render(LANGUAGE);
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap();
    sheet.write_string_with_format(0, 0, &profile.name, &bold)?;
    sheet.write_string(1, 0, text(say("template-guide")))?;
    let titles = [
        text(say("template-column")),
        text(say("template-required")),
        text(say("template-about")),
        text(say("template-example")),
        text(say("template-choices")),
    ];
    for (place, (title, width)) in (0..).zip(titles.iter().zip([24.0, 10.0, 60.0, 30.0, 60.0])) {
        sheet.write_string_with_format(3, place, title, &bold)?;
        sheet.set_column_width(place, width)?;
    }
    for (row, column) in (4..).zip(columns) {
        let required = if column.required { text(say("template-yes")) } else { String::new() };
        let cells = [
            column.headers.first().cloned().unwrap_or_default(),
            required,
            column.about.clone(),
            column.examples.join("; "),
            choices(column).join(", "),
        ];
        for (place, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, place, cell, &wrapped)?;
        }
    }
    Ok(())
}
