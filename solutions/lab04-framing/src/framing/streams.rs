//! `streams`: the end of the stream ends the message, which is sent while it is made.
//!
//! ```text
//!   +-------+------------+----+- - -
//!   | piece | piece      | pi…      FIN
//!   +-------+------------+----+- - -
//! ```

use super::close::Close;
use super::{Decoded, Error, Framing, Inbox, MESSAGE_LEN_MAX};

/// One message a connection, in pieces.
#[derive(Default)]
pub struct Streams {
    whole: Close,
    /// How much has been sent.
    sent: usize,
}

impl Framing for Streams {
    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Error> {
        // ANCHOR: ex4_2_decode
        // Who reads cannot tell in how many pieces the message was sent.
        self.whole.decode(inbox)
        // ANCHOR_END: ex4_2_decode
    }

    fn encode(&mut self, piece: &[u8]) -> Result<Vec<u8>, Error> {
        self.sent += piece.len();
        if self.sent > MESSAGE_LEN_MAX {
            return Err(Error::TooLong(MESSAGE_LEN_MAX));
        }
        Ok(piece.to_vec())
    }
}
