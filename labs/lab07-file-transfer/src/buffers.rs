//! The memory for one connection, given complete: the same for a file of any size.
//!
//! ```text
//!   upload      socket --> inbox --> (decode) --> block --> file
//!   download    file --> block --> (encode) --> outbox --> socket
//! ```
//!
//! The blocks are small enough for the cache of a processor, and large enough to make a system call
//! worth its price.

use std::io::{self, ErrorKind, Read};

use crate::wire::base64;

/// How much one read of the socket may bring.
const INBOX_LEN: usize = 64 * 1024;

/// How much is read from a file at a time: a multiple of 3, for base64.
pub const BLOCK_LEN: usize = 48 * 1024;

/// How many blocks leave in one write.
const BLOCKS_A_WRITE: usize = 2;

/// The blocks of one write as base64, and the few words before or behind them.
const OUTBOX_LEN: usize = BLOCKS_A_WRITE * base64::encoded_len(BLOCK_LEN) + WORDS_LEN;
const WORDS_LEN: usize = 4 * 1024;

/// How much memory a connection has for what it carries.
pub const CONNECTION_MEMORY: usize = INBOX_LEN + BLOCK_LEN + OUTBOX_LEN;

const _: () = assert!(CONNECTION_MEMORY <= 256 * 1024 && BLOCK_LEN.is_multiple_of(3));

/// What a worker works with. Each of its connections has it in turn.
pub struct Buffers {
    /// What has come.
    pub inbox: Inbox,
    /// A part of a file.
    pub block: Vec<u8>,
    /// What is going to leave.
    pub outbox: Vec<u8>,
}

/// Bytes that have arrived, in the order of their arrival.
pub struct Inbox {
    bytes: Box<[u8]>,
    /// Where those begin that have not been taken.
    start: usize,
    /// Where they end.
    end: usize,
}

impl Buffers {
    /// Empty ones. They never grow.
    pub fn new() -> Self {
        Self {
            inbox: Inbox { bytes: vec![0; INBOX_LEN].into(), start: 0, end: 0 },
            block: Vec::with_capacity(BLOCK_LEN),
            outbox: Vec::with_capacity(OUTBOX_LEN),
        }
    }

    /// Fills the block from `source`; it is shorter only at the end.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    pub fn read_block(&mut self, source: &mut (impl Read + ?Sized)) -> io::Result<()> {
        self.block.resize(BLOCK_LEN, 0);
        let mut len = 0;
        while len < BLOCK_LEN {
            match source.read(&mut self.block[len..]) {
                Ok(0) => break,
                Ok(count) => len += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.block.truncate(len);
        Ok(())
    }

    /// Whether the outbox takes another block as base64, and the few words behind it.
    pub fn has_room_for_block(&self) -> bool {
        self.outbox.len() + base64::encoded_len(BLOCK_LEN) <= OUTBOX_LEN - WORDS_LEN / 2
    }
}

impl Inbox {
    /// What is there and has not been taken.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Drops the first `count` bytes.
    pub fn skip(&mut self, count: usize) {
        self.start += count;
        debug_assert!(self.start <= self.end, "only what is there can be skipped");
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Room for what comes next. What was not taken before is only ever a head, or a few bytes.
    pub fn room(&mut self) -> &mut [u8] {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        &mut self.bytes[self.end..]
    }

    /// Says that so many bytes have come into the room.
    pub fn filled(&mut self, count: usize) {
        self.end += count;
    }
}
