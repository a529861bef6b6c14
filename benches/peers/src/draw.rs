//! Seeded draws: the only source of chance, the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of draws.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of a seed. Streams of one seed are independent.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut chacha = ChaCha8Rng::seed_from_u64(seed);
        chacha.set_stream(stream);
        Draw(chacha)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = (high - low + 1).unsigned_abs();
        let drawn = (u64::from(self.0.next_u32()) * span) >> 32;
        low + i64::try_from(drawn).unwrap_or_default()
    }

    /// An index below `len`.
    pub fn index(&mut self, len: usize) -> usize {
        ((u64::from(self.0.next_u32()) * len as u64) >> 32) as usize
    }

    /// An index below `len` of which the low ones come often: the first of 200 in 7 of 100 draws, the last in 1 of 400.
    pub fn skewed(&mut self, len: usize) -> usize {
        let u = f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0);
        (u * u * len as f64) as usize
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// One of the items, the first ones often.
    pub fn often<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.skewed(items.len())]
    }

    /// True in `percent` of 100 draws.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of the items, in proportion to their weights.
    pub fn weighted<'a, T>(&mut self, items: &'a [(T, i64)]) -> &'a T {
        let mut rest = self.between(1, items.iter().map(|(_, weight)| weight).sum());
        let found = items.iter().find(|(_, weight)| {
            rest -= weight;
            rest <= 0
        });
        &found.unwrap_or(&items[0]).0
    }
}
