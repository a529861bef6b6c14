//! Records read straight from their bytes: only those that certainly stand, all others are for [`super::parse`].
//!
//! Senders write their records alike: the same members in the same order with the same spaces. So the bytes between
//! two values are remembered, each as the way from one member to the next; a record that goes such ways only is JSON,
//! and says which member each value belongs to, without being parsed. What goes a new way is parsed by `serde_json`,
//! which shows the ways in it.

mod canonical;
mod clean;
mod date;
mod layout;
mod leaf;
mod learn;
mod number;
mod owned;
mod spare;
mod walk;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{MAX_AHEAD_HOURS, Received, passport};
use crate::record::fingerprint::{Leaf, text_hash};
use crate::record::schema::{FieldId, KindId, Schema, core};
use crate::record::slot::{Fields, Slot};
use date::Dates;
use layout::{Layout, NodeId, Spot};
pub use owned::Interner;
pub use spare::{Spare, with_reader};
use walk::Ways;

/// The longest record that is read here, in bytes; those of the schema have one or two thousand.
const MAX_BYTES: usize = 64 * 1024;

/// Reads records one after the other, and remembers how they are written.
#[derive(Debug)]
pub struct Reader {
    zone: Tz,
    places: Option<Layout>,
    ways: Ways,
    state: State,
}

/// What is read of one record.
#[derive(Debug)]
struct State {
    /// Counts records; whatever carries another number is of an earlier one.
    now: u32,
    cells: Vec<Cell>,
    /// Texts in their one spelling, where they are spelt otherwise.
    scratch: String,
    dates: Dates,
    fingerprint: u64,
    unknown: u32,
    kind: Option<KindId>,
    occurred_at: Option<DateTime<Utc>>,
    received_at: Option<DateTime<Utc>>,
    withdrawn: bool,
}

/// What is read of one member.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// The record that has it.
    seen: u32,
    /// The record that states it: not `null`, not empty.
    stated: u32,
    /// Where its canonical form stands; of a text, what it says.
    span: Span,
    /// The hash of that.
    hash: u64,
    said: Said,
}

/// What a member says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Said {
    /// An object with members.
    #[default]
    Object,
    /// Text.
    Text,
    /// A text that is an instant.
    Time(DateTime<Utc>),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// `true`, `false` or `null` where the schema knows no value.
    Word,
}

impl Said {
    fn leaf(self) -> Leaf {
        match self {
            Said::Text | Said::Time(_) => Leaf::Text,
            Said::Int(_) | Said::Number(_) => Leaf::Number,
            Said::Object | Said::Bool(_) | Said::Word => Leaf::Word,
        }
    }
}

/// Where a text or a number stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
    buffer: Buffer,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Buffer {
    #[default]
    Line,
    Scratch,
}

impl Span {
    fn new(start: usize, end: usize, buffer: Buffer) -> Self {
        // neither buffer is longer than a few times MAX_BYTES
        Span { start: start as u32, end: end as u32, buffer }
    }
}

impl Reader {
    /// Before the first record. A date alone is 00:00 in `zone`.
    pub fn new(schema: &Schema, zone: Tz) -> Self {
        let places = Layout::new(schema);
        let state = State {
            now: 0,
            cells: Vec::new(),
            scratch: String::new(),
            dates: Dates::new(zone),
            fingerprint: 0,
            unknown: 0,
            kind: None,
            occurred_at: None,
            received_at: None,
            withdrawn: false,
        };
        Reader { zone, places, ways: Ways::default(), state }
    }

    /// The record in these bytes, where it certainly stands; [`super::parse`] would say the same of it. Otherwise that
    /// one must be asked, which also says what is wrong.
    pub fn read<'a>(&'a mut self, raw: &'a [u8], received: Received) -> Option<Reading<'a>> {
        let line = simdutf8::basic::from_utf8(raw).ok().filter(|line| line.len() <= MAX_BYTES)?;
        let layout = self.places.as_mut()?;
        let is_plain = clean::is_plain(raw);
        self.state.begin(layout.len());
        let mut walked = self.ways.walk(layout, &mut self.state, line, is_plain);
        if walked == Walked::Lost {
            learn::learn(layout, &mut self.ways, line)?;
            self.state.begin(layout.len());
            walked = self.ways.walk(layout, &mut self.state, line, is_plain);
        }
        if walked != Walked::Through {
            return None;
        }
        self.state.finish(layout, line, received)?;
        Some(Reading { layout, state: &self.state, line })
    }
}

/// How far the known ways led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walked {
    /// To the end of the record.
    Through,
    /// To a place from which no known way leads on.
    Lost,
    /// To something that may be a fault.
    Doubt,
}

impl State {
    fn begin(&mut self, places: usize) {
        self.now = self.now.wrapping_add(1);
        if self.now == 0 {
            self.cells.fill(Cell::default());
            self.now = 1;
        }
        self.cells.resize(places, Cell::default());
        self.scratch.clear();
        self.fingerprint = 0;
        self.unknown = 0;
        self.kind = None;
        self.occurred_at = None;
        self.received_at = None;
        self.withdrawn = false;
    }

    /// Checks what no member alone shows.
    fn finish(&mut self, layout: &Layout, line: &str, received: Received) -> Option<()> {
        for needed in [layout.id, layout.source] {
            self.is_stated(needed).then_some(())?;
        }
        let occurred_at = self.occurred_at?;
        let received_at = match received {
            Received::Edge(at) => at,
            Received::Stated => self.received_at.unwrap_or(occurred_at),
        };
        self.received_at = Some(received_at);
        if occurred_at.signed_duration_since(received_at) > TimeDelta::hours(MAX_AHEAD_HOURS) {
            return None;
        }
        self.settle_passport(layout, line)?;
        self.settle_place(layout, line)?;
        let kind = layout.needs(self.text(line, layout.kind)?)?;
        self.kind = Some(kind.kind);
        self.settle_permit(kind.kind)?;
        let has_all = || {
            let named = !self.is_stated(core::PASSPORT_NUMBER.0) || self.is_stated(core::PASSPORT_ISSUER.0);
            let groups = kind.groups.as_ref()?;
            Some(named && groups.iter().all(|group| group.iter().any(|node| self.is_stated(*node))))
        };
        (self.withdrawn || has_all()?).then_some(())
    }

    #[inline]
    fn is_stated(&self, node: NodeId) -> bool {
        self.cells.get(usize::from(node)).is_some_and(|cell| cell.stated == self.now)
    }

    /// The text that stands at a place.
    #[inline]
    fn text<'a>(&'a self, line: &'a str, node: NodeId) -> Option<&'a str> {
        let cell = self.cells.get(usize::from(node))?;
        (cell.stated == self.now).then(|| self.span(line, cell.span))?
    }

    #[inline]
    fn span<'a>(&'a self, line: &'a str, span: Span) -> Option<&'a str> {
        let buffer = match span.buffer {
            Buffer::Line => line,
            Buffer::Scratch => &self.scratch,
        };
        buffer.get(span.start as usize..span.end as usize)
    }

    /// The instant that stands at a place.
    fn time(&self, node: NodeId) -> Option<DateTime<Utc>> {
        match self.cells.get(usize::from(node)).filter(|cell| cell.stated == self.now)?.said {
            Said::Time(time) => Some(time),
            _ => None,
        }
    }

    /// The zone names the passport that is stated; what is not stated is taken from it. Dates that contradict each other
    /// are marked; a record that states the mark itself is left to the other way.
    fn settle_passport(&mut self, layout: &Layout, line: &str) -> Option<()> {
        let mark = core::PASSPORT_INCONSISTENT.0;
        if self.is_stated(mark) {
            return None;
        }
        let zone = match self.text(line, core::PASSPORT_MRZ.0) {
            Some(zone) => Some(passport::named(zone).ok()?),
            None => None,
        };
        let spot = layout.spot(mark)?;
        let [passport, _] = spot.above;
        if self.is_stated(passport) && self.contradicts_itself(zone.as_ref()) {
            let span = self.keep("true");
            self.state_it(mark, spot, span, text_hash("true"), Said::Bool(true))?;
        }
        let Some(named) = zone else {
            return Some(());
        };
        for (field, read) in [(core::PASSPORT_NUMBER, named.number), (core::PASSPORT_ISSUER, named.issuer)] {
            match (read, self.text(line, field.0)) {
                (Some(read), Some(stated)) if read != stated => return None,
                (Some(read), None) => {
                    let span = self.keep(&read);
                    self.fill_in(layout, field.0, span, text_hash(&read))?;
                }
                _ => {}
            }
        }
        Some(())
    }

    /// What follows from an entry is left to the other way.
    fn settle_permit(&self, kind: KindId) -> Option<()> {
        let names_permit = self.is_stated(core::PERMIT_KIND.0) || self.is_stated(core::PERMIT_INDEX.0);
        let may_follow = kind == core::CROSSING_ENTRY && names_permit && !self.is_stated(core::PERMIT_VALID_UNTIL.0);
        (!may_follow && !self.is_stated(core::PERMIT_DERIVED.0)).then_some(())
    }

    /// Whether the dates of a passport contradict each other or what its zone says.
    fn contradicts_itself(&self, zone: Option<&passport::Named>) -> bool {
        let instants @ [born, expires, occurred] =
            [self.time(core::BORN_ON.0), self.time(core::PASSPORT_EXPIRES_ON.0), self.occurred_at];
        let before = |a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>| a.zip(b).is_some_and(|(a, b)| a < b);
        // days, which cost more to tell, are in order where instants are
        let may = zone.is_some() || before(expires, occurred) || before(occurred, born);
        may && passport::Days::of_instants(instants, self.dates.zone()).contradict(zone)
    }

    /// The kecamatan lies in the kabupaten, which need not be stated.
    fn settle_place(&mut self, layout: &Layout, line: &str) -> Option<()> {
        let Some(kecamatan) = self.text(line, core::KECAMATAN.0) else {
            return Some(());
        };
        let parent = kecamatan.get(..5)?;
        match self.text(line, core::KABUPATEN.0) {
            Some(kabupaten) => (kabupaten == parent).then_some(()),
            None => {
                let hash = text_hash(parent);
                let stated = self.cells.get(usize::from(core::KECAMATAN.0))?.span;
                self.fill_in(layout, core::KABUPATEN.0, Span { end: stated.start + 5, ..stated }, hash)
            }
        }
    }

    fn fill_in(&mut self, layout: &Layout, node: NodeId, span: Span, hash: u64) -> Option<()> {
        self.state_it(node, layout.spot(node)?, span, hash, Said::Text)
    }

    /// Marks an object as begun; `None` where the record has it already.
    fn open(&mut self, id: NodeId, spot: &Spot) -> Option<()> {
        self.visit(id, spot)?;
        self.cells.get_mut(usize::from(id))?.said = Said::Object;
        Some(())
    }

    /// Puts a text beside the line.
    fn keep(&mut self, text: &str) -> Span {
        let start = self.scratch.len();
        self.scratch.push_str(text);
        Span::new(start, self.scratch.len(), Buffer::Scratch)
    }
}

/// One record that stands. It lies in the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    layout: &'a Layout,
    state: &'a State,
    line: &'a str,
}

impl Reading<'_> {
    /// When it came in: now, or when its envelope says, or when it happened.
    pub fn received_at(&self) -> DateTime<Utc> {
        self.state.received_at.unwrap_or_default()
    }

    /// The sender took it back.
    pub fn withdrawn(&self) -> bool {
        self.state.withdrawn
    }

    /// Members that the schema does not know.
    pub fn unknown_fields(&self) -> u32 {
        self.state.unknown
    }

    /// Equal for equal content; see [`crate::record::fingerprint`].
    pub fn fingerprint(&self) -> u64 {
        self.state.fingerprint
    }
}

impl Fields for Reading<'_> {
    #[inline]
    fn kind(&self) -> KindId {
        self.state.kind.unwrap_or(KindId(u16::MAX))
    }

    fn source(&self) -> &str {
        self.state.text(self.line, self.layout.source).unwrap_or_default()
    }

    fn id(&self) -> &str {
        self.state.text(self.line, self.layout.id).unwrap_or_default()
    }

    fn occurred_at(&self) -> DateTime<Utc> {
        self.state.occurred_at.unwrap_or_default()
    }

    #[inline]
    fn slot(&self, field: FieldId) -> Slot<'_> {
        self.hashed(field).0
    }

    #[inline]
    fn hashed(&self, field: FieldId) -> (Slot<'_>, Option<u64>) {
        let Some(cell) = self.state.cells.get(usize::from(field.0)).filter(|cell| cell.stated == self.state.now) else {
            return (Slot::Missing, None);
        };
        let slot = match cell.said {
            Said::Text => {
                return (self.state.span(self.line, cell.span).map_or(Slot::Missing, Slot::Text), Some(cell.hash));
            }
            Said::Time(time) => Slot::Time(time),
            Said::Int(n) => Slot::Int(n),
            Said::Number(n) => Slot::Number(n),
            Said::Bool(value) => Slot::Bool(value),
            Said::Word | Said::Object => Slot::Missing,
        };
        (slot, None)
    }
}
