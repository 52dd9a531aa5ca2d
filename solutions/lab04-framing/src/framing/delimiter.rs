//! `delimiter`: a line feed ends the message, and stands nowhere in it.
//!
//! ```text
//!   +------------------+----+
//!   | escaped message  | LF |
//!   +------------------+----+
//!
//!   in the message    on the wire
//!   LF                \n     (two bytes: 5c 6e)
//!   \                 \\     (two bytes: 5c 5c)
//! ```
//!
//! What follows the last LF is not a message.

use super::{Decoded, Error, Framing, Inbox};

/// The longest line as it is sent, without its LF.
const LINE_LEN_MAX: usize = 64 * 1024;

/// Lines.
pub struct Delimiter;

impl Framing for Delimiter {
    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Error> {
        // ANCHOR: ex4_4_decode
        let end = inbox.find(b'\n');
        if end.unwrap_or(inbox.len()) > LINE_LEN_MAX {
            return Err(Error::TooLong(LINE_LEN_MAX));
        }
        let Some(end) = end else { return Ok(Decoded::Partial) };
        let message = unescaped(&inbox.take(end));
        inbox.skip(1);
        Ok(Decoded::Complete(message))
        // ANCHOR_END: ex4_4_decode
    }

    /// A message with many line feeds and backslashes can be short enough here, and its line too
    /// long for the other side.
    fn encode(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        if message.len() > LINE_LEN_MAX {
            return Err(Error::TooLong(LINE_LEN_MAX));
        }
        let mut line = escaped(message);
        line.push(b'\n');
        Ok(line)
    }
}

/// The message that `line` stands for. What is not one of the two escapes stays as it is.
fn unescaped(line: &[u8]) -> Vec<u8> {
    // ANCHOR: ex4_4_unescaped
    let mut message = Vec::with_capacity(line.len());
    let mut left = line;
    loop {
        let (byte, rest) = match left {
            [] => return message,
            [b'\\', b'n', rest @ ..] => (b'\n', rest),
            [b'\\', b'\\', rest @ ..] => (b'\\', rest),
            [byte, rest @ ..] => (*byte, rest),
        };
        message.push(byte);
        left = rest;
    }
    // ANCHOR_END: ex4_4_unescaped
}

/// The line, without its LF, that stands for `message`.
fn escaped(message: &[u8]) -> Vec<u8> {
    // ANCHOR: ex4_4_escaped
    let mut line = Vec::with_capacity(message.len() + 1);
    for byte in message {
        match byte {
            b'\n' => line.extend(b"\\n"),
            b'\\' => line.extend(b"\\\\"),
            _ => line.push(*byte),
        }
    }
    line
    // ANCHOR_END: ex4_4_escaped
}
