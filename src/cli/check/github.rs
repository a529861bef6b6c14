//! Annotations of GitHub workflows: one command a line.

use crate::pack::diagnostic::Weight;

use super::said::Said;

/// The command that annotates a diagnostic's place.
pub fn annotation(root: &str, said: &Said) -> String {
    let command = match said.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    };
    let mut properties = format!("file={}", property(&format!("{root}/{}", said.file)));
    if said.line > 0 {
        let Said { line, column, end_line, end_column, .. } = said;
        properties.push_str(&format!(",line={line},endLine={end_line}"));
        // columns belong to one line
        if line == end_line {
            let last = (end_column - 1).max(*column);
            properties.push_str(&format!(",col={column},endColumn={last}"));
        }
    }
    let help = said.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let words = data(&format!("{}{help}", said.message));
    format!("::{command} {properties},title={}::{words}", property(said.code.word()))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
