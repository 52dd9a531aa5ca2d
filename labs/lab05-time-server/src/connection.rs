//! One client's connection, given complete: reading with a limit, sending, closing, and the log.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::log;
use crate::protocol::Line;

/// How long we listen on after our own end, so that the client has its last reply in hand.
const LINGER_LIMIT: Duration = Duration::from_secs(1);

/// How much one read may bring of what nobody will look at.
const REST_LEN: usize = 1024;

/// A conversation under way.
pub struct Connection {
    stream: Arc<TcpStream>,
    peer: SocketAddr,
    idle_limit: Duration,
    /// When the client will have been idle for too long: unless it finishes a request before.
    idle_at: Instant,
}

impl Connection {
    /// Takes over a connection to a client that may be idle for `idle_limit`.
    ///
    /// # Errors
    ///
    /// When the socket takes no settings.
    pub fn new(stream: Arc<TcpStream>, peer: SocketAddr, idle_limit: Duration) -> io::Result<Self> {
        // A reply leaves at once, also while the one before it is not acknowledged.
        stream.set_nodelay(true)?;
        // Who takes no reply is idle too, however much it asks.
        stream.set_write_timeout(Some(idle_limit))?;
        Ok(Self { stream, peer, idle_limit, idle_at: Instant::now() + idle_limit })
    }

    /// Reads what has come, and waits if nothing has; returns how much it was, and 0 at the end.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the client has been idle for too long.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_before(self.idle_at, buffer).map_err(|error| self.named(error))
    }

    /// Notes that a request has come; the client has all its time again for the next one.
    pub fn received(&mut self, line: &Line) {
        self.idle_at = Instant::now() + self.idle_limit;
        match line {
            Line::Whole(line) => log::received(line, self.peer),
            Line::TooLong => log::received(b"(a line that is too long)", self.peer),
        }
    }

    /// Sends a whole reply, in one write as long as the kernel has room for it.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the client takes nothing.
    pub fn send(&mut self, reply: &str) -> io::Result<()> {
        let sent = (&*self.stream).write_all(reply.as_bytes());
        sent.map_err(|error| self.named(error))?;
        log::sent(reply, self.peer);
        Ok(())
    }

    /// Ends the conversation in such a way that everything we have sent arrives.
    ///
    /// To close a socket in which bytes wait unread is to reset the connection, and a reset may
    /// overtake our last reply. So we end our half, and throw away what still comes until the
    /// client has closed too.
    pub fn close(mut self) {
        let deadline = Instant::now() + LINGER_LIMIT;
        if self.stream.shutdown(Shutdown::Write).is_ok() {
            let mut rest = [0; REST_LEN];
            while matches!(self.read_before(deadline, &mut rest), Ok(1..)) {}
        }
    }

    /// Reads with a limit; a read that is interrupted by a signal is asked again.
    fn read_before(&mut self, deadline: Instant, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match (&*self.stream).read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    /// Puts the words of this server to a limit that ran out, which has two names.
    fn named(&self, error: io::Error) -> io::Error {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                io::Error::new(ErrorKind::TimedOut, format!("idle for {:?}", self.idle_limit))
            }
            _ => error,
        }
    }
}
