//! What a file is, by its content: names lie, and `.xls` most of all.

use std::io::{Read, SeekFrom};

use memchr::memmem;

use super::refusal::Foreign;
use super::{Form, Refusal, Source};

/// What is looked at to tell forms apart, in bytes: marks stand within the first kilobyte.
const HEAD_BYTES: u64 = 4096;
/// How the container of older Office files, and of encrypted newer ones, begins.
pub(super) const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// How files begin that are no tables.
const BEGINNINGS: &[(&[u8], Foreign)] = &[
    (b"\x89PNG", Foreign::Image),
    (b"\xff\xd8\xff", Foreign::Image),
    (b"GIF8", Foreign::Image),
    (b"II*\0", Foreign::Image),
    (b"MM\0*", Foreign::Image),
    (b"%PDF-", Foreign::Pdf),
    (b"{\\rtf", Foreign::Document),
    (b"\x1f\x8b", Foreign::Archive),
    (b"Rar!", Foreign::Archive),
    (b"7z\xbc\xaf", Foreign::Archive),
    (b"MIME-Version:", Foreign::WebPage),
];

/// The form of a table, and the input at its start again.
pub(super) fn form(input: &mut impl Source) -> Result<Form, Refusal> {
    input.seek(SeekFrom::Start(0)).map_err(Refusal::unreadable)?;
    let mut head = Vec::new();
    input.take(HEAD_BYTES).read_to_end(&mut head).map_err(Refusal::unreadable)?;
    input.seek(SeekFrom::Start(0)).map_err(Refusal::unreadable)?;
    if head.starts_with(COMPOUND) {
        return Err(compound(input)?);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Form::Xlsx);
    }
    match foreign(&head) {
        Some(what) => Err(Refusal::NotATable(what)),
        None if (head.len() as u64) < HEAD_BYTES && head.iter().all(|byte| byte.is_ascii_whitespace()) => {
            Err(Refusal::Empty)
        }
        None => Ok(Form::Csv),
    }
}

fn foreign(head: &[u8]) -> Option<Foreign> {
    let found = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning));
    if let Some((_, what)) = found {
        return Some(*what);
    }
    // containers that name themselves a few bytes on: WebP, and the photographs of newer telephones
    let later = |place: usize, mark: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(mark));
    if (head.starts_with(b"RIFF") && later(8, b"WEBP"))
        || later(4, b"ftyp")
        || (head.starts_with(b"BM") && later(6, &[0; 4]))
    {
        return Some(Foreign::Image);
    }
    if memmem::find(head.get(..1024).unwrap_or(head), b"%PDF-").is_some() {
        return Some(Foreign::Pdf);
    }
    // UTF-16 has a NUL beside each letter
    let mut letters = head.iter().filter(|byte| !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff));
    let first = letters.find(|byte| !byte.is_ascii_whitespace());
    let opens = first == Some(&b'<')
        && letters.next().is_some_and(|next| matches!(next, b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z'));
    opens.then_some(Foreign::WebPage)
}

/// What a container of older Office files holds, by the names of its streams, which stand in UTF-16 anywhere in it.
fn compound(input: &mut impl Source) -> Result<Refusal, Refusal> {
    let names = ["EncryptedPackage", "WordDocument", "PowerPoint Document"].map(wide);
    let keep = names.iter().map(Vec::len).max().unwrap_or(0);
    let (mut window, mut found) = (Vec::new(), [false; 3]);
    loop {
        let read = input.take(1 << 20).read_to_end(&mut window).map_err(Refusal::unreadable)?;
        for (found, name) in found.iter_mut().zip(&names) {
            *found = *found || memmem::find(&window, name).is_some();
        }
        if read == 0 {
            break;
        }
        window.drain(..window.len().saturating_sub(keep));
    }
    Ok(match found {
        [true, ..] => Refusal::Password,
        [_, true, _] | [.., true] => Refusal::NotATable(Foreign::Document),
        _ => Refusal::OtherWorkbook(".xls"),
    })
}

pub(super) fn wide(name: &str) -> Vec<u8> {
    name.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
