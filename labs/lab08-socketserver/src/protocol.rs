//! The language of the time server: lines in, replies out. No sockets here.
//!
//! ```text
//!   request             reply
//!   TIME\r\n            JAM hh:mm:ss\r\n
//!   QUIT\r\n            the end of the stream
//!   anything else\r\n   Invalid command\r\n
//! ```
//!
//! A line ends in CR LF and in nothing else; it may arrive in any pieces.

use crate::clock::Time;

/// The longest line that is taken for a request, without its end.
pub const LINE_LEN_MAX: usize = 1024;

const LINE_END: &[u8] = b"\r\n";

const INVALID: &str = "Invalid command\r\n";

/// One line of a client's, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line of at most [`LINE_LEN_MAX`] bytes.
    Whole(Vec<u8>),
    /// A line that is longer: all that anybody needs to know of it.
    TooLong,
}

/// What the server does about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Sends this.
    Reply(String),
    /// Ends the conversation.
    Close,
}

/// Says what is to be done about `line` at the time `now`.
pub fn answer(line: &Line, now: Time) -> Answer {
    let Line::Whole(line) = line else {
        return Answer::Reply(INVALID.to_string());
    };
    match line.as_slice() {
        b"TIME" => Answer::Reply(reply(now)),
        b"QUIT" => Answer::Close,
        _ => Answer::Reply(INVALID.to_string()),
    }
}

/// The reply that tells the time: `JAM 09:05:00`, and the end of the line.
fn reply(now: Time) -> String {
    let Time { hour, minute, second } = now;
    format!("JAM {hour:02}:{minute:02}:{second:02}\r\n")
}

/// Makes lines out of pieces.
#[derive(Default)]
pub struct Lines {
    /// Arrived, and not yet handed out as a line, oldest first.
    pub(crate) held: Vec<u8>,
    /// What is held next is the rest of a line that was too long and is answered already.
    skipping: bool,
}

impl Lines {
    /// Takes in a piece, whatever it holds: a part of a line, several lines, or both.
    pub fn push(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
    }

    /// The next line, as soon as it is whole or too long; `None` means "not yet".
    ///
    /// After `None`, at most [`LINE_LEN_MAX`] + 1 bytes are held.
    pub fn next_line(&mut self) -> Option<Line> {
        while let Some(len) = self.held.windows(LINE_END.len()).position(|it| it == LINE_END) {
            let rest = self.held.split_off(len + LINE_END.len());
            let mut line = std::mem::replace(&mut self.held, rest);
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            line.truncate(len);
            return Some(if len > LINE_LEN_MAX { Line::TooLong } else { Line::Whole(line) });
        }
        // The last byte may be the first half of a line end, which does not count.
        if self.held.len() <= LINE_LEN_MAX + 1 {
            return None;
        }
        let answered = std::mem::replace(&mut self.skipping, true);
        let half_an_end = self.held.last() == LINE_END.first();
        self.held.clear();
        self.held.extend(half_an_end.then_some(LINE_END[0]));
        (!answered).then_some(Line::TooLong)
    }
}
