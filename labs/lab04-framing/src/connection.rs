//! A connection that carries messages: the framing says what a message is, this moves the bytes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::framing::{Decoded, Framing, Inbox};
use crate::hex;

/// How much one read may bring. A message may be longer, and one read may bring many.
const READ_LEN: usize = 16 * 1024;

/// Answers wait until there is nothing left to read, or until they are this long together.
const OUTBOX_LEN: usize = 64 * 1024;

/// How long a parting server still reads what it no longer wants.
const PARTING_LIMIT: Duration = Duration::from_secs(1);

/// One end of a connection, and the messages on it.
pub struct Connection {
    stream: Arc<TcpStream>,
    framing: Box<dyn Framing>,
    /// Arrived and not yet decoded.
    inbox: Inbox,
    /// Encoded and not yet sent.
    outbox: Vec<u8>,
    /// Where a read puts what has come: nobody's between two reads.
    piece: Vec<u8>,
    /// Whether the bytes that travel are shown.
    show: bool,
}

impl Connection {
    /// Carries messages over `stream`.
    pub fn new(stream: Arc<TcpStream>, framing: Box<dyn Framing>) -> Self {
        let (inbox, outbox) = (Inbox::default(), Vec::new());
        Self { stream, framing, inbox, outbox, piece: vec![0; READ_LEN], show: false }
    }

    /// Shows the bytes that travel, in both directions, on standard error.
    pub fn shown(mut self) -> Self {
        self.show = true;
        self
    }

    /// Waits for the next message; `None` when the peer has said everything.
    ///
    /// # Errors
    ///
    /// When the connection fails, or what comes is not a message.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        todo!(
            "exercise 4.1 of lab04 (Framing): Close: the end of the stream ends the message.

    Wait for the next message: ask the framing to decode what is in the inbox; return a
    message that is complete; otherwise read more, and decode again. When the stream has
    ended and no message is complete, there is none.

    check it          cargo test -p lab04 -- ex4_1
    see it finished   cargo run -p solution04
    read about it     book/src/lab04-framing.md
"
        )
    }

    /// Sends `message`, at the latest before the next wait.
    ///
    /// # Errors
    ///
    /// When the connection fails, or the framing cannot carry the message.
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.outbox.extend(self.framing.encode(message)?);
        if self.outbox.len() < OUTBOX_LEN { Ok(()) } else { self.flush() }
    }

    /// Sends what waits in the outbox.
    ///
    /// # Errors
    ///
    /// When the connection fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.show_bytes('>', &self.outbox);
        (&*self.stream).write_all(&self.outbox)?;
        self.outbox.clear();
        Ok(())
    }

    /// Says that nothing more will be sent, and still listens: the half-close of lab 01.
    ///
    /// # Errors
    ///
    /// When the connection fails.
    pub fn end(&mut self) -> io::Result<()> {
        self.flush()?;
        self.stream.shutdown(Shutdown::Write)
    }

    /// Leaves without taking back what has been said: the end is sent, and what still comes is
    /// thrown away for a moment. Closing with unread bytes would send a reset instead, and a reset
    /// can overtake the last answer.
    ///
    /// # Errors
    ///
    /// When the connection fails.
    pub fn part(&mut self) -> io::Result<()> {
        self.end()?;
        self.stream.set_read_timeout(Some(PARTING_LIMIT))?;
        let deadline = Instant::now() + PARTING_LIMIT;
        while Instant::now() < deadline && (&*self.stream).read(&mut self.piece)? > 0 {}
        Ok(())
    }

    /// Waits for the next bytes as they come, whatever the framing; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the connection fails.
    pub fn receive_piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        if !self.inbox.has_ended() {
            self.read_more()?;
        }
        let piece = self.inbox.take(self.inbox.len());
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// Sends what is owed, then waits for bytes: one read, into the inbox.
    fn read_more(&mut self) -> io::Result<()> {
        self.flush()?;
        loop {
            match (&*self.stream).read(&mut self.piece) {
                Ok(0) => self.inbox.end(),
                Ok(count) => {
                    self.show_bytes('<', &self.piece[..count]);
                    self.inbox.add(&self.piece[..count]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    fn show_bytes(&self, direction: char, bytes: &[u8]) {
        if self.show {
            hex::show(direction, bytes);
        }
    }
}
