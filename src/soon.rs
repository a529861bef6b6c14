//! Waiting for moments without going to sleep.

use std::sync::LazyLock;
use std::thread::available_parallelism;

/// How often a thread looks before it gives up: for about a tenth of a millisecond.
const LOOKS: usize = 1_500;

/// Whether something has happened that another thread is about to do, or does in the next moments: waking up takes as
/// long. Where there is one processor the other thread needs it, and this looks once.
pub fn soon(mut has_happened: impl FnMut() -> bool) -> bool {
    static MOST_LOOKS: LazyLock<usize> =
        LazyLock::new(|| if available_parallelism().is_ok_and(|processors| processors.get() > 1) { LOOKS } else { 1 });
    (0..*MOST_LOOKS).any(|_| {
        std::hint::spin_loop();
        has_happened()
    })
}
