//! Ctrl+C, given complete: what is to be done then stands in `guests.rs`.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::Arc;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::guests::Guests;
use crate::log;

/// The exit code of a program that has panicked.
const PANICKED: i32 = 101;

/// Sees `guests` out when the user presses Ctrl+C, and ends the program with exit code 0.
///
/// A thread of its own waits for the signal. All the others sit in `accept` or `read` and hear
/// nothing of it: somebody must tell them.
///
/// # Errors
///
/// When the system refuses to hand over the signals.
pub fn on_ctrl_c(guests: Arc<Guests>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            // First of all: a busy log would hold us up, and the clients talk on meanwhile.
            let seen_out = panic::catch_unwind(AssertUnwindSafe(|| guests.see_out()));
            log::line("goodbye");
            process::exit(if seen_out.is_ok() { 0 } else { PANICKED });
        }
    });
    Ok(())
}
