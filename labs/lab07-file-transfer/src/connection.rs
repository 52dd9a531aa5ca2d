//! A connection, given complete: reading and sending with a limit, and closing.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::buffers::Buffers;

/// How long we listen on after our own end, so that the peer has our last reply in hand.
const LINGER_LIMIT: Duration = Duration::from_secs(1);

/// A conversation under way, on either side of it.
pub struct Connection<'a> {
    stream: Arc<TcpStream>,
    pub buffers: &'a mut Buffers,
    idle_limit: Duration,
    /// When the peer will have been idle for too long: unless there is progress before.
    idle_at: Instant,
}

impl<'a> Connection<'a> {
    /// Takes over a connection to a peer that may be idle for `idle_limit`.
    ///
    /// # Errors
    ///
    /// When the socket takes no settings.
    pub fn new(
        stream: Arc<TcpStream>,
        buffers: &'a mut Buffers,
        idle_limit: Duration,
    ) -> io::Result<Self> {
        // A reply leaves at once, also while the one before it is not acknowledged.
        stream.set_nodelay(true)?;
        // Who takes no reply is idle too, however much it asks.
        stream.set_write_timeout(Some(idle_limit))?;
        buffers.inbox.clear();
        Ok(Self { stream, buffers, idle_limit, idle_at: Instant::now() + idle_limit })
    }

    /// The connection itself.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// What has come and has not been taken.
    pub fn bytes(&self) -> &[u8] {
        self.buffers.inbox.bytes()
    }

    /// Drops the first `count` bytes of that.
    pub fn skip(&mut self, count: usize) {
        self.buffers.inbox.skip(count);
    }

    /// Reads what has come, and waits if nothing has; returns how much it was, and 0 at the end.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the peer has been idle for too long.
    pub fn read(&mut self) -> io::Result<usize> {
        self.read_before(self.idle_at).map_err(|error| self.named(error))
    }

    /// The same, inside something that must not end here.
    ///
    /// # Errors
    ///
    /// When it does.
    pub fn read_more(&mut self) -> io::Result<()> {
        match self.read()? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "gone in the middle of a transfer")),
            _ => Ok(()),
        }
    }

    /// Waits until there is something to take, if there is nothing.
    ///
    /// # Errors
    ///
    /// When nothing comes any more.
    pub fn wait_for_bytes(&mut self) -> io::Result<()> {
        if self.bytes().is_empty() {
            self.progress();
            self.read_more()?;
        }
        Ok(())
    }

    /// Gives the peer all its time again: a request has come, or a part of a file.
    pub fn progress(&mut self) {
        self.idle_at = Instant::now() + self.idle_limit;
    }

    /// Sends all of `bytes`, in one write as long as the kernel has room for them.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the peer takes nothing.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        (&*self.stream).write_all(bytes).map_err(|error| self.named(error))
    }

    /// Sends what stands in the outbox, and empties it.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the peer takes nothing.
    pub fn flush(&mut self) -> io::Result<()> {
        self.send(&self.buffers.outbox)?;
        self.buffers.outbox.clear();
        Ok(())
    }

    /// Ends the conversation in such a way that everything we have sent arrives.
    ///
    /// To close a socket in which bytes wait unread is to reset the connection, and a reset may
    /// overtake our last reply. So we end our half, and throw away what still comes until the
    /// peer has closed too.
    pub fn close(mut self) {
        let deadline = Instant::now() + LINGER_LIMIT;
        if self.stream.shutdown(Shutdown::Write).is_ok() {
            self.buffers.inbox.clear();
            while matches!(self.read_before(deadline), Ok(1..)) {
                self.buffers.inbox.clear();
            }
        }
    }

    /// Reads with a limit; a read that is interrupted by a signal is asked again.
    fn read_before(&mut self, deadline: Instant) -> io::Result<usize> {
        let room = self.buffers.inbox.room();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match (&*self.stream).read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(count) => {
                    self.buffers.inbox.filled(count);
                    return Ok(count);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Puts the words of this server to a limit that ran out, which has two names.
    pub fn named(&self, error: io::Error) -> io::Error {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                io::Error::new(ErrorKind::TimedOut, format!("idle for {:?}", self.idle_limit))
            }
            _ => error,
        }
    }
}
