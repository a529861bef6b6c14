//! Bytes of a text file to UTF-8 with `\n` at the end of every line, in one pass.
//!
//! A byte order mark decides for UTF-8 or UTF-16. Without one, the first letter beyond ASCII decides: where it is
//! UTF-8 the file is, and single bytes that break it later (texts pasted together) are read as Windows-1252; where it
//! is not, the whole file is Windows-1252, and everything before was ASCII, which is the same in both.

use std::fmt;
use std::io::Read;

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memchr;

use super::Refusal;
use super::refusal::Foreign;

/// What is read at once, in bytes.
const READ_BYTES: u64 = 64 * 1024;

/// A text file while it is read.
pub(super) struct Text {
    input: Box<dyn Read + Send>,
    encoding: Encoding,
    /// Bytes of a letter that the next piece completes.
    unread: Vec<u8>,
    after_return: bool,
    ended: bool,
}

enum Encoding {
    /// Nothing beyond ASCII was seen.
    Open,
    Utf8,
    Windows1252,
    Utf16(Box<Decoder>),
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Text {
    pub(super) fn new(mut input: Box<dyn Read + Send>) -> Result<Self, Refusal> {
        let mut mark = Vec::new();
        (&mut input).take(3).read_to_end(&mut mark).map_err(Refusal::unreadable)?;
        let (encoding, unread) = match mark.as_slice() {
            [0xef, 0xbb, 0xbf] => (Encoding::Utf8, Vec::new()),
            [0xff, 0xfe, rest @ ..] => (utf16(UTF_16LE.new_decoder_without_bom_handling()), rest.to_vec()),
            [0xfe, 0xff, rest @ ..] => (utf16(UTF_16BE.new_decoder_without_bom_handling()), rest.to_vec()),
            _ => (Encoding::Open, mark),
        };
        Ok(Text { input, encoding, unread, after_return: false, ended: false })
    }

    /// Adds the next piece to `out`; false where there is none. The last line ends with `\n` too.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> Result<bool, Refusal> {
        if self.ended {
            return Ok(false);
        }
        let mut bytes = std::mem::take(&mut self.unread);
        let read = (&mut self.input).take(READ_BYTES).read_to_end(&mut bytes).map_err(Refusal::unreadable)?;
        self.ended = (read as u64) < READ_BYTES;
        let from = out.len();
        let mut decoder = std::mem::replace(&mut self.encoding, Encoding::Open);
        match &mut decoder {
            Encoding::Utf16(decoder) => {
                let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0));
                drop(decoder.decode_to_string(&bytes, &mut text, self.ended));
                self.push(&text, out);
            }
            Encoding::Windows1252 => self.push(&WINDOWS_1252.decode_without_bom_handling(&bytes).0, out),
            Encoding::Open | Encoding::Utf8 => self.decode(&mut decoder, &bytes, out),
        }
        self.encoding = decoder;
        if memchr(0, out.get(from..).unwrap_or_default()).is_some() {
            return Err(Refusal::NotATable(Foreign::Binary));
        }
        if self.ended && out.last().is_some_and(|last| *last != b'\n') {
            out.push(b'\n');
        }
        Ok(true)
    }

    fn decode(&mut self, encoding: &mut Encoding, bytes: &[u8], out: &mut Vec<u8>) {
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            if !chunk.valid().is_ascii() {
                *encoding = Encoding::Utf8;
            }
            self.push(chunk.valid(), out);
            let broken = chunk.invalid();
            let unfinished = std::str::from_utf8(broken).err().is_some_and(|error| error.error_len().is_none());
            if unfinished && chunks.peek().is_none() && !self.ended {
                self.unread = broken.to_vec();
            } else if !broken.is_empty() && matches!(encoding, Encoding::Open) {
                *encoding = Encoding::Windows1252;
                let rest = bytes.get(bytes.len() - rest_bytes(broken, chunks)..).unwrap_or_default();
                return self.push(&WINDOWS_1252.decode_without_bom_handling(rest).0, out);
            } else {
                self.push(&WINDOWS_1252.decode_without_bom_handling(broken).0, out);
            }
        }
    }

    fn push(&mut self, text: &str, out: &mut Vec<u8>) {
        let mut rest = text.as_bytes();
        if !rest.is_empty() && std::mem::take(&mut self.after_return) {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(place) = memchr(b'\r', rest) {
            let (line, end) = rest.split_at(place);
            out.extend_from_slice(line);
            out.push(b'\n');
            self.after_return = end.len() == 1;
            rest = end.strip_prefix(b"\r\n").or_else(|| end.strip_prefix(b"\r")).unwrap_or(end);
        }
        out.extend_from_slice(rest);
    }
}

fn utf16(decoder: Decoder) -> Encoding {
    Encoding::Utf16(Box::new(decoder))
}

/// How many bytes there are from a break on.
fn rest_bytes<'a>(broken: &[u8], rest: impl Iterator<Item = std::str::Utf8Chunk<'a>>) -> usize {
    broken.len() + rest.map(|chunk| chunk.valid().len() + chunk.invalid().len()).sum::<usize>()
}
