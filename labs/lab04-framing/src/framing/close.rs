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
        todo!(
            "exercise 4.1 of lab04 (Framing): Close: the end of the stream ends the message.

    Take the whole inbox as one message once the stream has ended, but only one time
    (`is_taken`); an empty stream is an empty message. Refuse a message as soon as it
    has more than MESSAGE_LEN_MAX bytes.

    check it          cargo test -p lab04 -- ex4_1
    see it finished   cargo run -p solution04
    read about it     book/src/lab04-framing.md
"
        )
    }

    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        if message.len() > MESSAGE_LEN_MAX {
            return Err(Error::TooLong(MESSAGE_LEN_MAX));
        }
        Ok(message.to_vec())
    }
}
