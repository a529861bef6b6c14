//! A workbook's container, looked through before anything reads the workbook: what it is, what it would unpack to, and
//! whether all of it is there.
//!
//! Sizes are those that its directory states. They can lie: the reader of zips, here and within the reader of
//! workbooks, ends with an error where a part goes on beyond its size.

use std::io::{BufReader, Read, SeekFrom};

use memchr::memmem;
use zip::ZipArchive;

use super::refusal::Foreign;
use super::vet::Vet;
use super::{Limits, Refusal, Source};

/// How far from the end of a zip its directory's summary can begin, in bytes: a comment of 64 KiB follows it.
const SUMMARY_WITHIN: u64 = 22 + 4 + 65_536;
/// What is unpacked at once, in bytes.
const READ_BYTES: usize = 64 * 1024;
const SUMMARY: &[u8] = b"PK\x05\x06";

/// Refuses what is no workbook, not a whole one, or more than is taken.
pub(super) fn vet(input: &mut impl Source, size: u64, limits: &Limits) -> Result<(), Refusal> {
    few_parts(input, size, limits)?;
    let mut zip = ZipArchive::new(BufReader::new(&mut *input)).map_err(|_| Refusal::Damaged)?;
    if zip.has_duplicate_names() {
        return Err(Refusal::Damaged);
    }
    let parts = (0..zip.len()).map(|index| Part::of(&zip, index)).collect::<Result<Vec<_>, _>>()?;
    recognise(&mut zip, &parts)?;
    let stated = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.bytes));
    let most_at_ratio = size.saturating_mul(limits.ratio).max(limits.ratio_free_bytes);
    if stated > limits.unpacked_bytes || stated > most_at_ratio {
        return Err(Refusal::UnpacksTooLarge { mb: stated / 1_000_000 });
    }
    let mut seen = Vet::new(limits);
    for (index, part) in parts.iter().enumerate() {
        let file = zip.by_index(index).map_err(|_| Refusal::Damaged)?;
        if part.is_xml() {
            seen.part(&mut BufReader::with_capacity(READ_BYTES, file))?;
        }
    }
    input.seek(SeekFrom::Start(0)).map_err(Refusal::unreadable)?;
    Ok(())
}

/// The directory is read whole into memory, so its summary is looked at first.
fn few_parts(input: &mut impl Source, size: u64, limits: &Limits) -> Result<(), Refusal> {
    let from = size.saturating_sub(SUMMARY_WITHIN);
    input.seek(SeekFrom::Start(from)).map_err(Refusal::unreadable)?;
    let mut end = Vec::new();
    input.take(SUMMARY_WITHIN).read_to_end(&mut end).map_err(Refusal::unreadable)?;
    let summaries: Vec<&[u8]> =
        memmem::find_iter(&end, SUMMARY).filter_map(|place| end.get(place..place + 22)).collect();
    if summaries.is_empty() {
        return Err(Refusal::Damaged);
    }
    for summary in summaries {
        let [_, _, _, _, _, _, _, _, _, _, count @ .., _, _] = summary else { continue };
        let [a, b, sizes @ ..] = count else { continue };
        // all ones: it says elsewhere how many and where, which only containers beyond 4 GB need
        if usize::from(u16::from_le_bytes([*a, *b])) > limits.parts || sizes.chunks(4).any(|size| size == [0xff; 4]) {
            return Err(Refusal::TooManyParts { most: limits.parts as u64 });
        }
    }
    Ok(())
}

struct Part {
    name: String,
    bytes: u64,
}

impl Part {
    fn of<R: Read + std::io::Seek>(zip: &ZipArchive<R>, index: usize) -> Result<Self, Refusal> {
        let entry = zip.by_index_data(index).map_err(|_| Refusal::Damaged)?;
        if entry.encrypted() {
            return Err(Refusal::Password);
        }
        let name = entry.name().map_err(|_| Refusal::Damaged)?.to_ascii_lowercase().replace('\\', "/");
        Ok(Part { name, bytes: entry.size() })
    }

    fn is_xml(&self) -> bool {
        self.name.ends_with(".xml") || self.name.ends_with(".rels")
    }
}

/// What the names of its parts tell about a container.
fn recognise<R: Read + std::io::Seek>(zip: &mut ZipArchive<R>, parts: &[Part]) -> Result<(), Refusal> {
    let has = |name: &str| parts.iter().any(|part| part.name == name);
    if parts.iter().any(|part| part.name.ends_with("vbaproject.bin") || part.name.contains("/macrosheets/")) {
        Err(Refusal::Macros)
    } else if has("xl/workbook.bin") {
        Err(Refusal::OtherWorkbook(".xlsb"))
    } else if has("word/document.xml") || has("ppt/presentation.xml") {
        Err(Refusal::NotATable(Foreign::Document))
    } else if has("mimetype") {
        let mut kind = String::new();
        let file = zip.by_name("mimetype").map_err(|_| Refusal::Damaged)?;
        file.take(100).read_to_string(&mut kind).map_err(|_| Refusal::Damaged)?;
        let spreadsheet = kind.contains("spreadsheet");
        Err(if spreadsheet { Refusal::OtherWorkbook(".ods") } else { Refusal::NotATable(Foreign::Document) })
    } else if !has("_rels/.rels") {
        Err(Refusal::NotATable(Foreign::Archive))
    } else {
        Ok(())
    }
}
