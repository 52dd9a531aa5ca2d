//! Who is inside: how many clients are served at the same time, and how they are seen out.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the guests may take to leave at the end. Who is not done by then is cut off.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// The clients that are being served.
pub struct Guests {
    /// How many there may be at the same time.
    seats: usize,
    inside: Mutex<Inside>,
    /// Told whenever somebody has left, and when the house closes.
    changed: Condvar,
}

#[derive(Default)]
struct Inside {
    /// The connection of each guest, by the number it was given.
    streams: HashMap<u64, Arc<TcpStream>>,
    /// The number of the guest that came last.
    last: u64,
    /// Nobody is let in any more.
    closing: bool,
}

/// One client that is being served; it leaves when this is dropped, even by a panic.
pub struct Guest {
    number: u64,
    stream: Arc<TcpStream>,
    guests: Arc<Guests>,
}

impl Guests {
    /// A house with so many seats.
    pub fn new(seats: usize) -> Self {
        Self { seats, inside: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits until there is a seat for one more. Once the house closes, there never is.
    pub fn wait_for_seat(&self) {
        todo!(
            "exercise 5.4 of lab05 (Threaded time server): A thread for each client.

    Wait on `changed` as long as the house is closing or all seats are taken, and no
    longer.

    check it          cargo test -p lab05 -- ex5_4
    see it finished   cargo run -p solution05
    read about it     book/src/lab05-time-server.md
"
        )
    }

    /// Waits until somebody has left, or `limit` has passed.
    pub fn wait_for_change(&self, limit: Duration) {
        drop(self.changed.wait_timeout(self.inside(), limit));
    }

    /// Lets a client in; `None` if the house is closing.
    pub fn let_in(self: &Arc<Self>, stream: TcpStream) -> Option<Guest> {
        let mut inside = self.inside();
        if inside.closing {
            return None;
        }
        inside.last += 1;
        let (number, stream) = (inside.last, Arc::new(stream));
        inside.streams.insert(number, Arc::clone(&stream));
        Some(Guest { number, stream, guests: Arc::clone(self) })
    }

    /// Closes the house: answers what has arrived, and waits until everybody has left, but no
    /// longer than [`GOODBYE_LIMIT`].
    pub fn see_out(&self) {
        todo!(
            "exercise 5.6 of lab05 (Threaded time server): Goodbye: idle and busy alike.

    Let nobody in any more. Wake every thread that sits in a read, so that what has
    arrived is still answered. Wait until all have left, GOODBYE_LIMIT at most.

    check it          cargo test -p lab05 -- ex5_6
    see it finished   cargo run -p solution05
    read about it     book/src/lab05-time-server.md
"
        )
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // A thread that panicked while it held the lock has left whole values behind.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guest {
    /// The guest's connection.
    pub fn stream(&self) -> Arc<TcpStream> {
        Arc::clone(&self.stream)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.inside().streams.remove(&self.number);
        self.guests.changed.notify_all();
    }
}
