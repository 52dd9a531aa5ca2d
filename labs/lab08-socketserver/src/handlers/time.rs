//! The time server of lab 05: its language (`protocol.rs`) and its clock, word for word.

use std::io::{self, Read, Write};

use lab08::{Connection, Handler};

use crate::clock;
use crate::protocol::{Answer, LINE_LEN_MAX, Line, Lines, answer};

/// How much one read may bring: a few lines, or a part of one.
const READ_LEN: usize = 2048;

pub struct TimeServer;

impl Handler for TimeServer {
    /// A datagram is a line, with or without its end.
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        todo!(
            "exercise 8.7 of lab08 (A socketserver of our own): Put your lab05 on it.

    Take the datagram for a line, with or without CR LF at its end, and return the reply
    that `answer` of `protocol.rs` gives at `clock::now()`; None if that is to close.

    check it          cargo test -p lab08 -- ex8_7
    see it finished   cargo run -p solution08 -- --handler time --run threads
    read about it     book/src/lab08-socketserver.md
"
        )
    }

    fn converse(&self, connection: &mut Connection) -> io::Result<()> {
        todo!(
            "exercise 8.7 of lab08 (A socketserver of our own): Put your lab05 on it.

    Talk as lab 05 does: give what a read brings to `lines`, and do for each line that
    comes out what `answer` of `protocol.rs` says at `clock::now()`. Return when a read
    returns 0, or when the answer is to close.

    check it          cargo test -p lab08 -- ex8_7
    see it finished   cargo run -p solution08 -- --handler time --run threads
    read about it     book/src/lab08-socketserver.md
"
        )
    }
}
