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
        // ANCHOR: ex8_5_shutdown
        let limit = Instant::now() + SHUTDOWN_LIMIT;
        self.guests.close();
        if InHandler::is_here() {
            return false;
        }
        self.guests.see_out();
        self.guests.wait_for_end(limit.saturating_duration_since(Instant::now()))
        // ANCHOR_END: ex8_5_shutdown
    }
}
