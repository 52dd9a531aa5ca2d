//! Where clients knock, given complete: the four calls of lab 01, and a longer queue.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// How many clients may wait, already connected, until `accept` takes them. When every worker
/// is busy, this is where the next ones wait; whoever finds even this full must knock again.
const BACKLOG: i32 = 1024;

/// Makes a socket that listens on `address`.
///
/// # Errors
///
/// When one of the four calls fails; most often the address is in use.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Connections of the last run may still be in TIME_WAIT; without this they keep the address.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Says in one sentence for the user why there is no listener on `address`.
pub fn why_not(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "cannot listen on {address}: the address is in use. Is another server running there? \
             Choose another port: --listen 127.0.0.1:6007"
        ),
        _ => format!("cannot listen on {address}: {error}"),
    }
}
