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
    // ANCHOR: ex5_4_serve
    loop {
        guests.wait_for_seat();
        let (stream, peer) = match listener.accept() {
            Ok(client) => client,
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            // The client keeps its place in the queue; somebody may leave and make room.
            Err(error) if is_shortage(&error) => {
                log::line(format_args!("cannot accept just now: {error}"));
                guests.wait_for_change(SHORTAGE_PAUSE);
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(guest) = guests.let_in(stream) else { continue };
        let thread = thread::Builder::new();
        if let Err(error) = thread.spawn(move || attend(&guest, peer, idle_limit)) {
            log::line(format_args!("cannot serve {peer}: {error}"));
            guests.wait_for_change(SHORTAGE_PAUSE);
        }
    }
    // ANCHOR_END: ex5_4_serve
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
    // ANCHOR: ex5_1_converse
    let mut lines = Lines::default();
    let mut buffer = [0; READ_LEN];
    loop {
        let count = connection.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        lines.push(&buffer[..count]);
        while let Some(line) = lines.next_line() {
            connection.received(&line);
            match answer(&line, clock::now()) {
                Answer::Reply(reply) => connection.send(&reply)?,
                Answer::Close => return Ok(()),
            }
        }
    }
    // ANCHOR_END: ex5_1_converse
}
