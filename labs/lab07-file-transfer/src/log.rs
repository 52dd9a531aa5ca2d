//! One line for each event on standard error, given complete.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;

use crate::wire::refusal::Refusal;

/// Writes one line, in one write: the lines of threads and processes must not run into each other.
pub fn line(words: impl Display) {
    // Whoever read our words may have gone; that must not keep the server from its work.
    let _ = io::stderr().write_all(format!("{words}\n").as_bytes());
}

/// Says what a client wants, or why it does not get it.
pub fn request(peer: SocketAddr, request: &Result<impl Display, Refusal>) {
    match request {
        Ok(request) => line(format_args!("{peer}: {request}")),
        Err(refusal) => line(format_args!("{peer}: refused: {refusal}")),
    }
}
