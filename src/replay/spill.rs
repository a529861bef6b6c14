//! Lines that wait on disk for those that come between them in log order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

use serde::{Deserialize, Serialize};

use super::line::Place;

/// The lines of one pass, in log order. The file has no name, and is gone when nobody holds it.
pub struct Spill {
    file: BufWriter<File>,
}

/// A line with its place in the log.
#[derive(Debug, Serialize, Deserialize)]
struct Spilled {
    place: Place,
    text: String,
}

impl Spill {
    /// An empty one.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn new() -> io::Result<Self> {
        Ok(Spill { file: BufWriter::new(tempfile::tempfile()?) })
    }

    /// Puts a line behind the others.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) fn push(&mut self, place: Place, text: String) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, &Spilled { place, text })?;
        self.file.write_all(b"\n")
    }

    fn into_lines(self) -> io::Result<Lines> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let mut lines = Lines { file: BufReader::new(file), next: None, buffer: String::new() };
        lines.read()?;
        Ok(lines)
    }
}

/// The lines of a pass, one after another.
struct Lines {
    file: BufReader<File>,
    next: Option<Spilled>,
    buffer: String,
}

impl Lines {
    fn place(&self) -> Option<&Place> {
        self.next.as_ref().map(|next| &next.place)
    }

    fn read(&mut self) -> io::Result<()> {
        self.buffer.clear();
        let length = self.file.read_line(&mut self.buffer)?;
        self.next = if length == 0 { None } else { Some(serde_json::from_str(&self.buffer)?) };
        Ok(())
    }
}

/// Shows all lines of all passes in log order. No two passes have lines of one subject.
///
/// # Errors
/// What the operating system says, or `show`.
pub fn merge<E: From<io::Error>>(spills: Vec<Spill>, mut show: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let mut passes = spills.into_iter().map(Spill::into_lines).collect::<io::Result<Vec<Lines>>>()?;
    loop {
        let waiting = passes.iter_mut().filter(|lines| lines.next.is_some());
        let Some(first) = waiting.min_by(|one, other| one.place().cmp(&other.place())) else { return Ok(()) };
        if let Some(next) = first.next.take() {
            show(&next.text)?;
        }
        first.read()?;
    }
}
