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
        todo!(
            "exercise 4.4 of lab04 (Framing): Delimiter: a byte that stands nowhere else.

    Find the first LF. Without one, the line is not complete yet. Take the line and its
    LF out of the inbox, and return the message that the line stands for. Refuse a line
    as soon as it has more than LINE_LEN_MAX bytes, the LF not counted.

    check it          cargo test -p lab04 -- ex4_4
    see it finished   cargo run -p solution04 -- --framing delimiter
    read about it     book/src/lab04-framing.md
"
        )
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
    todo!(
        "exercise 4.4 of lab04 (Framing): Delimiter: a byte that stands nowhere else.

    Go through the line from left to right: `\\n` stands for LF, `\\\\` for one backslash.
    Everything else stays as it is, also a backslash before another byte or at the end.

    check it          cargo test -p lab04 -- ex4_4
    see it finished   cargo run -p solution04 -- --framing delimiter
    read about it     book/src/lab04-framing.md
"
    )
}

/// The line, without its LF, that stands for `message`.
fn escaped(message: &[u8]) -> Vec<u8> {
    todo!(
        "exercise 4.4 of lab04 (Framing): Delimiter: a byte that stands nowhere else.

    Write LF as `\\n` and a backslash as `\\\\`; everything else stays as it is.

    check it          cargo test -p lab04 -- ex4_4
    see it finished   cargo run -p solution04 -- --framing delimiter
    read about it     book/src/lab04-framing.md
"
    )
}
