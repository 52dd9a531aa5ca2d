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
    // ANCHOR: ex2_1_loop
    let mut ready = Vec::new();
    loop {
        // 1. ask
        let now = Instant::now();
        let sources = clients.sources(now);
        // 2. wait
        wait(&sources, clients.time_left(now), &mut ready)?;
        for ready in &ready {
            match ready.key {
                GOODBYE => return Ok(()),
                // 3. accept
                LISTENER => clients.accept()?,
                // 4. serve
                _ => clients.step(ready),
            }
        }
        // 5. drop
        clients.drop_finished();
    }
    // ANCHOR_END: ex2_1_loop
}
