//! Where requests come in, given complete: a listener as in lab 05, and a socket for datagrams.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// How many clients may wait, already connected, until `accept` takes them.
const BACKLOG: i32 = 1024;

/// Makes a socket that listens on `address`.
///
/// # Errors
///
/// When one of the four calls fails; most often the address is in use.
pub fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Connections of the last run may still be in TIME_WAIT; without this they keep the address.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Makes a socket for datagrams to `address`. Nothing waits in TIME_WAIT here, and to share the
/// address would be to share the datagrams with whoever else has it.
///
/// # Errors
///
/// When one of the two calls fails; most often the address is in use.
pub fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    UdpSocket::bind(address)
}

/// Says in one sentence for the user why there is nothing at `address`.
pub fn why_not(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "cannot listen on {address}: the address is in use. Is another server running there? \
             Choose another port: --listen 127.0.0.1:6008"
        ),
        _ => format!("cannot listen on {address}: {error}"),
    }
}
