//! Who is inside, given complete: which connections are open, and how they are seen out.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the guests may take to leave at the end. Who is not done by then is cut off.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// How long those who are cut off may take to clear away what they have not finished.
const CLEARING_LIMIT: Duration = Duration::from_millis(200);

/// The clients that are being served.
#[derive(Default)]
pub struct Guests {
    inside: Mutex<Inside>,
    /// Told whenever somebody has left.
    changed: Condvar,
}

#[derive(Default)]
struct Inside {
    /// The seat of each guest, by the number the guest was given.
    seats: HashMap<u64, Seat>,
    /// The number of the guest that came last.
    last: u64,
    /// Nobody is let in any more.
    closing: bool,
}

struct Seat {
    stream: Arc<TcpStream>,
    /// No request is under way.
    rests: bool,
}

/// One client that is being served; it leaves when this is dropped, even by a panic.
pub struct Guest<'a> {
    /// Where it speaks from.
    pub peer: SocketAddr,
    number: u64,
    stream: Arc<TcpStream>,
    guests: &'a Guests,
}

impl Guests {
    /// Lets a client in; `None` if the house is closing.
    pub fn let_in(&self, stream: TcpStream, peer: SocketAddr) -> Option<Guest<'_>> {
        let mut inside = self.inside();
        if inside.closing {
            return None;
        }
        inside.last += 1;
        let (number, stream) = (inside.last, Arc::new(stream));
        inside.seats.insert(number, Seat { stream: Arc::clone(&stream), rests: true });
        Some(Guest { peer, number, stream, guests: self })
    }

    /// Closes the house: ends what rests, lets finish what is under way, and waits until everybody
    /// has left. Who takes longer than [`GOODBYE_LIMIT`] is cut off.
    pub fn see_out(&self) {
        let mut inside = self.inside();
        inside.closing = true;
        inside.seats.values().filter(|seat| seat.rests).for_each(|seat| no_more(&seat.stream));
        let inside = self.wait_until_empty(inside, GOODBYE_LIMIT);
        for seat in inside.seats.values() {
            // Who has just gone need not be cut off.
            let _ = seat.stream.shutdown(Shutdown::Both);
        }
        drop(self.wait_until_empty(inside, CLEARING_LIMIT));
    }

    fn wait_until_empty<'a>(
        &self,
        inside: MutexGuard<'a, Inside>,
        limit: Duration,
    ) -> MutexGuard<'a, Inside> {
        let somebody = |inside: &mut Inside| !inside.seats.is_empty();
        let waited = self.changed.wait_timeout_while(inside, limit, somebody);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // A thread that panicked while it held the lock has left whole values behind.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the client's half. What has arrived is still read, and then the end.
fn no_more(stream: &TcpStream) {
    // Whoever has just gone needs no goodbye: then this fails, and that is fine.
    let _ = stream.shutdown(Shutdown::Read);
}

impl Guest<'_> {
    /// The guest's connection.
    pub fn stream(&self) -> Arc<TcpStream> {
        Arc::clone(&self.stream)
    }

    /// Notes that a request is under way.
    pub fn works(&self) {
        self.note(false);
    }

    /// Notes that no request is under way.
    pub fn rests(&self) {
        self.note(true);
    }

    fn note(&self, rests: bool) {
        let mut inside = self.guests.inside();
        if inside.closing && rests {
            no_more(&self.stream);
        }
        if let Some(seat) = inside.seats.get_mut(&self.number) {
            seat.rests = rests;
        }
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.guests.inside().seats.remove(&self.number);
        self.guests.changed.notify_all();
    }
}
