//! Everybody who is here.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::sys::select::FD_SETSIZE;

use crate::connection::{Connection, STEP_LEN};
use crate::door::{Door, fits_into_a_set};
use crate::interest::{Interest, Key, Ready, Source};

/// The names of the two sources that are not clients, and of the first client.
pub const GOODBYE: Key = 0;
pub const LISTENER: Key = 1;
const FIRST_CLIENT: Key = 2;

/// The clients of one server.
pub struct Clients<'a> {
    goodbye: &'a UnixStream,
    door: Door<'a>,
    connections: HashMap<Key, Connection>,
    /// The name of the next client.
    next_key: Key,
    /// Where a step reads to: anybody's between two steps.
    buffer: Vec<u8>,
}

impl<'a> Clients<'a> {
    /// Nobody yet.
    pub fn new(listener: &'a TcpListener, goodbye: &'a UnixStream) -> Self {
        Self {
            goodbye,
            door: Door::new(listener),
            connections: HashMap::new(),
            next_key: FIRST_CLIENT,
            buffer: vec![0; STEP_LEN],
        }
    }

    /// All that we wait for, and what we want to be told about each.
    pub fn sources(&self, now: Instant) -> Vec<Source<'_>> {
        let source = |key, descriptor, interest| Source { key, descriptor, interest };
        let mut sources = vec![source(GOODBYE, self.goodbye.as_fd(), Interest::READABLE)];
        let door = self.door.interest(self.connections.len(), now);
        // Exercise 2.2: Many clients.
        //     Ask about the listener and about every client, and not about one client alone.
        //     check it: cargo test -p lab02 -- ex2_2
        //
        // One client at a time, who came first: as long as it is here, the door is no source.
        match self.connections.iter().min_by_key(|(key, _)| **key) {
            None => sources.push(source(LISTENER, self.door.listener(), door)),
            Some((key, it)) => sources.push(source(*key, it.as_fd(), it.interest())),
        }
        sources
    }

    /// How long the wait may take: until the door opens again, or for ever.
    pub fn time_left(&self, now: Instant) -> Option<Duration> {
        let opens = self.door.opens(self.connections.len(), now)?;
        Some(opens.saturating_duration_since(now))
    }

    /// Lets in everybody who stands at the door.
    ///
    /// # Errors
    ///
    /// When the listener itself fails.
    pub fn accept(&mut self) -> io::Result<()> {
        while let Some((stream, peer)) = self.door.let_in(self.connections.len())? {
            if fits_into_a_set(&stream) {
                self.admit(stream, peer);
            } else {
                eprintln!("{peer} refused: select watches {FD_SETSIZE} descriptors, and no more");
            }
        }
        Ok(())
    }

    /// Gives a newcomer a name.
    fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        match Connection::new(stream, peer) {
            Ok(connection) => {
                eprintln!("{peer} connected");
                self.connections.insert(self.next_key, connection);
                self.next_key += 1;
            }
            Err(error) => eprintln!("{peer} failed: {error}"),
        }
    }

    /// Serves one client as far as that goes without waiting. Its failure is its own.
    pub fn step(&mut self, ready: &Ready) {
        // It may have left since the kernel answered.
        let Some(connection) = self.connections.get_mut(&ready.key) else { return };
        if let Err(error) = connection.step(ready, &mut self.buffer) {
            eprintln!("{} failed: {error}", connection.peer());
            self.connections.remove(&ready.key);
        }
    }

    /// Lets go of those with whom we are done.
    pub fn drop_finished(&mut self) {
        // Exercise 2.2: Many clients.
        //     Let go of every connection that is finished, and say in one line who left, after how
        //     many bytes. Dropping it closes its socket.
        //     check it: cargo test -p lab02 -- ex2_2
        //
        // Nobody ever leaves.
    }
}
