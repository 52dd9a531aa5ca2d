//! Ctrl+C, given complete: what has arrived is answered, then the program ends.

use std::io::{self, Write};
use std::process;
use std::sync::Arc;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::guests::Guests;

/// Ends the program with exit code 0 when the user presses Ctrl+C, once `guests` have left.
///
/// # Errors
///
/// When the system refuses to hand over the signals.
pub fn on_ctrl_c(guests: Arc<Guests>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            // Whoever read our words may have gone; that must not keep us from going too.
            let _ = writeln!(io::stderr(), "goodbye");
            guests.send_home();
            process::exit(0);
        }
    });
    Ok(())
}
