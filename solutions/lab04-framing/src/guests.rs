//! The clients that are being served, given complete: how many may be in, and how they are sent
//! home.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long Ctrl+C waits for the answers that are under way.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// All clients that are being served.
pub struct Guests {
    /// How many may be in at once; the next ones wait in the listener's queue.
    max: usize,
    inside: Mutex<Inside>,
    left: Condvar,
    /// True from Ctrl+C on.
    closing: Arc<AtomicBool>,
}

#[derive(Default)]
struct Inside {
    /// How many have ever come in: the key of the next one.
    welcomed: u64,
    streams: HashMap<u64, Arc<TcpStream>>,
}

impl Guests {
    /// A house for at most `max` guests at once.
    pub fn new(max: usize) -> Self {
        Self { max, inside: Mutex::default(), left: Condvar::new(), closing: Arc::default() }
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
        if self.closing.load(Ordering::SeqCst) {
            return None;
        }
        let stream = Arc::new(stream);
        let key = inside.welcomed;
        inside.welcomed += 1;
        inside.streams.insert(key, Arc::clone(&stream));
        drop(inside);
        Some(Guest { guests: Arc::clone(self), key, peer, stream })
    }

    /// Takes no more words from anybody, and waits until what has come is answered.
    pub fn send_home(&self) {
        let inside = self.inside();
        self.closing.store(true, Ordering::SeqCst);
        for stream in inside.streams.values() {
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

impl Guest {
    /// Becomes true when the guest is sent home: an end of its stream is then our doing.
    pub fn is_sent_home(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.guests.closing)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.inside().streams.remove(&self.key);
        self.guests.left.notify_all();
    }
}
