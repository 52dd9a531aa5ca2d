//! Ctrl+C: a signal that can be waited for like a client.

use std::io;
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

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
