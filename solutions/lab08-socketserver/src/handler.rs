//! What a server says: the one trait that its author writes.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::SocketAddr;

use crate::connection::Connection;
use crate::log;

/// The longest line that the given [`Handler::converse`] takes, without its line feed.
pub const LINE_LEN_MAX: usize = 64 * 1024;

/// What a server says.
///
/// One value answers for all requests, several at the same time if they are run so: hence `&self`
/// and `Sync`. What the requests of a server share stands in its handler, and the compiler asks for
/// the lock.
///
/// | method | who calls it | who writes it |
/// | --- | --- | --- |
/// | [`answer`](Handler::answer) | `converse`, or the framework with a datagram | you |
/// | [`converse`](Handler::converse) | the framework with a connection | you, if lines will not do |
/// | [`verify`](Handler::verify) | the framework, before each request | you, if not all are welcome |
/// | [`failed`](Handler::failed) | the framework, after a request that failed | you, if a log line will not do |
pub trait Handler: Sync {
    /// Says what the reply to one request is: to a line with its line feed, or to a datagram.
    ///
    /// `None` means that there is nothing to say, and nothing to wait for either: the connection is
    /// closed, the datagram gets no reply.
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>>;

    /// Talks with one client until it has no more to say: answers line after line.
    ///
    /// What stands behind the last line feed when the client ends is a line too.
    ///
    /// # Errors
    ///
    /// When the connection is lost, the client is idle for too long, or a line too long.
    fn converse(&self, connection: &mut Connection) -> io::Result<()> {
        // ANCHOR: ex8_1_converse
        loop {
            let mut line = Vec::new();
            connection.take(LINE_LEN_MAX as u64 + 1).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(());
            }
            if line.len() > LINE_LEN_MAX && !line.ends_with(b"\n") {
                return Err(io::Error::new(ErrorKind::InvalidData, "a line is too long"));
            }
            match self.answer(&line) {
                Some(reply) => connection.write_all(&reply)?,
                None => return Ok(()),
            }
        }
        // ANCHOR_END: ex8_1_converse
    }

    /// Says whether a request from `peer` is welcome; one that is not is dropped without a word.
    fn verify(&self, peer: SocketAddr) -> bool {
        let _ = peer;
        true
    }

    /// Hears that a request has failed. Nothing else comes of it: the client of this request is
    /// closed, and nobody else notices.
    fn failed(&self, peer: SocketAddr, failure: &Failure) {
        log::line(format_args!("{peer}: failed: {failure}"));
    }
}

/// Why a request has failed.
#[derive(Debug)]
pub enum Failure {
    /// The conversation came to an error: most often the client has gone, or was silent.
    Error(io::Error),
    /// The handler has panicked, with these words.
    Panic(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Panic(words) => write!(f, "the handler has panicked: {words}"),
        }
    }
}
