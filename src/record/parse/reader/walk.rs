//! The known ways from one member to the next.

use super::layout::{Layout, NodeId};
use super::leaf::Line;
use super::{State, Walked};

/// Ways from one member; more would be tried for too long.
const MAX_WAYS: usize = 16;

/// The bytes of a way that are compared at once.
const HEAD: usize = 16;

/// The ways that were met, by the member they start from.
#[derive(Debug, Default)]
pub struct Ways {
    from: Vec<Fork>,
}

/// The ways from one member.
#[derive(Debug, Default)]
struct Fork {
    ways: Vec<Way>,
    /// The one taken last: it is tried first.
    last: usize,
    /// The one to give up next.
    oldest: usize,
}

/// What stands between the values of two members.
#[derive(Debug)]
pub struct Way {
    /// The first bytes, as a number.
    head: u128,
    /// Which bits of it count.
    mask: u128,
    /// The last bytes, where there are more.
    tail: u128,
    /// All bytes: brackets, commas, names and white space.
    pub bytes: Box<[u8]>,
    /// Objects that begin on the way.
    pub opens: Box<[NodeId]>,
    /// The member that follows; none at the record's end.
    pub to: Option<NodeId>,
}

impl Way {
    /// A way of some bytes.
    pub fn new(bytes: &[u8], opens: &[NodeId], to: Option<NodeId>) -> Self {
        let mut head = [0; HEAD];
        let mut mask = [0; HEAD];
        for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(bytes) {
            (*head, *mask) = (*byte, u8::MAX);
        }
        Way {
            head: u128::from_le_bytes(head),
            mask: u128::from_le_bytes(mask),
            tail: bytes.last_chunk().map_or(0, |tail| u128::from_le_bytes(*tail)),
            bytes: bytes.into(),
            opens: opens.into(),
            to,
        }
    }

    /// Where it ends, if these bytes go this way.
    #[inline]
    fn end(&self, line: &[u8], at: usize) -> Option<usize> {
        let rest = line.get(at..)?;
        let length = self.bytes.len();
        let is_this = match rest.first_chunk::<HEAD>() {
            Some(head) => (u128::from_le_bytes(*head) ^ self.head) & self.mask == 0 && self.goes_on(rest),
            None => rest.starts_with(&self.bytes),
        };
        (is_this && (self.to.is_some() || rest.len() == length)).then_some(at + length)
    }

    /// Whether the bytes behind the head are the same.
    #[inline]
    fn goes_on(&self, rest: &[u8]) -> bool {
        let length = self.bytes.len();
        if length <= HEAD {
            return true;
        }
        let tail = rest.get(..length).and_then(<[u8]>::last_chunk);
        let is_tail = tail.is_some_and(|tail| u128::from_le_bytes(*tail) == self.tail);
        is_tail && (length <= 2 * HEAD || rest.starts_with(&self.bytes))
    }
}

impl Ways {
    /// Follows the ways through a record and reads every value on them.
    pub fn walk(&mut self, layout: &Layout, state: &mut State, text: &str, is_plain: bool) -> Walked {
        let line = Line { text, is_plain };
        let (mut from, mut at) = (layout.root, 0);
        loop {
            let Some((way, end)) = self.next(from, text.as_bytes(), at) else {
                return Walked::Lost;
            };
            for opened in &way.opens {
                let is_new = layout.spot(*opened).and_then(|spot| state.open(*opened, spot));
                if is_new.is_none() {
                    return Walked::Doubt;
                }
            }
            let Some(to) = way.to else {
                return Walked::Through;
            };
            let Some(end) = state.value(layout, to, line, end) else {
                return Walked::Doubt;
            };
            (from, at) = (to, end);
        }
    }

    #[inline]
    fn next(&mut self, from: NodeId, line: &[u8], at: usize) -> Option<(&Way, usize)> {
        let fork = self.from.get_mut(usize::from(from))?;
        let end = match fork.ways.get(fork.last)?.end(line, at) {
            Some(end) => end,
            None => {
                let mut ways = fork.ways.iter().enumerate();
                let (index, end) = ways.find_map(|(index, way)| Some((index, way.end(line, at)?)))?;
                fork.last = index;
                end
            }
        };
        Some((fork.ways.get(fork.last)?, end))
    }

    /// Remembers a way.
    pub fn add(&mut self, from: NodeId, way: Way) -> Option<()> {
        if self.from.len() <= usize::from(from) {
            self.from.resize_with(usize::from(from) + 1, Fork::default);
        }
        let fork = self.from.get_mut(usize::from(from))?;
        if fork.ways.iter().any(|known| known.bytes == way.bytes) {
            return Some(());
        }
        if fork.ways.len() < MAX_WAYS {
            fork.ways.push(way);
        } else {
            fork.oldest = (fork.oldest + 1) % MAX_WAYS;
            *fork.ways.get_mut(fork.oldest)? = way;
        }
        Some(())
    }

    /// Forgets every way.
    pub fn forget(&mut self) {
        self.from.clear();
    }
}
