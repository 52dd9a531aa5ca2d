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
    // It knows one command.
    if line == b"TIME" {
        return Answer::Reply(reply(now));
    }
    todo!(
        "exercise 5.3 of lab05 (Threaded time server): QUIT, and what is invalid.

    Answer TIME with the time, close on QUIT, and call everything else invalid: also an
    empty line, also `time`, also bytes that are no text.

    check it          cargo test -p lab05 -- ex5_3
    see it finished   cargo run -p solution05
    read about it     book/src/lab05-time-server.md
"
    )
}

/// The reply that tells the time: `JAM 09:05:00`, and the end of the line.
fn reply(now: Time) -> String {
    todo!(
        "exercise 5.1 of lab05 (Threaded time server): One command, one answer.

    Tell the time in the form `JAM hh:mm:ss`, always with two digits each, and end the
    line with CR LF.

    check it          cargo test -p lab05 -- ex5_1
    see it finished   cargo run -p solution05
    read about it     book/src/lab05-time-server.md
"
    )
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
        // It knows one case: all that has come is exactly one line. More may come, and less.
        if self.held.is_empty() {
            return None;
        }
        if self.held.iter().position(|byte| *byte == b'\n') == Some(self.held.len() - 1) {
            let line = std::mem::take(&mut self.held);
            return line.strip_suffix(LINE_END).map(|line| Line::Whole(line.to_vec()));
        }
        todo!(
            "exercise 5.2 of lab05 (Threaded time server): Lines, however they arrive.

    Return the next line of `held` as soon as CR LF ends it, and keep what stands
    behind. A line of more than LINE_LEN_MAX bytes is `TooLong`, once, and the rest of
    it is skipped. If there is nothing to say yet, return None; hold at most
    LINE_LEN_MAX + 1 bytes then.

    check it          cargo test -p lab05 -- ex5_2
    see it finished   cargo run -p solution05
    read about it     book/src/lab05-time-server.md
"
        )
    }
}
