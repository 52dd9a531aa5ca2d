//! One line for each event on standard error, given complete, in the words of the course's first
//! time server.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;

/// How much of a line that a stranger sent is worth a place in the log.
const SHOWN_LEN_MAX: usize = 64;

/// Writes one line, in one write: the threads' lines must not run into each other.
pub fn line(words: impl Display) {
    // Whoever read our words may have gone; that must not keep the server from its work.
    let _ = io::stderr().write_all(format!("{words}\n").as_bytes());
}

/// Says that somebody came.
pub fn came(peer: SocketAddr) {
    line(format_args!("[INFO] Connection from {peer}"));
}

/// Says what somebody sent, with nothing in it that a terminal would obey.
pub fn received(bytes: &[u8], peer: SocketAddr) {
    let shown = bytes[..bytes.len().min(SHOWN_LEN_MAX)].escape_ascii();
    let dots = if bytes.len() > SHOWN_LEN_MAX { "..." } else { "" };
    line(format_args!("[INFO] Received: {shown}{dots} from {peer}"));
}

/// Says what somebody was answered.
pub fn sent(reply: &str, peer: SocketAddr) {
    line(format_args!("[INFO] Sent: {} to {peer}", reply.trim_end()));
}

/// Says that a connection has ended, and why if it was not in the usual way.
pub fn closed(peer: SocketAddr, why: Option<&io::Error>) {
    match why {
        None => line(format_args!("[INFO] Connection closed from {peer}")),
        Some(why) => line(format_args!("[INFO] Connection closed from {peer}: {why}")),
    }
}
