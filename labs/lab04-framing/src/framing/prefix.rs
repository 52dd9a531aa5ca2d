//! `prefix`: a header says how many bytes follow.
//!
//! ```text
//!   0        4                  4+n
//!   +--------+------------------+
//!   | n (BE) | message          |
//!   +--------+------------------+
//! ```

use super::{Decoded, Error, Framing, Inbox, MESSAGE_LEN_MAX, Place};

/// How long the header is.
const HEADER_LEN: usize = 4;

/// Messages with their length in front.
pub struct Prefix;

impl Framing for Prefix {
    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Error> {
        take_frame(inbox, MESSAGE_LEN_MAX)
    }

    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        frame(message)
    }
}

/// Takes header and body out of the inbox, if they are there whole; the body has at most `room`
/// bytes.
pub fn take_frame(inbox: &mut Inbox, room: usize) -> Result<Decoded, Error> {
    todo!(
        "exercise 4.5 of lab04 (Framing): Prefix: the length comes first.

    Read the header: HEADER_LEN bytes, a length, most significant byte first. Refuse a
    length over `room` at once (the error names MESSAGE_LEN_MAX). When the body is there
    whole, take header and body out of the inbox and return the body. When something is
    missing, it is not complete yet, or cut in the header or in the body if the stream
    has ended.

    check it          cargo test -p lab04 -- ex4_5
    see it finished   cargo run -p solution04 -- --framing prefix
    read about it     book/src/lab04-framing.md
"
    )
}

/// The header and the body.
pub fn frame(body: &[u8]) -> Result<Vec<u8>, Error> {
    todo!(
        "exercise 4.5 of lab04 (Framing): Prefix: the length comes first.

    Return the length of the body in HEADER_LEN bytes, most significant byte first, and
    then the body. Refuse a body of more than MESSAGE_LEN_MAX bytes.

    check it          cargo test -p lab04 -- ex4_5
    see it finished   cargo run -p solution04 -- --framing prefix
    read about it     book/src/lab04-framing.md
"
    )
}
