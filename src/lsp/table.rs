//! A lexical look at a TOML file, whether or not it parses: its headers, keys and texts, and what encloses a place in it.

use std::ops::Range;

/// A header, or a text that is a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The table it belongs to: what stands between the brackets.
    pub header: String,
    /// Which table of the file that is, counted from its top.
    pub table: usize,
    /// The key; empty for a header itself.
    pub key: String,
    /// The text; for a header what stands between its brackets.
    pub value: String,
    /// Where it stands, without quotes and brackets.
    pub at: Range<usize>,
}

/// What is known of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// The table around it.
    pub header: String,
    /// The key whose value it is part of; none where a key is due.
    pub key: Option<String>,
    /// Where what was written so far begins.
    pub start: usize,
    /// Whether it is between quotes.
    pub is_text: bool,
    /// Whether it is in a comment or a header.
    pub is_other: bool,
}

/// The headers and texts of a file.
pub fn entries(text: &str) -> Vec<Entry> {
    let mut scan = Scan::new(text);
    scan.run();
    scan.entries
}

/// What encloses a byte of a file.
pub fn spot(text: &str, at: usize) -> Spot {
    let mut scan = Scan::new(text.get(..at).unwrap_or(text));
    scan.run();
    scan.spot
}

/// A table or list within a value.
struct Inline {
    opener: char,
    key: Option<String>,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Where the key that is being written begins.
    key_from: usize,
    key: Option<String>,
    open: Vec<Inline>,
    table: usize,
    entries: Vec<Entry>,
    spot: Spot,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Scan {
            text,
            at: 0,
            key_from: 0,
            key: None,
            open: Vec::new(),
            table: 0,
            entries: Vec::new(),
            spot: Spot::default(),
        }
    }

    fn run(&mut self) {
        while self.at < self.text.len() {
            self.step();
        }
        if !self.spot.is_text {
            let word = self.text.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-' || c == '.'));
            let sign = |at: usize| self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            self.spot.start = word.map_or(0, |at| at + sign(at));
        }
        self.spot.key = match self.open.iter().rev().find(|inline| inline.opener == '{' || inline.key.is_some()) {
            Some(inline) => inline.key.clone(),
            None => self.key.clone(),
        };
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn step(&mut self) {
        let rest = self.rest();
        self.spot.is_text = false;
        self.spot.is_other = false;
        let Some(c) = rest.chars().next() else { return };
        let begins_line = self.text.get(self.key_from..self.at).is_none_or(|before| before.trim().is_empty());
        match c {
            '#' => {
                self.at += rest.find('\n').unwrap_or(rest.len());
                self.spot.is_other = true;
            }
            '[' if self.open.is_empty() && self.key.is_none() && begins_line => self.header(),
            '"' | '\'' => self.text_in(c),
            '[' | '{' => {
                self.open.push(Inline { opener: c, key: None });
                self.pass(1);
            }
            ']' | '}' => {
                self.open.pop();
                self.pass(1);
            }
            '=' => {
                let key =
                    self.text.get(self.key_from..self.at).unwrap_or("").trim().trim_matches(['"', '\'']).to_owned();
                match self.open.last_mut() {
                    Some(inline) => inline.key = Some(key),
                    None => self.key = Some(key),
                }
                self.pass(1);
            }
            ',' => {
                if let Some(inline) = self.open.last_mut() {
                    inline.key = None;
                }
                self.pass(1);
            }
            '\n' => {
                if self.open.is_empty() {
                    self.key = None;
                }
                self.pass(1);
            }
            c => self.at += c.len_utf8(),
        }
    }

    /// Goes on; the next key begins there.
    fn pass(&mut self, bytes: usize) {
        self.at += bytes;
        self.key_from = self.at;
    }

    fn header(&mut self) {
        let line = self.rest().split(['\n', '#']).next().unwrap_or("");
        let inner = line.trim_start_matches('[');
        let start = self.at + line.len() - inner.len();
        let name = inner.trim_end().trim_end_matches(']');
        let at = start..start + name.len();
        self.spot.is_other = true;
        self.spot.header = name.trim().to_owned();
        self.table += 1;
        self.note(String::new(), self.spot.header.clone(), at);
        self.pass(line.len());
    }

    fn note(&mut self, key: String, value: String, at: Range<usize>) {
        self.entries.push(Entry { header: self.spot.header.clone(), table: self.table, key, value, at });
    }

    /// A text, as a key or as a value; without its quote it ends with its line.
    fn text_in(&mut self, quote: char) {
        let triple = if quote == '"' { "\"\"\"" } else { "'''" };
        if let Some(inner) = self.rest().strip_prefix(triple) {
            let length = inner.find(triple).map_or(inner.len(), |end| end + triple.len());
            self.at += triple.len() + length;
            self.spot.is_other = true;
            return;
        }
        let start = self.at + 1;
        let inner = self.text.get(start..).unwrap_or("");
        let mut is_escaped = false;
        let end = inner.char_indices().find(|(_, c)| {
            let is_end = *c == '\n' || (*c == quote && !is_escaped);
            is_escaped = quote == '"' && *c == '\\' && !is_escaped;
            is_end
        });
        let Some((length, sign)) = end else {
            self.at = self.text.len();
            self.spot.is_text = true;
            self.spot.start = start;
            return;
        };
        self.at = start + length + usize::from(sign == quote);
        let key = self.open.iter().rev().find_map(|inline| inline.key.clone()).or_else(|| self.key.clone());
        if let Some(key) = key {
            self.note(key, inner.get(..length).unwrap_or("").to_owned(), start..start + length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_its_table_and_key() {
        let cases = [
            ("[[agency]]\nroles = [\"ka|", "agency", Some("roles"), "ka"),
            ("[x.phase]\nten|", "x.phase", None, "ten"),
            ("[calendar.pack]\nphases = [\n  { phase = \"p|", "calendar.pack", Some("phase"), "p"),
            ("[calendar.pack]\nphases = [\n  { phase = \"p\", fr|", "calendar.pack", None, "fr"),
            ("a = \"x # [y]\" # \"z\nb = '|", "", Some("b"), ""),
            ("[[a]]\nk = \"open\n[b]\nc = \"|", "b", Some("c"), ""),
        ];
        for (marked, header, key, written) in cases {
            let text = marked.replace('|', "");
            let spot = spot(&text, text.len());
            assert_eq!((spot.header.as_str(), spot.key.as_deref()), (header, key), "{marked}");
            assert_eq!(&text[spot.start..], written, "{marked}");
        }
    }

    #[test]
    fn entries_are_headers_and_texts() {
        let text = "[[role]]\nid = \"kanim\" # x\n\"name\" = 'Kantor'\n[t.phase]\nten = 3\n";
        let found: Vec<(usize, String, String, &str)> =
            entries(text).into_iter().map(|entry| (entry.table, entry.key, entry.value, &text[entry.at])).collect();
        let entry = |table, key: &str, value: &str, at: &'static str| (table, key.to_owned(), value.to_owned(), at);
        assert_eq!(
            found,
            [
                entry(1, "", "role", "role"),
                entry(1, "id", "kanim", "kanim"),
                entry(1, "name", "Kantor", "Kantor"),
                entry(2, "", "t.phase", "t.phase"),
            ]
        );
    }
}
