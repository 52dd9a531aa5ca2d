//! Where clients knock, given complete: the four calls of lab 01.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// How many clients may wait, already connected, until `accept` takes them.
const BACKLOG: i32 = 1024;

/// Makes a socket that listens on `address`, and never waits: an `accept` that finds nobody says so.
///
/// # Errors
///
/// When one of the calls fails; most often the address is in use.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Connections of the last run may still be in TIME_WAIT; without this they keep the address.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Says in one sentence for the user why there is no listener on `address`.
pub fn why_not(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "cannot listen on {address}: the address is in use. Is another server running there? \
             Choose another port: --listen 127.0.0.1:6001"
        ),
        _ => format!("cannot listen on {address}: {error}"),
    }
}
