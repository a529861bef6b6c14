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
            bytes: bytes.into(),
            opens: opens.into(),
            to,
        }
    }

    /// Where it ends, if these bytes go this way.
    #[inline]
    fn end(&self, line: &[u8], at: usize) -> Option<usize> {
        let end = at + self.bytes.len();
        let rest = line.get(at..)?;
        let is_this = match rest.first_chunk::<HEAD>() {
            Some(head) => {
                (u128::from_le_bytes(*head) ^ self.head) & self.mask == 0
                    && (self.bytes.len() <= HEAD || line.get(at + HEAD..end)? == self.bytes.get(HEAD..)?)
            }
            None => rest.starts_with(&self.bytes),
        };
        (is_this && (self.to.is_some() || end == line.len())).then_some(end)
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
                let is_new = layout.node(*opened).and_then(|node| state.visit(*opened, node));
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

/// Whether all of it is ASCII without backslashes and control characters.
#[inline]
pub fn is_plain(bytes: &[u8]) -> bool {
    let is_other = |byte: &u8| *byte < b' ' || *byte >= 0x7f || *byte == b'\\';
    let blocks = bytes.chunks_exact(64);
    let rest = blocks.remainder().iter().any(is_other);
    !blocks.fold(rest, |found, block| found | block.iter().fold(false, |found, byte| found | is_other(byte)))
}

/// Where the next quote stands.
#[inline]
pub fn quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const QUOTES: u64 = ONES * b'"' as u64;
    while let Some(word) = bytes.get(at..)?.first_chunk::<8>() {
        let differs = u64::from_le_bytes(*word) ^ QUOTES;
        // the lowest bit set is that of the first byte that is zero
        let zeros = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    Some(at + bytes.get(at..)?.iter().position(|byte| *byte == b'"')?)
}
