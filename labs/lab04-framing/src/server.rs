//! The server's side, given complete: a thread for each client, and each message goes back reversed.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::connection::Connection;
use crate::framing::Kind;
use crate::guests::{Guest, Guests};

/// How long to wait when the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves clients for ever, as many at once as `guests` has room for.
pub fn serve(listener: &TcpListener, guests: &Arc<Guests>, framing: Kind, idle_limit: Duration) {
    loop {
        guests.wait_for_room();
        let (stream, peer) = match listener.accept() {
            Ok(client) => client,
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                eprintln!("cannot take another client just now: {error}");
                thread::sleep(PAUSE);
                continue;
            }
        };
        let Some(guest) = guests.welcome(peer, stream) else { continue };
        let attend = move || attend(&guest, framing, idle_limit);
        if let Err(error) = thread::Builder::new().spawn(attend) {
            eprintln!("{peer} sent away: no thread: {error}");
        }
    }
}

/// Looks after one client until it has gone.
fn attend(guest: &Guest, framing: Kind, idle_limit: Duration) {
    let peer = guest.peer;
    eprintln!("{peer} connected");
    if let Err(error) = converse(guest, framing, idle_limit) {
        eprintln!("{peer} failed: {error}");
    }
}

/// Answers one client's messages, says how that went, and parts from it.
fn converse(guest: &Guest, framing: Kind, idle_limit: Duration) -> io::Result<()> {
    guest.stream.set_nodelay(true)?;
    guest.stream.set_read_timeout(Some(idle_limit))?;
    guest.stream.set_write_timeout(Some(idle_limit))?;
    let stream = Arc::clone(&guest.stream);
    let mut connection = Connection::new(stream, framing.framing());
    let outcome = answer_all(&mut connection);
    // Before the parting, which may take a moment: who looks at the log now wants to know.
    tell(guest.peer, &outcome, idle_limit);
    let still_stands = match &outcome {
        Ok(_) => true,
        // What came is not a message; the answers before it are still owed.
        Err(error) => matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof),
    };
    if still_stands {
        // However it parts from us: the conversation is over.
        let _ = connection.part();
    }
    Ok(())
}

/// Says in the log how the conversation with `peer` has ended.
fn tell(peer: SocketAddr, outcome: &io::Result<u64>, idle_limit: Duration) {
    match outcome {
        Ok(count) => eprintln!("{peer} left: {count} answered"),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            eprintln!("{peer} let go: nothing moved for {idle_limit:?}");
        }
        Err(error) => eprintln!("{peer} let go: {error}"),
    }
}

fn answer_all(connection: &mut Connection) -> io::Result<u64> {
    let mut count = 0;
    while let Some(mut message) = connection.receive()? {
        message.reverse();
        connection.send(&message)?;
        count += 1;
    }
    Ok(count)
}
