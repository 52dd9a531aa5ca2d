//! The clients that are being served, given complete: how many may be in, and how they are sent
//! home.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::framing::Kind;

/// How long Ctrl+C waits for the answers that are under way.
const GOODBYE_LIMIT: Duration = Duration::from_millis(500);

/// All clients that are being served.
pub struct Guests {
    /// How many may be in at once; the next ones wait in the listener's queue.
    max: usize,
    inside: Mutex<Inside>,
    left: Condvar,
    /// Whether the end of a stream completes a message: then it must not come from us.
    ends_count: bool,
}

#[derive(Default)]
struct Inside {
    /// How many have ever come in: the key of the next one.
    welcomed: u64,
    streams: HashMap<u64, Arc<TcpStream>>,
    /// True from Ctrl+C on.
    is_closing: bool,
}

impl Guests {
    /// A house for at most `max` guests at once, who speak `framing`.
    pub fn new(max: usize, framing: Kind) -> Self {
        let ends_count = matches!(framing, Kind::Close | Kind::Streams);
        Self { max, inside: Mutex::default(), left: Condvar::new(), ends_count }
    }

    /// Waits until one more may come in.
    pub fn wait_for_room(&self) {
        let full = |inside: &mut Inside| inside.streams.len() >= self.max;
        drop(self.left.wait_while(self.inside(), full));
    }

    /// Lets a client in; it leaves when the returned guest is dropped. Nobody comes in after
    /// Ctrl+C.
    pub fn welcome(self: &Arc<Self>, peer: SocketAddr, stream: TcpStream) -> Option<Guest> {
        let mut inside = self.inside();
        if inside.is_closing {
            return None;
        }
        let stream = Arc::new(stream);
        let key = inside.welcomed;
        inside.welcomed += 1;
        inside.streams.insert(key, Arc::clone(&stream));
        drop(inside);
        Some(Guest { guests: Arc::clone(self), key, peer, stream })
    }

    /// Lets nobody in any more, and waits for a moment until what has come is answered.
    pub fn send_home(&self) {
        let mut inside = self.inside();
        inside.is_closing = true;
        for stream in inside.streams.values().filter(|_| !self.ends_count) {
            // What has arrived can still be read, and after it comes an end.
            let _ = stream.shutdown(Shutdown::Read);
        }
        let somebody = |inside: &mut Inside| !inside.streams.is_empty();
        drop(self.left.wait_timeout_while(inside, GOODBYE_LIMIT, somebody));
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client that is being served.
pub struct Guest {
    guests: Arc<Guests>,
    key: u64,
    pub peer: SocketAddr,
    pub stream: Arc<TcpStream>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.inside().streams.remove(&self.key);
        self.guests.left.notify_all();
    }
}
