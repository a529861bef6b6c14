//! Workbooks put together from their parts, right or wrong.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The parts of a workbook, by name.
#[derive(Default)]
pub struct Book {
    parts: Vec<(String, Vec<u8>)>,
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

impl Book {
    /// A workbook with one sheet, one shared text and four formats: plain, date, time, and hours beyond a day.
    pub fn of_rows(rows: &str) -> Self {
        let package = format!(
            r#"<Relationships><Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        );
        let workbook =
            r#"<workbook><workbookPr/><sheets><sheet name="Tamu" sheetId="1" r:id="r1"/></sheets></workbook>"#;
        let links = format!(
            r#"<Relationships><Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
        );
        let strings = r#"<sst count="1" uniqueCount="1"><si><t>dari daftar</t></si></sst>"#;
        let styles = r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="21"/><xf numFmtId="46"/></cellXfs></styleSheet>"#;
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        Book::default()
            .with("_rels/.rels", package.as_bytes())
            .with("xl/workbook.xml", workbook.as_bytes())
            .with("xl/_rels/workbook.xml.rels", links.as_bytes())
            .with("xl/sharedStrings.xml", strings.as_bytes())
            .with("xl/styles.xml", styles.as_bytes())
            .with("xl/worksheets/sheet1.xml", sheet.as_bytes())
    }

    pub fn with(mut self, name: &str, bytes: &[u8]) -> Self {
        self.parts.push((name.to_owned(), bytes.to_vec()));
        self
    }

    /// Puts `to` in place of `from`, which stands in the part.
    pub fn edit(&mut self, name: &str, from: &str, to: &str) {
        let (_, bytes) = self.parts.iter_mut().find(|(part, _)| part == name).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(from), "`{name}` has no `{from}`");
        *bytes = text.replace(from, to).into_bytes();
    }

    pub fn pack(&self) -> Vec<u8> {
        self.pack_with_blanks("", 0)
    }

    /// Packed with so many blanks at the end of a part.
    pub fn pack_with_blanks(&self, swollen: &str, count: usize) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let blanks = vec![b' '; 1_000_000];
        for (name, bytes) in &self.parts {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
            for _ in 0..if name == swollen { count / blanks.len() } else { 0 } {
                zip.write_all(&blanks).unwrap();
            }
        }
        zip.finish().unwrap().into_inner()
    }
}

/// Writes another unpacked size into the directory of a packed workbook.
pub fn tell_smaller(mut packed: Vec<u8>, name: &str, bytes: u32) -> Vec<u8> {
    // the last of the two times that the name stands in it is the directory's; the size stands 22 bytes before
    let place = packed.windows(name.len()).rposition(|window| window == name.as_bytes()).unwrap();
    packed[place - 22..place - 18].copy_from_slice(&bytes.to_le_bytes());
    packed
}
