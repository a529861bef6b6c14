//! How much of the daemon one client can take.

use std::time::Duration;

/// How much of the daemon one client can take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the listener's queue.
    pub connections: usize,
    /// From a connection's start, or the answer before, until a request's head is there.
    pub header_timeout: Duration,
    /// From a request's head until its answer.
    pub request_timeout: Duration,
    /// After this a connection ends with the answer it is at: a client that never reads cannot stay.
    pub connection_age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 1024,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            connection_age: Duration::from_secs(600),
        }
    }
}
