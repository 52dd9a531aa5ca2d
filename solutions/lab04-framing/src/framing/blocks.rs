//! `blocks`: a message is a run of prefixed blocks, ended by an empty one.
//!
//! ```text
//!   0        4           4+n
//!   +--------+-----------+--------+-----------+- - -+---------+
//!   | n (BE) | a block   | m (BE) | a block   |     | 0 0 0 0 |
//!   +--------+-----------+--------+-----------+- - -+---------+
//! ```
//!
//! Who sends need not know the length of the message, only that of the next block.

use std::mem;

use super::prefix::{frame, take_frame};
use super::{Decoded, Error, Framing, Inbox, MESSAGE_LEN_MAX, Place};

/// The longest block that we send; what we take may come in blocks of any length.
const BLOCK_LEN: usize = 16 * 1024;

/// Messages as runs of blocks.
#[derive(Default)]
pub struct Blocks {
    /// The blocks of this message so far.
    message: Vec<u8>,
}

impl Framing for Blocks {
    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Error> {
        // ANCHOR: ex4_6_decode
        loop {
            let room = MESSAGE_LEN_MAX - self.message.len();
            match take_frame(inbox, room)? {
                Decoded::Complete(block) if block.is_empty() => {
                    return Ok(Decoded::Complete(mem::take(&mut self.message)));
                }
                Decoded::Complete(block) => self.message.extend(block),
                Decoded::Partial if inbox.has_ended() && !self.message.is_empty() => {
                    return Err(Error::Cut(Place::Run));
                }
                Decoded::Partial => return Ok(Decoded::Partial),
            }
        }
        // ANCHOR_END: ex4_6_decode
    }

    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        // ANCHOR: ex4_6_encode
        if message.len() > MESSAGE_LEN_MAX {
            return Err(Error::TooLong(MESSAGE_LEN_MAX));
        }
        let mut run = Vec::with_capacity(message.len());
        for block in message.chunks(BLOCK_LEN) {
            run.extend(frame(block)?);
        }
        run.extend(frame(b"")?);
        Ok(run)
        // ANCHOR_END: ex4_6_encode
    }
}
