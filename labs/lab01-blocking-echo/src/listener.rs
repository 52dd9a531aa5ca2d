//! Where clients knock: by hand, the four calls behind `TcpListener::bind`.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// How many clients may wait, already connected, until `accept` takes them.
const BACKLOG: i32 = 128;

/// Makes a socket that listens on `address`.
///
/// # Errors
///
/// When one of the four calls fails; most often the address is in use.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    todo!(
        "exercise 1.1 of lab01 (Blocking echo): Make a listener by hand.

    Make a TCP socket, let it reuse its address, bind it to `address`, let BACKLOG
    clients wait, and return it as a listener.

    check it          cargo test -p lab01 -- ex1_1
    see it finished   cargo run -p solution01
    read about it     book/src/lab01-blocking-echo.md
"
    )
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
