//! One direction of a conversation.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::Range;
use std::time::{Duration, Instant};

use super::journal::Page;
use super::relay::Relay;
use crate::pcap::Side;

/// The most that is taken at a time from one side before the other side has got it.
const PIECE_LEN_MAX: usize = 32 << 10;

/// How far the end of the stream has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    NotYet,
    Seen,
    PassedOn,
}

/// Bytes on their way from one side to the other.
///
/// Nothing is read while something is left to write: a side that does not read holds up the one
/// that sends, through us, as it would without us.
pub struct Lane {
    pub from: Side,
    buffer: Box<[u8]>,
    /// What of the buffer the other side has not got yet.
    owed: Range<usize>,
    /// What of the piece that is under way has not been written.
    piece: usize,
    /// When the next piece may go.
    due: Instant,
    end: End,
}

impl Lane {
    pub fn new(from: Side) -> Self {
        let buffer = vec![0; PIECE_LEN_MAX].into_boxed_slice();
        Self { from, buffer, owed: 0..0, piece: 0, due: Instant::now(), end: End::NotYet }
    }

    pub fn wants_to_read(&self) -> bool {
        self.end == End::NotYet && self.owed.is_empty()
    }

    pub fn wants_to_write(&self) -> bool {
        !self.owed.is_empty() && (self.piece > 0 || self.due <= Instant::now())
    }

    /// How long it is until the next piece may go, if one waits for that.
    pub fn wait(&self) -> Option<Duration> {
        let waits = !self.owed.is_empty() && self.piece == 0;
        waits.then(|| self.due.saturating_duration_since(Instant::now()))
    }

    /// How many bytes are under way.
    pub fn owed(&self) -> usize {
        self.owed.len()
    }

    pub fn is_over(&self) -> bool {
        self.end == End::PassedOn
    }

    /// Takes what `source` says, if there is room; an error means that it has gone.
    pub fn read(&mut self, mut source: &TcpStream, delay: Duration) -> io::Result<()> {
        if !self.wants_to_read() {
            return Ok(());
        }
        match source.read(&mut self.buffer) {
            Ok(0) => self.end = End::Seen,
            Ok(count) => {
                self.owed = 0..count;
                self.due = Instant::now() + delay;
            }
            Err(error) if is_not_yet(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Gives `target` what is due, as far as it takes it; an error means that it has gone.
    pub fn write(
        &mut self,
        mut target: &TcpStream,
        relay: &Relay,
        page: &mut Page,
    ) -> io::Result<()> {
        while self.wants_to_write() {
            if self.piece == 0 {
                self.piece = self.owed.len().min(relay.chunk);
                // Told before it goes: nobody may see an answer before its question.
                let next = self.owed.start..self.owed.start + self.piece;
                page.piece(self.from, &self.buffer[next]);
            }
            let next = self.owed.start..self.owed.start + self.piece;
            match target.write(&self.buffer[next]) {
                Ok(count) => {
                    self.owed.start += count;
                    self.piece -= count;
                }
                Err(error) if is_not_yet(&error) => break,
                Err(error) => return Err(error),
            }
            if self.piece == 0 {
                page.arrived(self.from.other());
                self.due = Instant::now() + relay.delay;
            }
        }
        self.pass_on_the_end(target, page);
        Ok(())
    }

    /// What is still under way need not wait any more.
    pub fn hurry(&mut self) {
        self.due = Instant::now();
    }

    /// Once everything has gone, the end goes too.
    fn pass_on_the_end(&mut self, target: &TcpStream, page: &mut Page) {
        if self.end == End::Seen && self.owed.is_empty() {
            self.end = End::PassedOn;
            page.end(self.from);
            // Whoever has gone meanwhile shows in the next read.
            let _ = target.shutdown(Shutdown::Write);
            page.arrived(self.from.other());
        }
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
