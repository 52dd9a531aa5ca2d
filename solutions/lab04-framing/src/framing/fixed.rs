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
        // ANCHOR: ex4_3_decode
        if inbox.len() < RECORD_LEN {
            let is_cut = inbox.has_ended() && !inbox.is_empty();
            return if is_cut { Err(Error::Cut(Place::Record)) } else { Ok(Decoded::Partial) };
        }
        let mut message = inbox.take(RECORD_LEN);
        while message.last() == Some(&0) {
            message.pop();
        }
        Ok(Decoded::Complete(message))
        // ANCHOR_END: ex4_3_decode
    }

    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        // ANCHOR: ex4_3_encode
        if message.len() > RECORD_LEN {
            return Err(Error::TooLong(RECORD_LEN));
        }
        let mut record = message.to_vec();
        record.resize(RECORD_LEN, 0);
        Ok(record)
        // ANCHOR_END: ex4_3_encode
    }
}
