//! `fixed`: every message has 16 bytes; a shorter one is padded with NUL.
//!
//! ```text
//!   0                   n          16
//!   +-------------------+-----------+
//!   | message           | 0 0 … 0   |
//!   +-------------------+-----------+
//! ```
//!
//! A NUL at the end is padding: a message that ends in NUL comes out shorter.

use super::{Decoded, Error, Framing, Inbox, Place};

/// How long every message is on the wire.
const RECORD_LEN: usize = 16;

/// Records of 16 bytes.
pub struct Fixed;

impl Framing for Fixed {
    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Error> {
        todo!(
            "exercise 4.3 of lab04 (Framing): Fixed: every message is 16 bytes long.

    Take RECORD_LEN bytes out of the inbox and return them without the NULs at their
    end. If there are fewer, it is not complete yet; and if the stream has ended inside
    a record, it is cut.

    check it          cargo test -p lab04 -- ex4_3
    see it finished   cargo run -p solution04 -- --framing fixed
    read about it     book/src/lab04-framing.md
"
        )
    }

    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        todo!(
            "exercise 4.3 of lab04 (Framing): Fixed: every message is 16 bytes long.

    Return a record of RECORD_LEN bytes: the message, then NULs. Refuse a message that
    is longer.

    check it          cargo test -p lab04 -- ex4_3
    see it finished   cargo run -p solution04 -- --framing fixed
    read about it     book/src/lab04-framing.md
"
        )
    }
}
