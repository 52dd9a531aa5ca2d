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
        // ANCHOR: ex8_2_take
        let mut bytes = vec![0; DATAGRAM_LEN_MAX];
        let (count, peer) = self.0.recv_from(&mut bytes)?;
        bytes.truncate(count);
        bytes.shrink_to_fit();
        Ok(Datagram { bytes, peer, socket: Arc::clone(&self.0) })
        // ANCHOR_END: ex8_2_take
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
        // ANCHOR: ex8_2_attend
        let Some(reply) = handler.answer(&self.bytes) else { return Ok(()) };
        match self.socket.send_to(&reply, self.peer)? {
            count if count == reply.len() => Ok(()),
            _ => Err(ErrorKind::WriteZero.into()),
        }
        // ANCHOR_END: ex8_2_attend
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
