//! The server's side: `serve` takes clients, `attend` gives one its time, and a conversation lasts
//! until the client leaves.

use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use crate::arguments::Wire;
use crate::buffers::Buffers;
use crate::connection::Connection;
use crate::conversation::Conversation;
use crate::guests::Guest;
use crate::host::Host;
use crate::log;

/// How long we wait for better times when the system gives out no more descriptors.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(500);

/// What accept fails with when descriptors run out: ENFILE and EMFILE, the same on every Unix.
const NO_DESCRIPTORS: [i32; 2] = [23, 24];

/// Serves one client after the other, for ever. This is what one worker does.
///
/// # Errors
///
/// When the listener itself fails. What happens to one client is not an error of the server.
pub fn serve(listener: &TcpListener, host: &Host) -> io::Result<()> {
    let mut buffers = Buffers::new();
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(client) => client,
            Err(error) if is_passing(&error) => continue,
            // The client keeps its place in the queue; somebody may leave and make room.
            Err(error) if is_shortage(&error) => {
                log::line(format_args!("cannot accept just now: {error}"));
                thread::sleep(SHORTAGE_PAUSE);
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(guest) = host.guests.let_in(stream, peer) else { continue };
        attend(&guest, host, &mut buffers);
    }
}

/// Serves so many clients at the same time, with a thread for each.
///
/// # Errors
///
/// When the listener itself fails, or the system gives out no threads.
pub fn serve_with_threads(listener: &TcpListener, host: &Host, count: usize) -> io::Result<()> {
    let work = || keep_serving(listener, host);
    // ANCHOR: ex7_5_threads
    thread::scope(|scope| {
        for _ in 0..count {
            let thread = thread::Builder::new();
            if let Err(error) = thread.spawn_scoped(scope, work) {
                // Fewer workers are better than none.
                log::line(format_args!("cannot start a worker: {error}"));
            }
        }
    });
    Err(io::Error::other("no worker is left"))
    // ANCHOR_END: ex7_5_threads
}

/// Serves, also after a conversation that has made this thread panic.
fn keep_serving(listener: &TcpListener, host: &Host) {
    loop {
        match panic::catch_unwind(AssertUnwindSafe(|| serve(listener, host))) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => return log::line(format_args!("cannot accept any more: {error}")),
            Err(_) => log::line("a worker has panicked, and begins anew"),
        }
    }
}

/// Whether accept has failed for a reason that is gone already.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted)
}

/// Whether accept has failed for want of descriptors, which may come back.
fn is_shortage(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|number| NO_DESCRIPTORS.contains(&number))
}

/// Serves one client from its first byte to its last.
fn attend(guest: &Guest<'_>, host: &Host, buffers: &mut Buffers) {
    log::line(format_args!("{}: connected", guest.peer));
    let connection = Connection::new(guest.stream(), buffers, host.idle_limit);
    let outcome = connection.and_then(|connection| {
        let mut conversation = Conversation { host, guest, connection };
        let outcome = match host.wire {
            Wire::Json => conversation.converse(),
            Wire::Raw => conversation.converse_raw(),
        };
        if outcome.is_ok() {
            conversation.connection.close();
        }
        outcome
    });
    match outcome {
        Ok(()) => log::line(format_args!("{}: closed", guest.peer)),
        Err(error) => log::line(format_args!("{}: closed: {error}", guest.peer)),
    }
}
