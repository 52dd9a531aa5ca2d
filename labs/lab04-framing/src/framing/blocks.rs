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
        todo!(
            "exercise 4.6 of lab04 (Framing): Blocks: many lengths, and an empty one at the end.

    Take block after block out of the inbox and add them to `self.message`; the empty
    block completes it. All blocks together have at most MESSAGE_LEN_MAX bytes. If the
    stream ends before the empty block, the run is cut.

    check it          cargo test -p lab04 -- ex4_6
    see it finished   cargo run -p solution04 -- --framing blocks
    read about it     book/src/lab04-framing.md
"
        )
    }

    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        todo!(
            "exercise 4.6 of lab04 (Framing): Blocks: many lengths, and an empty one at the end.

    Return the message as blocks of at most BLOCK_LEN bytes, and the empty block. Refuse
    a message of more than MESSAGE_LEN_MAX bytes.

    check it          cargo test -p lab04 -- ex4_6
    see it finished   cargo run -p solution04 -- --framing blocks
    read about it     book/src/lab04-framing.md
"
        )
    }
}
