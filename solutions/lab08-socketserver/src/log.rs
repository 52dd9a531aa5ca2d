//! One line for each event on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes one line, in one write: the lines of several threads must not run into each other.
pub fn line(words: impl Display) {
    // Whoever read our words may have gone; that must not keep the server from its work.
    let _ = io::stderr().write_all(format!("{words}\n").as_bytes());
}
