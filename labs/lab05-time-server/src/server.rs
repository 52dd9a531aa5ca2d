//! The server's side: `serve` takes clients, `attend` gives one its thread's time, `converse` talks
//! with it until it leaves.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::connection::Connection;
use crate::guests::{Guest, Guests};
use crate::protocol::{Answer, Lines, answer};
use crate::{clock, log};

/// How much one read may bring: a few lines, or a part of one.
const READ_LEN: usize = 2048;

/// How long we wait for better times when the system gives out no more descriptors or threads.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(500);

/// What accept fails with when descriptors run out: ENFILE and EMFILE, the same on every Unix.
const NO_DESCRIPTORS: [i32; 2] = [23, 24];

/// Serves every client that comes in a thread of its own, for ever.
///
/// # Errors
///
/// When the listener itself fails. What happens to one client is not an error of the server.
pub fn serve(listener: &TcpListener, guests: &Arc<Guests>, idle_limit: Duration) -> io::Result<()> {
    // Exercise 5.4: A thread for each client.
    //     Take client after client, for ever. Wait for a seat, accept, let the client in, and
    //     attend to it in a thread of its own. Only the listener's own failure ends the
    //     server: a connection that was aborted does not, and neither does a shortage of
    //     descriptors or threads.
    //     check it: cargo test -p lab05 -- ex5_4
    //
    // It serves one client after another. From here on each has a thread of its own.
    loop {
        let (stream, peer) = listener.accept()?;
        if let Some(guest) = guests.let_in(stream) {
            attend(&guest, peer, idle_limit);
        }
    }
}

/// Whether accept has failed for want of descriptors, which may come back.
fn is_shortage(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|number| NO_DESCRIPTORS.contains(&number))
}

/// Serves one client from its first byte to its last.
fn attend(guest: &Guest, peer: SocketAddr, idle_limit: Duration) {
    log::came(peer);
    let outcome = Connection::new(guest.stream(), peer, idle_limit).and_then(|mut connection| {
        let outcome = converse(&mut connection);
        connection.close();
        outcome
    });
    log::closed(peer, outcome.as_ref().err());
}

/// Answers line after line until the client says QUIT or ends its half.
fn converse(connection: &mut Connection) -> io::Result<()> {
    todo!(
        "exercise 5.1 of lab05 (Threaded time server): One command, one answer.

    Read, and give what was read to `lines`; for each line that comes out, note it with
    `received`, ask `answer` what to do at `clock::now()`, and do it. Return when a read
    returns 0, or when the answer is to close.

    check it          cargo test -p lab05 -- ex5_1
    see it finished   cargo run -p solution05
    read about it     book/src/lab05-time-server.md
"
    )
}
