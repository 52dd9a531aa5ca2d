//! One client's connection: lines in, bytes out, and a clock that runs against whoever is idle.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::mem;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much is read ahead, for as long as nobody asks for more at once.
const READ_AHEAD_LEN: usize = 4096;

/// How long we listen on after our own end, so that the client has its last reply in hand.
const LINGER_LIMIT: Duration = Duration::from_secs(1);

/// A connection to a client, for as long as a handler talks with it.
///
/// Reading is buffered, writing is not: nothing that was said can be left behind in a buffer.
pub struct Connection {
    reader: BufReader<Wire>,
}

/// The connection below the buffer.
struct Wire {
    stream: Arc<TcpStream>,
    idle_limit: Duration,
    /// When the client will have been idle for too long: unless it gets an answer before.
    idle_at: Instant,
    /// It got one just now: all its time is left.
    is_fresh: bool,
    /// What the socket has been told about that.
    read_limit: Option<Duration>,
    /// The client has ended its half.
    has_ended: bool,
}

impl Connection {
    /// Takes over a connection to a client that may be idle for `idle_limit`: so long may it take
    /// over a request, and so long over each reply.
    ///
    /// # Errors
    ///
    /// When the socket takes no settings.
    pub(crate) fn new(stream: Arc<TcpStream>, idle_limit: Duration) -> io::Result<Self> {
        // Some systems hand this down from the listener.
        stream.set_nonblocking(false)?;
        // A reply leaves at once, also while the one before it is not acknowledged.
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(idle_limit))?;
        let idle_at = Instant::now() + idle_limit;
        let (is_fresh, read_limit, has_ended) = (true, None, false);
        let wire = Wire { stream, idle_limit, idle_at, is_fresh, read_limit, has_ended };
        Ok(Self { reader: BufReader::with_capacity(READ_AHEAD_LEN, wire) })
    }

    /// Ends the conversation in such a way that everything we have sent arrives.
    ///
    /// To close a socket in which bytes wait unread is to reset the connection, and a reset may
    /// overtake our last reply. So we end our half, and throw away what still comes until the
    /// client has closed too.
    pub(crate) fn close(self) {
        let mut wire = self.reader.into_inner();
        wire.idle_at = wire.idle_at.min(Instant::now() + LINGER_LIMIT);
        wire.is_fresh = false;
        if !wire.has_ended && wire.stream.shutdown(Shutdown::Write).is_ok() {
            while matches!(wire.read(&mut [0; READ_AHEAD_LEN]), Ok(1..)) {}
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl BufRead for Connection {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let wire = self.reader.get_mut();
        let count = wire.stream.as_ref().write(bytes).map_err(|error| wire.named(error))?;
        // Whoever gets an answer has all its time again, for the next request.
        wire.idle_at = Instant::now() + wire.idle_limit;
        wire.is_fresh = true;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Wire {
    /// Reads with a limit; a read that is interrupted by a signal is asked again.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.idle_at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.named(ErrorKind::TimedOut.into()));
            }
            let limit = if mem::take(&mut self.is_fresh) { self.idle_limit } else { left };
            // A system call for each read would be a third of the work of an echo.
            if self.read_limit.replace(limit) != Some(limit) {
                self.stream.set_read_timeout(Some(limit))?;
            }
            match self.stream.as_ref().read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.named(error)),
                Ok(count) => {
                    self.has_ended = count == 0 && !buffer.is_empty();
                    return Ok(count);
                }
            }
        }
    }
}

impl Wire {
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
