//! One client, and what we owe it.
//!
//! ```text
//!              read                     write
//!   client ----------> [ buffer ] --------------> kernel ---> client
//!                           |                       ^
//!                           | what it did not take  | once it takes more
//!                           +------> [ owed ] ------+
//! ```

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

use crate::interest::{Interest, Ready};

/// The most that one step reads.
pub const STEP_LEN: usize = 64 * 1024;

/// From here on we owe a client so much that we read no more from it: together with the step that
/// crosses the mark, `HIGH_WATER + STEP_LEN` bytes are the most we hold for anybody.
pub const HIGH_WATER: usize = 192 * 1024;

/// A client, from its first byte to its last.
pub struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    /// Taken from the client and not yet by the kernel, oldest first.
    owed: VecDeque<u8>,
    /// Nothing more will be read.
    ended: bool,
    /// How many bytes have come from it.
    heard: u64,
}

impl Connection {
    /// Takes over a client that has just been accepted.
    ///
    /// # Errors
    ///
    /// When the socket does not take its settings.
    pub fn new(stream: TcpStream, peer: SocketAddr) -> io::Result<Self> {
        // Exercise 2.3: A step never blocks.
        //     Make the socket of a new client such that no call on it ever waits.
        //     check it: cargo test -p lab02 -- ex2_3
        //
        Ok(Self { stream, peer, owed: VecDeque::new(), ended: false, heard: 0 })
    }

    /// What we want to be told about it now. This is computed, never stored: it cannot be out of
    /// date.
    pub fn interest(&self) -> Interest {
        // Exercise 2.5: Back-pressure.
        //     Ask to read as long as there may be more to come and we owe less than HIGH_WATER;
        //     ask to write exactly while we owe something.
        //     check it: cargo test -p lab02 -- ex2_5
        //
        Interest { readable: !self.ended, writable: !self.owed.is_empty() }
    }

    /// Takes the steps for which it is `ready`; `buffer` is anybody's between two steps.
    ///
    /// # Errors
    ///
    /// When this connection is broken, most often reset by the client.
    pub fn step(&mut self, ready: &Ready, buffer: &mut [u8]) -> io::Result<()> {
        if ready.writable {
            self.on_writable()?;
        }
        if ready.readable {
            self.on_readable(buffer)?;
        }
        Ok(())
    }

    /// Reads once, and sends back what came.
    fn on_readable(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        todo!(
            "exercise 2.1 of lab02 (Select server): The five beats.

    Read once, and send back what came. A read of 0 bytes is the end of what this client
    says. Return errors, but not those that only say \"not now\".

    check it          cargo test -p lab02 -- ex2_1
    see it finished   cargo run -p solution02
    read about it     book/src/lab02-select-server.md
"
        )
    }

    /// Sends `bytes` as far as the kernel takes them now; the rest is owed.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Exercise 2.4: What a connection owes.
        //     Send as much of `bytes` as the kernel takes now, and keep the rest in `owed`, behind
        //     what is owed already.
        //     check it: cargo test -p lab02 -- ex2_4
        //
        // All or nothing: but on a socket that never waits, this fails half-way.
        self.stream.write_all(bytes)
    }

    /// Sends what is owed, as far as the kernel takes it now.
    fn on_writable(&mut self) -> io::Result<()> {
        todo!(
            "exercise 2.4 of lab02 (Select server): What a connection owes.

    Send what is owed, as far as the kernel takes it now, and forget that much. When
    nothing is owed any more, give the memory back.

    check it          cargo test -p lab02 -- ex2_4
    see it finished   cargo run -p solution02
    read about it     book/src/lab02-select-server.md
"
        )
    }

    /// Nothing more will be read, and nothing is owed.
    pub fn is_finished(&self) -> bool {
        self.ended && self.owed.is_empty()
    }

    /// Where the client speaks from.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// How many bytes have come from it.
    pub fn heard(&self) -> u64 {
        self.heard
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Writes as much as the kernel takes at once, which may be nothing.
fn write_now(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    match stream.write(bytes) {
        Err(error) if is_for_later(&error) => Ok(0),
        other => other,
    }
}

/// Whether a call only said "not now", or was interrupted by a signal.
fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
