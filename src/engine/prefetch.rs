//! What is known of subjects, brought from memory before it is used: all that lies one step away at once, then all that
//! lies behind that. When one subject after another is looked at, each step to it is waited for.

use std::hint::black_box;

/// How many steps away what is known of a subject lies.
#[derive(Clone, Copy, Debug)]
pub enum Depth {
    /// Where its lists are.
    Own,
    /// The lists.
    Lists,
    /// The records that lie in them; where they are many, the ends of their lists.
    Records,
}

impl Depth {
    /// Each behind the one before.
    pub const ALL: [Depth; 3] = [Depth::Own, Depth::Lists, Depth::Records];
}

/// Has a value brought from memory, whoever may need it.
#[inline]
pub fn touch<T: Copy>(value: T) {
    black_box(value);
}
