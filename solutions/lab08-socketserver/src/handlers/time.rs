//! The time server of lab 05: its language (`protocol.rs`) and its clock, word for word.

use std::io::{self, Read, Write};

use solution08::{Connection, Handler};

use crate::clock;
use crate::protocol::{Answer, LINE_LEN_MAX, Line, Lines, answer};

/// How much one read may bring: a few lines, or a part of one.
const READ_LEN: usize = 2048;

pub struct TimeServer;

impl Handler for TimeServer {
    /// A datagram is a line, with or without its end.
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        // ANCHOR: ex8_7_answer
        let line = request.strip_suffix(b"\r\n").unwrap_or(request);
        let is_too_long = line.len() > LINE_LEN_MAX;
        let line = if is_too_long { Line::TooLong } else { Line::Whole(line.to_vec()) };
        match answer(&line, clock::now()) {
            Answer::Reply(reply) => Some(reply.into_bytes()),
            Answer::Close => None,
        }
        // ANCHOR_END: ex8_7_answer
    }

    fn converse(&self, connection: &mut Connection) -> io::Result<()> {
        // ANCHOR: ex8_7_converse
        let (mut lines, mut buffer) = (Lines::default(), [0; READ_LEN]);
        loop {
            let count = connection.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            lines.push(&buffer[..count]);
            while let Some(line) = lines.next_line() {
                match answer(&line, clock::now()) {
                    Answer::Reply(reply) => connection.write_all(reply.as_bytes())?,
                    Answer::Close => return Ok(()),
                }
            }
        }
        // ANCHOR_END: ex8_7_converse
    }
}
