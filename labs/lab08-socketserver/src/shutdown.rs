//! The end of a server, from outside.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::guests::{Guests, InHandler};

/// How long an end may take in all: the goodbye of the guests, and a little more.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(1800);

/// Ends a server that serves in another thread, or will.
#[derive(Clone)]
pub struct ShutdownHandle {
    pub(crate) guests: Arc<Guests>,
}

impl ShutdownHandle {
    /// Ends the server, and waits until it has ended: no request is taken any more, what has
    /// arrived is answered, and `serve_forever` returns. Says whether that is so.
    ///
    /// It is not so in two cases:
    ///
    /// - A handler that neither reads nor writes cannot be woken. Nobody waits longer for it than
    ///   the goodbye may take, which is less than two seconds.
    /// - A handler that calls this would wait for itself. It does not wait: the server ends after
    ///   the handler has.
    ///
    /// A server that does not serve yet will not begin.
    pub fn shutdown(&self) -> bool {
        todo!(
            "exercise 8.5 of lab08 (A socketserver of our own): serve_forever, and shutdown from another thread.

    Close the house. From a handler, return false at once. Else see the guests out, wait
    for the end of `serve_forever`, and say whether it has come within SHUTDOWN_LIMIT.

    check it          cargo test -p lab08 -- ex8_5
    see it finished   cargo run -p solution08
    read about it     book/src/lab08-socketserver.md
"
        )
    }
}
