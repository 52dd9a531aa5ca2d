//! Ctrl+C, given complete: what is to be done then stands in `guests.rs` and `supervisor.rs`.

use std::io;
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::Arc;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::pipe;

use crate::host::Host;
use crate::log;

/// Sees the guests out when the user presses Ctrl+C, and ends the program with exit code 0.
///
/// # Errors
///
/// When the system refuses to hand over the signals.
pub fn see_out_on_ctrl_c(host: Arc<Host>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().spawn(move || {
        if signals.forever().next().is_some() {
            host.guests.see_out();
            log::line("goodbye");
            process::exit(0);
        }
    })?;
    Ok(())
}

/// Returns a stream that becomes readable when the user presses Ctrl+C.
///
/// # Errors
///
/// When the system refuses the pair, or to hand over the signals.
pub fn on_ctrl_c() -> io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    // The signal writes a byte into it, at whatever moment it comes.
    pipe::register(SIGINT, theirs.try_clone()?)?;
    pipe::register(SIGTERM, theirs)?;
    Ok(ours)
}

/// Makes a file that grows over the limit of this process an error like a full disk; it would be
/// the end of the process otherwise.
///
/// # Errors
///
/// When the system refuses to hand over the signal.
pub fn survive_file_limit() -> io::Result<()> {
    // A flag at which nobody looks.
    flag::register(SIGXFSZ, Arc::default())?;
    Ok(())
}
