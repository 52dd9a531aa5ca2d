//! One client: a conversation and the socket that carries it.
//!
//! ```text
//!              read                                    send
//!   client ----------> [ inbox ] conversation [ outbox ] ----> kernel ----> client
//!                                     ^
//!                                     | files, one step at a time
//!                                    site
//! ```

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::conversation::{Conversation, Waiting};
use crate::interest::{Interest, Key, Ready};
use crate::message::refusal::Refusal;
use crate::site::Site;

/// The most that one step reads.
pub const STEP_LEN: usize = 64 * 1024;

/// How many steps a client is heard out for at a time: one that never stops must not keep us.
const LAST_STEPS: usize = 4;

/// A client, from its first byte to its last.
pub struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    conversation: Conversation,
    clock: Clock,
    /// How many bytes have been taken by the kernel.
    sent: u64,
    /// How many bytes have come.
    heard: u64,
    /// We have ended our half.
    shut: bool,
}

impl Connection {
    /// Takes over a client that has just been accepted.
    ///
    /// # Errors
    ///
    /// When the socket does not take its settings.
    pub fn new(stream: TcpStream, peer: SocketAddr, idle_limit: Duration) -> io::Result<Self> {
        // No step may wait, not even if the kernel said that it would not have to.
        stream.set_nonblocking(true)?;
        // A response leaves at once, also while the one before it is not acknowledged.
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            peer,
            conversation: Conversation::new(peer),
            clock: Clock::new(idle_limit),
            sent: 0,
            heard: 0,
            shut: false,
        })
    }

    /// What we want to be told about it now.
    pub fn interest(&self) -> Interest {
        let owes = self.conversation.waiting() == Waiting::Room;
        Interest { readable: self.conversation.wants_more(), writable: owes }
    }

    /// Takes the steps for which it is `ready`; `buffer` is anybody's between two steps.
    ///
    /// # Errors
    ///
    /// When this connection is broken, most often reset by the client.
    pub fn step(&mut self, ready: &Ready, site: &Site, buffer: &mut [u8]) -> io::Result<()> {
        if ready.writable {
            self.send()?;
        }
        if ready.readable && self.conversation.wants_more() {
            self.read(buffer)?;
        }
        self.conversation.go_on(site);
        self.send()?;
        // What found no room before may find it now. So whatever can be answered is being
        // answered, or something is owed and we will be told when to go on.
        self.conversation.go_on(site);
        self.end_our_half()?;
        self.read_clock();
        Ok(())
    }

    /// Reads once.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        match self.stream.read(buffer) {
            Ok(0) => self.conversation.hear_end(),
            Ok(count) => {
                self.heard += count as u64;
                self.conversation.hear(&buffer[..count]);
            }
            // Not now, or a signal came first: we will be told again.
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Sends what is owed, as far as the kernel takes it now.
    fn send(&mut self) -> io::Result<()> {
        self.sent += self.conversation.send(&self.stream)?;
        Ok(())
    }

    /// Tells the client that nothing more will come, once that is so.
    ///
    /// To close a socket in which bytes wait unread is to reset the connection, and a reset may
    /// overtake our last response. So we end our half, and throw away what still comes until the
    /// client has ended its own.
    fn end_our_half(&mut self) -> io::Result<()> {
        if self.conversation.waiting() == Waiting::End && !self.is_finished() && !self.shut {
            self.shut = true;
            self.stream.shutdown(Shutdown::Write)?;
        }
        Ok(())
    }

    /// Lets the clock start again if something has moved.
    fn read_clock(&mut self) {
        let moved = self.conversation.understood() + self.sent;
        self.clock.read(self.conversation.waiting(), moved);
    }

    /// Until when something must have moved.
    pub fn deadline(&self) -> Instant {
        self.clock.deadline()
    }

    /// Hears that the deadline has passed. Who is in the middle of a request is told so; then
    /// this returns true, and there is a new deadline.
    ///
    /// # Errors
    ///
    /// When the connection is broken.
    pub fn time_out(&mut self) -> io::Result<bool> {
        if !matches!(self.conversation.waiting(), Waiting::Head | Waiting::Body) {
            return Ok(false);
        }
        self.conversation.refuse(Refusal::Late);
        self.send()?;
        self.end_our_half()?;
        self.read_clock();
        Ok(true)
    }

    /// Answers what has arrived, in a few steps; says whether that was all, and nothing is owed.
    ///
    /// # Errors
    ///
    /// When this connection is broken.
    pub fn hear_out(&mut self, site: &Site, buffer: &mut [u8]) -> io::Result<bool> {
        let ready = Ready { key: Key::MAX, readable: true, writable: true };
        for _ in 0..LAST_STEPS {
            let before = self.heard;
            self.step(&ready, site, buffer)?;
            if self.heard == before {
                break;
            }
        }
        Ok(matches!(self.conversation.waiting(), Waiting::Request | Waiting::Head))
    }

    /// Nothing more will be answered, nothing is owed, and nothing will be lost by a close.
    pub fn is_finished(&self) -> bool {
        self.conversation.waiting() == Waiting::End && self.conversation.is_end_known()
    }

    /// Where the client speaks from.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
