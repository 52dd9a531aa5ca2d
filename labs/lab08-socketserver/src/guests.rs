//! Who is inside: how many requests are run at the same time in this process, and how their clients
//! are seen out.

use std::cell::Cell;
use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::bell::Bell;

/// How long the guests may take to leave at the end. Who is not done by then is cut off.
pub const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// How long a handler may take to notice that its client is cut off.
const CLEARING_LIMIT: Duration = Duration::from_millis(300);

thread_local! {
    /// This thread runs a handler just now.
    static IN_HANDLER: Cell<bool> = const { Cell::new(false) };
}

/// The requests that are being run, and how far the server is.
pub struct Guests {
    pub bell: Bell,
    inside: Mutex<Inside>,
    /// Told when the last guest has left, and when the server has ended.
    changed: Condvar,
}

#[derive(Default)]
struct Inside {
    /// The connection of each guest, if it has one, by the number that the guest was given.
    streams: HashMap<u64, Option<Arc<TcpStream>>>,
    /// The number of the guest that came last.
    last: u64,
    /// Nobody is let in any more.
    closing: bool,
    /// Somebody is in `serve_forever`.
    serving: bool,
}

/// One request that is being run; it leaves when this is dropped, even by a panic.
pub struct Guest {
    number: u64,
    guests: Arc<Guests>,
}

impl Guests {
    /// # Errors
    ///
    /// When there are no descriptors left.
    pub fn new() -> io::Result<Arc<Self>> {
        let (bell, inside, changed) = (Bell::new()?, Mutex::default(), Condvar::new());
        Ok(Arc::new(Self { bell, inside, changed }))
    }

    /// How many are inside.
    pub fn count(&self) -> usize {
        self.inside().streams.len()
    }

    /// Lets a request in; `None` if the house is closing.
    pub fn let_in(self: &Arc<Self>, stream: Option<Arc<TcpStream>>) -> Option<Guest> {
        let mut inside = self.inside();
        if inside.closing {
            return None;
        }
        inside.last += 1;
        let number = inside.last;
        inside.streams.insert(number, stream);
        Some(Guest { number, guests: Arc::clone(self) })
    }

    /// Whether nobody is let in any more.
    pub fn is_closing(&self) -> bool {
        self.inside().closing
    }

    /// Closes the house: nobody is let in any more, and who is inside gets no more to read than has
    /// arrived.
    pub fn close(&self) {
        let mut inside = self.inside();
        inside.closing = true;
        for stream in inside.streams.values().flatten() {
            // Its handler sits in a read. What has arrived it will still get, and then the end.
            // Whoever has just gone needs no goodbye: then this fails, and that is fine.
            let _ = stream.shutdown(Shutdown::Read);
        }
        drop(inside);
        self.bell.ring();
    }

    /// Waits until everybody has left. Who is still there after [`GOODBYE_LIMIT`] is cut off.
    pub fn see_out(&self) {
        let somebody = |inside: &mut Inside| !inside.streams.is_empty();
        let waited = self.changed.wait_timeout_while(self.inside(), GOODBYE_LIMIT, somebody);
        let (inside, _) = waited.unwrap_or_else(PoisonError::into_inner);
        for stream in inside.streams.values().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(self.changed.wait_timeout_while(inside, CLEARING_LIMIT, somebody));
    }

    /// Notes that somebody is in `serve_forever`, for as long as what this returns is kept.
    pub fn serving(self: &Arc<Self>) -> Serving {
        self.note_serving(true);
        Serving(Arc::clone(self))
    }

    fn note_serving(&self, serving: bool) {
        self.inside().serving = serving;
        self.changed.notify_all();
    }

    /// Waits until nobody is in `serve_forever` any more; says whether that has come to pass.
    pub fn wait_for_end(&self, limit: Duration) -> bool {
        let serving = |inside: &mut Inside| inside.serving;
        let waited = self.changed.wait_timeout_while(self.inside(), limit, serving);
        !waited.unwrap_or_else(PoisonError::into_inner).0.serving
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // A thread that panicked while it held the lock has left whole values behind.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody is in `serve_forever`.
pub struct Serving(Arc<Guests>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.note_serving(false);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut inside = self.guests.inside();
        inside.streams.remove(&self.number);
        drop(inside);
        self.guests.changed.notify_all();
        // The next one may be waiting for this seat.
        self.guests.bell.ring();
    }
}

/// Marks this thread as one that runs a handler, as long as it is kept.
pub struct InHandler;

impl InHandler {
    pub fn mark() -> Self {
        IN_HANDLER.set(true);
        Self
    }

    pub fn is_here() -> bool {
        IN_HANDLER.get()
    }
}

impl Drop for InHandler {
    fn drop(&mut self) {
        IN_HANDLER.set(false);
    }
}
