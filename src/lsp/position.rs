//! Places in a text as bytes, and as lines and columns of the protocol.

use std::ops::Range;

use lsp_types::Position;

/// What a column counts; agreed on with the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16, which every client knows.
    #[default]
    Utf16,
}

impl Encoding {
    fn length(self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
        }
    }

    /// The byte of a position; one beyond a line's end is that end.
    pub fn offset(self, text: &str, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let start = match line.checked_sub(1) {
            None => 0,
            Some(newline) => match memchr::memchr_iter(b'\n', text.as_bytes()).nth(newline) {
                Some(end) => end + 1,
                None => return text.len(),
            },
        };
        let line = text.get(start..).unwrap_or("").split('\n').next().unwrap_or("").trim_end_matches('\r');
        let mut left = usize::try_from(position.character).unwrap_or(usize::MAX);
        for (index, c) in line.char_indices() {
            if left < self.length(c) {
                return start + index;
            }
            left -= self.length(c);
        }
        start + line.len()
    }

    /// The position of a byte; one beyond the text's end is that end.
    pub fn position(self, text: &str, byte: usize) -> Position {
        let mut byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = text.get(..byte).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count();
        let column: usize = before.get(start..).unwrap_or("").chars().map(|c| self.length(c)).sum();
        let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Position::new(number(line), number(column))
    }

    /// The positions of a span of bytes.
    pub fn range(self, text: &str, span: Range<usize>) -> lsp_types::Range {
        lsp_types::Range::new(self.position(text, span.start), self.position(text, span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_there_and_back_in_both_encodings() {
        let text = "satu\r\nd\u{e9}a \u{1f3db}x\r\n\r\nakhir";
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (byte, _) in text.char_indices().filter(|(_, c)| *c != '\n').chain([(text.len(), ' ')]) {
                assert_eq!(encoding.offset(text, encoding.position(text, byte)), byte, "{encoding:?} {byte}");
            }
        }
        let x = text.find('x').unwrap();
        assert_eq!(Encoding::Utf16.position(text, x), Position::new(1, 6));
        assert_eq!(Encoding::Utf8.position(text, x), Position::new(1, 9));
    }

    #[test]
    fn places_beyond_a_line_or_the_text_are_their_ends() {
        let text = "satu\r\ndua";
        for (position, byte) in [((0, 99), 4), ((1, 99), 9), ((7, 0), 9)] {
            assert_eq!(Encoding::Utf16.offset(text, Position::new(position.0, position.1)), byte, "{position:?}");
        }
        assert_eq!(Encoding::Utf16.position(text, 99), Position::new(1, 3));
    }
}
