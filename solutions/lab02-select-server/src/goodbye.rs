//! Ctrl+C, given complete: a signal that can be waited for like a client.

use std::io;
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// Returns a stream that becomes readable when the user presses Ctrl+C.
///
/// A signal can come at any moment, also between two beats of the loop, and a loop that sleeps
/// would miss it. So the signal writes a byte into a pair of sockets of our own, and the loop waits
/// for the other end of the pair together with everything else. Lab 03 comes back to this.
///
/// # Errors
///
/// When the system refuses the pair, or to hand over the signals.
pub fn on_ctrl_c() -> io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    pipe::register(SIGINT, theirs.try_clone()?)?;
    pipe::register(SIGTERM, theirs)?;
    Ok(ours)
}
