//! UDP: a request is a datagram, and its reply is another.

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::handler::Handler;
use crate::log;
use crate::transport::{Request, Transport};

/// More than the longest datagram that IPv4 carries, which has 65 507 bytes.
const DATAGRAM_LEN_MAX: usize = 64 * 1024;

/// A socket that requests come in by and replies go out by.
pub struct Udp(pub(crate) Arc<UdpSocket>);

/// What one client has asked.
pub struct Datagram {
    pub(crate) bytes: Vec<u8>,
    pub(crate) peer: SocketAddr,
    /// Where the reply leaves.
    pub(crate) socket: Arc<UdpSocket>,
}

impl Transport for Udp {
    type Request = Datagram;

    fn take(&self) -> io::Result<Datagram> {
        todo!(
            "exercise 8.2 of lab08 (A socketserver of our own): The server for datagrams.

    Receive a datagram, however long it is, and return it with the address of its sender
    and our socket.

    check it          cargo test -p lab08 -- ex8_2
    see it finished   cargo run -p solution08 -- --transport udp
    read about it     book/src/lab08-socketserver.md
"
        )
    }
}

impl AsFd for Udp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Request for Datagram {
    fn peer(&self) -> SocketAddr {
        self.peer
    }

    fn stream(&self) -> Option<Arc<TcpStream>> {
        None
    }

    fn attend(self, handler: &impl Handler, _: Duration) -> io::Result<()> {
        log::line(format_args!("{}: a datagram, length {}", self.peer, self.bytes.len()));
        todo!(
            "exercise 8.2 of lab08 (A socketserver of our own): The server for datagrams.

    Ask `handler` for the reply to the datagram. Send it to the sender, as one datagram;
    if there is none, send nothing.

    check it          cargo test -p lab08 -- ex8_2
    see it finished   cargo run -p solution08 -- --transport udp
    read about it     book/src/lab08-socketserver.md
"
        )
    }

    /// The datagram is the child's standard input, whole and with an end. Its standard output is
    /// our socket, where the reply leaves.
    fn give_to_child(self, mut command: Command) -> io::Result<Child> {
        let socket = OwnedFd::from(self.socket.try_clone()?);
        let mut child = command.stdin(Stdio::piped()).stdout(socket).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A child that reads nothing has died, and is reaped like any other.
            let _ = input.write_all(&self.bytes);
        }
        Ok(child)
    }
}
