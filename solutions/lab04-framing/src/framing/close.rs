//! `close`: the end of the stream ends the message, so a connection carries one.
//!
//! ```text
//!   +------------------+
//!   | message          | FIN
//!   +------------------+
//! ```

use super::{Decoded, Error, Framing, Inbox, MESSAGE_LEN_MAX};

/// One message a connection, in each direction.
#[derive(Default)]
pub struct Close {
    /// Whether the one message has been taken.
    is_taken: bool,
}

impl Framing for Close {
    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Error> {
        // ANCHOR: ex4_1_decode
        if inbox.len() > MESSAGE_LEN_MAX {
            return Err(Error::TooLong(MESSAGE_LEN_MAX));
        }
        if !inbox.has_ended() || self.is_taken {
            return Ok(Decoded::Partial);
        }
        self.is_taken = true;
        Ok(Decoded::Complete(inbox.take(inbox.len())))
        // ANCHOR_END: ex4_1_decode
    }

    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        if message.len() > MESSAGE_LEN_MAX {
            return Err(Error::TooLong(MESSAGE_LEN_MAX));
        }
        Ok(message.to_vec())
    }
}
