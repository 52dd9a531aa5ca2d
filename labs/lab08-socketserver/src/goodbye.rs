//! Ctrl+C, given complete: what is to be done then stands in `shutdown.rs`.

use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use lab08::ShutdownHandle;

/// The exit code of a program that has panicked.
const PANICKED: i32 = 101;

/// Ends the server when the user presses Ctrl+C.
///
/// A thread of its own waits for the signal: the server's own thread sits in its loop.
///
/// # Errors
///
/// When the system refuses to hand over the signals.
pub fn on_ctrl_c(server: ShutdownHandle) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            match panic::catch_unwind(AssertUnwindSafe(|| server.shutdown())) {
                // The server's own thread says goodbye and ends the program.
                Ok(true) => {}
                // A handler that neither reads nor writes, or a loop that does not hear the bell.
                Ok(false) => {
                    let _ = writeln!(io::stderr(), "goodbye; not all has ended in time");
                    process::exit(1);
                }
                Err(_) => process::exit(PANICKED),
            }
        }
    });
    Ok(())
}

/// Says goodbye.
pub fn say() {
    // Whoever read our words may have gone; that must not keep us from going too.
    let _ = writeln!(io::stderr(), "goodbye");
}
