//! How long a client may keep us waiting, given complete.

use std::time::{Duration, Instant};

use crate::conversation::Waiting;

/// How long a head may take from its first byte to its last.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// How long nothing may move while a body comes, or a response goes.
const PROGRESS_LIMIT: Duration = Duration::from_secs(10);

/// How long we listen on after our own end, so that the client has its last response in hand.
const LINGER_LIMIT: Duration = Duration::from_secs(2);

/// The clock of one client.
pub struct Clock {
    /// How long it may go without a request.
    idle_limit: Duration,
    /// What we waited for last, and how much had moved then.
    mark: (Waiting, u64),
    /// Since when both are the same.
    since: Instant,
}

impl Clock {
    /// Starts the clock of a client that may go for `idle_limit` without a request.
    pub fn new(idle_limit: Duration) -> Self {
        Self { idle_limit, mark: (Waiting::Request, 0), since: Instant::now() }
    }

    /// Starts again if we wait for something else, or so much has `moved` that it is more than
    /// before. A head counts as moved when it is whole: nobody keeps us by a byte now and then.
    pub fn read(&mut self, waiting: Waiting, moved: u64) {
        if self.mark != (waiting, moved) {
            self.mark = (waiting, moved);
            self.since = Instant::now();
        }
    }

    /// Until when something must have moved.
    pub fn deadline(&self) -> Instant {
        let limit = match self.mark.0 {
            Waiting::Request => self.idle_limit,
            Waiting::Head => HEAD_LIMIT,
            Waiting::Body | Waiting::Room => PROGRESS_LIMIT,
            Waiting::End => LINGER_LIMIT,
        };
        self.since + limit
    }
}
