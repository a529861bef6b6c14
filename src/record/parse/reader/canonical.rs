//! The RFC 8785 form of a record that was read without a tree.

use sha2::{Digest, Sha256};

use super::layout::NodeId;
use super::owned::Interner;
use super::{Buffer, Cell, Reading, Said};
use crate::record::parse::Parsed;

impl Reading<'_> {
    /// The record with the bytes by which its content is compared, as [`crate::record::parse::parse`] gives it.
    pub fn to_parsed(&self, interner: &mut Interner) -> Parsed {
        // what is left out and what is escaped hardly matter
        let mut canonical = Vec::with_capacity(self.line.len());
        self.object(self.layout.root, &mut canonical);
        let content_hash = Sha256::digest(&canonical).into();
        Parsed { record: self.to_record(interner, None), canonical, content_hash }
    }

    fn object(&self, id: NodeId, out: &mut Vec<u8>) {
        let mut before = b'{';
        for (_, child) in self.layout.node(id).map_or(&[][..], |node| &node.children) {
            let Some(cell) = self.state.cells.get(usize::from(*child)).filter(|cell| cell.stated == self.state.now)
            else {
                continue;
            };
            out.push(before);
            before = b',';
            out.extend_from_slice(self.layout.node(*child).map_or(&[], |node| node.name.as_bytes()));
            match cell.said {
                Said::Object => self.object(*child, out),
                Said::Text | Said::Time(_) => self.text(cell, out),
                Said::Int(_) | Said::Number(_) | Said::Bool(_) | Said::Word => out.extend_from_slice(self.bytes(cell)),
            }
        }
        out.push(b'}');
    }

    fn text(&self, cell: &Cell, out: &mut Vec<u8>) {
        if cell.span.buffer == Buffer::Line {
            // it stands in the line without escapes, so it needs none
            out.push(b'"');
            out.extend_from_slice(self.bytes(cell));
            out.push(b'"');
        } else if let Some(text) = self.state.span(self.line, cell.span) {
            // serde_json escapes what RFC 8785 does, and memory is always writable
            let _ = serde_json::to_writer(out, text);
        }
    }

    fn bytes(&self, cell: &Cell) -> &[u8] {
        self.state.span(self.line, cell.span).map_or(&[], str::as_bytes)
    }
}
