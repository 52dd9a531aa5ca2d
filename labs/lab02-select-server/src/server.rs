//! The server's side: one loop of five beats, for all clients at once.
//!
//! ```text
//!   1. ask      what does everybody want to be told?
//!   2. wait     until something is ready: the one place that blocks
//!   3. accept   everybody at the door
//!   4. serve    each ready client, one step that does not wait
//!   5. drop     those with whom we are done
//! ```

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use crate::clients::{Clients, GOODBYE, LISTENER};
use crate::wait::wait;

/// Serves everybody who comes, until `goodbye` has something to read.
///
/// # Errors
///
/// When the listener itself fails, or the wait. What happens to one client is not an error of the
/// server.
pub fn serve(listener: &TcpListener, goodbye: &UnixStream) -> io::Result<()> {
    let mut clients = Clients::new(listener, goodbye);
    todo!(
        "exercise 2.1 of lab02 (Select server): The five beats.

    Go through the five beats, for ever: ask the clients for their sources, wait, accept
    at the listener, take a step with each client that is ready, drop the finished.
    Return when the goodbye is ready.

    check it          cargo test -p lab02 -- ex2_1
    see it finished   cargo run -p solution02
    read about it     book/src/lab02-select-server.md
"
    )
}
