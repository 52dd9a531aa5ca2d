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
    // ANCHOR: ex4_5_take_frame
    let is_cut = inbox.has_ended() && !inbox.is_empty();
    let Some(header) = inbox.bytes().first_chunk::<HEADER_LEN>() else {
        return if is_cut { Err(Error::Cut(Place::Header)) } else { Ok(Decoded::Partial) };
    };
    let len = u32::from_be_bytes(*header) as usize;
    // Before anything of the body is waited for: the header alone says that it is too much.
    if len > room {
        return Err(Error::TooLong(MESSAGE_LEN_MAX));
    }
    if inbox.len() < HEADER_LEN + len {
        return if is_cut { Err(Error::Cut(Place::Body)) } else { Ok(Decoded::Partial) };
    }
    inbox.skip(HEADER_LEN);
    Ok(Decoded::Complete(inbox.take(len)))
    // ANCHOR_END: ex4_5_take_frame
}

/// The header and the body.
pub fn frame(body: &[u8]) -> Result<Vec<u8>, Error> {
    // ANCHOR: ex4_5_frame
    if body.len() > MESSAGE_LEN_MAX {
        return Err(Error::TooLong(MESSAGE_LEN_MAX));
    }
    let len = u32::try_from(body.len()).map_err(|_| Error::TooLong(MESSAGE_LEN_MAX))?;
    Ok([&len.to_be_bytes(), body].concat())
    // ANCHOR_END: ex4_5_frame
}
