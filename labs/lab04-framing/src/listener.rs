//! Where clients knock, given complete.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

/// Makes a socket that listens on `address`.
///
/// This one call is the four of lab 01: on Unix it sets SO_REUSEADDR too.
///
/// # Errors
///
/// When one of the four fails; most often the address is in use.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
}

/// Says in one sentence for the user why there is no listener on `address`.
pub fn why_not(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "cannot listen on {address}: the address is in use. Is another server running there? \
             Choose another port: --listen 127.0.0.1:6004"
        ),
        _ => format!("cannot listen on {address}: {error}"),
    }
}
