//! The XML of a workbook's parts, read once without keeping anything: whole, without entities, shallow, and with no
//! more in it than the reader of workbooks may hold in memory.

use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Limits, Refusal};

/// The longest tag or text without a tag, in bytes: as much as one row.
const PIECE_BYTES: u64 = 1024 * 1024;
/// The elements of which the reader of workbooks keeps something each.
const KEPT: &[&str] = &["font", "fill", "border", "xf", "numFmt", "definedName", "Relationship", "sheet"];
/// The relations along which it goes from part to part.
const FOLLOWED: &[&str] = &["worksheet", "chartsheet", "dialogsheet", "officeDocument"];

/// What was seen so far, over all parts.
pub(super) struct Vet<'a> {
    limits: &'a Limits,
    cells: u64,
    strings: u64,
    kept: u64,
    kept_bytes: u64,
}

/// Where a part is read.
#[derive(Default)]
struct Place {
    depth: usize,
    /// How deep the outermost element stands whose text is kept.
    keeps_from: Option<usize>,
    /// The text of the row, string or other item that is read.
    item_bytes: usize,
}

impl<'a> Vet<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Vet { limits, cells: 0, strings: 0, kept: 0, kept_bytes: 0 }
    }

    /// Reads a part to its end.
    pub(super) fn part(&mut self, input: &mut impl BufRead) -> Result<(), Refusal> {
        let mut reader = Reader::from_reader(Bounded { input, since: 0 });
        let (mut place, mut buffer) = (Place::default(), Vec::new());
        loop {
            buffer.clear();
            reader.get_mut().since = 0;
            match reader.read_event_into(&mut buffer).map_err(|_| Refusal::Damaged)? {
                Event::Start(tag) => {
                    place.depth += 1;
                    self.tag(&tag, &mut place)?;
                }
                Event::Empty(tag) => {
                    place.depth += 1;
                    self.tag(&tag, &mut place)?;
                    self.end(&mut place);
                }
                Event::End(_) => self.end(&mut place),
                Event::Text(text) => self.text(text.len(), &mut place)?,
                Event::CData(text) => self.text(text.len(), &mut place)?,
                Event::GeneralRef(name) => self.text(name.len(), &mut place)?,
                Event::DocType(_) => return Err(Refusal::Entities),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof if place.depth > 0 => return Err(Refusal::Damaged),
                Event::Eof => return Ok(()),
            }
        }
    }

    fn tag(&mut self, tag: &BytesStart, place: &mut Place) -> Result<(), Refusal> {
        if place.depth > self.limits.depth {
            return Err(Refusal::Damaged);
        }
        match tag.local_name().as_ref() {
            "c" => self.cells += 1,
            "si" => {
                self.strings += 1;
                place.keeps_from.get_or_insert(place.depth);
            }
            // room is made for as many as it says
            "sst" => {
                let said = attribute(tag, "uniqueCount")?.and_then(|count| count.parse().ok()).unwrap_or(0);
                self.strings = self.strings.max(said);
            }
            name if KEPT.contains(&name) => {
                self.kept += 1;
                self.kept_bytes += tag.len() as u64;
                if name == "definedName" {
                    place.keeps_from.get_or_insert(place.depth);
                } else if name == "Relationship" {
                    leads_to_xml(tag)?;
                }
            }
            _ => {}
        }
        self.few()
    }

    fn text(&mut self, bytes: usize, place: &mut Place) -> Result<(), Refusal> {
        place.item_bytes += bytes;
        if place.keeps_from.is_some() {
            self.kept_bytes += bytes as u64;
        }
        // written out, a text takes more room than in memory: `&amp;`
        if place.item_bytes > self.limits.row_bytes.saturating_mul(4) {
            return Err(Refusal::TooMuchText);
        }
        self.few()
    }

    fn end(&mut self, place: &mut Place) {
        if place.keeps_from == Some(place.depth) {
            place.keeps_from = None;
        }
        place.depth = place.depth.saturating_sub(1);
        // rows and strings stand in the second level and below it
        if place.depth <= 2 {
            place.item_bytes = 0;
        }
    }

    fn few(&self) -> Result<(), Refusal> {
        if self.cells > self.limits.cells {
            Err(Refusal::TooManyCells { most: self.limits.cells })
        } else if self.strings > self.limits.strings || self.kept_bytes > self.limits.string_bytes {
            Err(Refusal::TooMuchText)
        } else if self.kept > self.limits.formats {
            Err(Refusal::TooManyFormats { most: self.limits.formats })
        } else {
            Ok(())
        }
    }
}

/// What is followed must be a part that was looked at.
fn leads_to_xml(tag: &BytesStart) -> Result<(), Refusal> {
    let kind = attribute(tag, "Type")?.unwrap_or_default();
    let target = attribute(tag, "Target")?.unwrap_or_default();
    let followed = kind.contains('&') || FOLLOWED.iter().any(|name| kind.ends_with(name));
    if followed && !target.to_ascii_lowercase().ends_with(".xml") { Err(Refusal::Damaged) } else { Ok(()) }
}

fn attribute(tag: &BytesStart, name: &str) -> Result<Option<String>, Refusal> {
    let found = tag.try_get_attribute(name).map_err(|_| Refusal::Damaged)?;
    Ok(found.map(|attribute| attribute.value.into_owned()))
}

/// Input that ends with an error where one piece takes too much of it.
struct Bounded<'a, R: BufRead> {
    input: &'a mut R,
    since: u64,
}

impl<R: BufRead> Read for Bounded<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.input.read(out)
    }
}

impl<R: BufRead> BufRead for Bounded<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > PIECE_BYTES { Err(io::Error::other("a piece without an end")) } else { self.input.fill_buf() }
    }

    fn consume(&mut self, bytes: usize) {
        self.since += bytes as u64;
        self.input.consume(bytes);
    }
}
