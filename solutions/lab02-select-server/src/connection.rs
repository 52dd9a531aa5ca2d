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
        // ANCHOR: ex2_3_new
        // No step may wait, not even if the kernel said that it would not have to.
        stream.set_nonblocking(true)?;
        Ok(Self { stream, peer, owed: VecDeque::new(), ended: false, heard: 0 })
        // ANCHOR_END: ex2_3_new
    }

    /// What we want to be told about it now. This is computed, never stored: it cannot be out of
    /// date.
    pub fn interest(&self) -> Interest {
        // ANCHOR: ex2_5
        Interest {
            readable: !self.ended && self.owed.len() < HIGH_WATER,
            writable: !self.owed.is_empty(),
        }
        // ANCHOR_END: ex2_5
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
        // ANCHOR: ex2_1_read
        match self.stream.read(buffer) {
            Ok(0) => self.ended = true,
            Ok(count) => {
                self.heard += count as u64;
                self.send(&buffer[..count])?;
            }
            // Not now, or a signal came first: we will be told again.
            Err(error) if is_for_later(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
        // ANCHOR_END: ex2_1_read
    }

    /// Sends `bytes` as far as the kernel takes them now; the rest is owed.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        // ANCHOR: ex2_4_send
        // What is owed already goes first.
        let taken = if self.owed.is_empty() { write_now(&self.stream, bytes)? } else { 0 };
        self.owed.extend(&bytes[taken..]);
        Ok(())
        // ANCHOR_END: ex2_4_send
    }

    /// Sends what is owed, as far as the kernel takes it now.
    fn on_writable(&mut self) -> io::Result<()> {
        // ANCHOR: ex2_4_writable
        let (oldest, _) = self.owed.as_slices();
        let taken = write_now(&self.stream, oldest)?;
        self.owed.drain(..taken);
        if self.owed.is_empty() {
            // Who owes nothing needs no memory for it.
            self.owed = VecDeque::new();
        }
        Ok(())
        // ANCHOR_END: ex2_4_writable
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
