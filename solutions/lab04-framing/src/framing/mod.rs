//! Six ways to mark where a message ends, one file each, behind one small interface.
//!
//! No sockets here: bytes in, messages out. How many bytes a read has brought makes no difference.

mod blocks;
mod close;
mod delimiter;
mod fixed;
mod inbox;
mod prefix;
mod streams;

use std::fmt::{self, Display};
use std::io::{self, ErrorKind};

use clap::ValueEnum;

pub use inbox::Inbox;

/// The longest message that `close`, `streams`, `prefix` and `blocks` carry: 1 MiB.
pub const MESSAGE_LEN_MAX: usize = 1 << 20;

/// What a framing makes of a stream of bytes.
pub trait Framing: Send {
    /// Takes the next message out of the inbox, if it is there whole.
    ///
    /// # Errors
    ///
    /// When what is there cannot become a message, whatever comes next.
    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Error>;

    /// The bytes that carry `message`.
    ///
    /// # Errors
    ///
    /// When this framing cannot carry it.
    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error>;
}

/// What was found at the front of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// A message, which is no longer in the inbox.
    Complete(Vec<u8>),
    /// Not enough yet. That is not an error.
    Partial,
}

/// Why bytes are not a message, or a message not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The stream ended here, inside a message.
    Cut(Place),
    /// It has more than this many bytes.
    TooLong(usize),
}

/// A place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One of `fixed`.
    Record,
    /// The length in front.
    Header,
    /// What the length speaks of.
    Body,
    /// Between blocks, before the empty one.
    Run,
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(Place::Record) => f.write_str("the stream ended inside a record"),
            Self::Cut(Place::Header) => f.write_str("the stream ended inside a header"),
            Self::Cut(Place::Body) => f.write_str("the stream ended inside a body"),
            Self::Cut(Place::Run) => f.write_str("the stream ended before the empty block"),
            Self::TooLong(limit) => write!(f, "the message is too long: over {limit} bytes"),
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Cut(_) => ErrorKind::UnexpectedEof,
            Error::TooLong(_) => ErrorKind::InvalidData,
        };
        Self::new(kind, error.to_string())
    }
}

/// The framings by their names on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// One message a connection, ended by the end of the stream
    Close,
    /// The same, sent and shown while it comes
    Streams,
    /// 16 bytes each, shorter ones padded with NUL
    Fixed,
    /// A line feed ends each
    Delimiter,
    /// 4 bytes of length before each
    Prefix,
    /// A run of prefixed blocks, ended by an empty one
    Blocks,
}

impl Kind {
    /// A framing for a new connection.
    pub fn framing(self) -> Box<dyn Framing> {
        match self {
            Self::Close => Box::new(close::Close::default()),
            Self::Streams => Box::new(streams::Streams::default()),
            Self::Fixed => Box::new(fixed::Fixed),
            Self::Delimiter => Box::new(delimiter::Delimiter),
            Self::Prefix => Box::new(prefix::Prefix),
            Self::Blocks => Box::new(blocks::Blocks::default()),
        }
    }
}
