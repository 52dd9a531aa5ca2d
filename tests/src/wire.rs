//! Our end of a TCP connection, without words or verdicts: what arrives, what leaves, how it ends.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, SockRef, Socket, Type};

use crate::evidence::{Evidence, Side, Witness};

/// The most that is kept of what arrived and nobody has taken yet.
const INBOX_LEN_MAX: usize = 64 << 20;

/// The segments of a connection that has little room: the smallest that every network carries.
const LITTLE_SEGMENT: u32 = 536;

/// How the other side ended its half of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// FIN: it has nothing more to say.
    Eof,
    /// RST: it threw the connection away.
    Reset,
}

/// Our end of a connection.
pub(crate) struct Wire {
    stream: TcpStream,
    /// Arrived and not yet taken.
    pub(crate) inbox: Vec<u8>,
    /// How the other side ended its half, if it has.
    pub(crate) ending: Option<Ending>,
    /// Is told of everything that goes over it.
    witness: Witness,
}

impl Wire {
    /// Connects to `server` within `limit`, with a receive buffer of about `room` bytes.
    pub(crate) fn connect(
        server: SocketAddr,
        room: Option<usize>,
        limit: Duration,
    ) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
        if let Some(room) = room {
            // Before the handshake: afterwards the window has been offered already.
            leave_little_room(SockRef::from(&socket), room)?;
        }
        socket.connect_timeout(&server.into(), limit)?;
        Self::new(socket.into())
    }

    /// Sets out to connect to `server`, and does not wait for it.
    pub(crate) fn knock(server: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        // Whatever becomes of it shows when bytes are sent or expected.
        let _ = socket.connect(&server.into());
        Self::new(socket.into())
    }

    /// Takes over a connection.
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, inbox: Vec::new(), ending: None, witness: Witness::default() })
    }

    /// Has everything told to `evidence`, of a connection on which we are the one or the other.
    pub(crate) fn told_to(mut self, evidence: &Evidence, we: Side) -> Self {
        self.witness = evidence.connected(we, &self.stream);
        self
    }

    /// The same where nobody has let us in yet.
    pub(crate) fn told_to_while_knocking(
        mut self,
        evidence: &Evidence,
        server: SocketAddr,
    ) -> Self {
        self.witness = evidence.knocks(&self.stream, server);
        self
    }

    /// Waits until something moves: the one place where bytes are waited for.
    ///
    /// Takes into the inbox what arrives, and sends from the front of `outgoing`; returns how much
    /// of that went, or `None` if nothing at all has happened at `deadline`.
    pub(crate) fn progress(&mut self, outgoing: &[u8], deadline: Instant) -> Option<usize> {
        let mut interest = PollFlags::empty();
        interest.set(PollFlags::POLLIN, self.ending.is_none() && self.inbox.len() < INBOX_LEN_MAX);
        interest.set(PollFlags::POLLOUT, !outgoing.is_empty());
        let mut sockets = [PollFd::new(self.stream.as_fd(), interest)];
        // An interrupted wait counts as a short one: the caller comes again.
        if let Ok(0) = poll(&mut sockets, time_left(deadline)) {
            return None;
        }
        if interest.contains(PollFlags::POLLIN) {
            self.take_in();
        }
        if outgoing.is_empty() {
            return Some(0);
        }
        match self.send_now(outgoing) {
            Ok(count) => Some(count),
            Err(error) => {
                // What came before the reset can still be read.
                while self.take_in() {}
                self.witness.lost(&error);
                self.ending = Some(Ending::Reset);
                Some(0)
            }
        }
    }

    /// Sends as much of `outgoing` as the kernel takes at once, which may be nothing.
    pub(crate) fn send_now(&self, outgoing: &[u8]) -> io::Result<usize> {
        match (&self.stream).write(outgoing) {
            Ok(count) => {
                self.witness.sent(&outgoing[..count]);
                Ok(count)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(error) => {
                self.witness.cannot_send();
                Err(error)
            }
        }
    }

    /// Sends as much of `outgoing` as the kernel takes, once it takes any; nothing if it takes none
    /// within `limit`.
    pub(crate) fn send_when_there_is_room(
        &self,
        outgoing: &[u8],
        limit: Duration,
    ) -> io::Result<usize> {
        let mut sockets = [PollFd::new(self.stream.as_fd(), PollFlags::POLLOUT)];
        poll(&mut sockets, PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX))?;
        self.send_now(outgoing)
    }

    /// Reads what has arrived; says whether there were bytes.
    fn take_in(&mut self) -> bool {
        let mut buffer = [0; 64 << 10];
        match self.stream.read(&mut buffer) {
            Ok(0) => {
                self.ending = Some(Ending::Eof);
                self.witness.got_the_end();
            }
            Ok(count) => {
                self.witness.got(&buffer[..count]);
                self.inbox.extend_from_slice(&buffer[..count]);
                return true;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                self.ending = Some(Ending::Reset);
                self.witness.lost(&error);
            }
        }
        false
    }

    /// Ends our direction.
    pub(crate) fn half_close(&self) {
        // Whoever has reset the connection needs no goodbye.
        let _ = self.stream.shutdown(Shutdown::Write);
        self.witness.ended();
    }

    /// Throws the connection away: the kernel sends a reset.
    pub(crate) fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).expect("SO_LINGER is set");
        self.witness.reset();
    }

    /// Our port and the other side's.
    pub(crate) fn ports(&self) -> (u16, u16) {
        let port = |address: io::Result<SocketAddr>| address.map_or(0, |found| found.port());
        (port(self.stream.local_addr()), port(self.stream.peer_addr()))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.witness.closed(&self.stream);
    }
}

/// Gives a socket that is not connected yet buffers of about `room` bytes. And small segments: the
/// other kernel makes its own buffer the larger, the larger they are, and a window that holds no
/// whole segment opens with a delay.
pub(crate) fn leave_little_room(socket: SockRef<'_>, room: usize) -> io::Result<()> {
    socket.set_recv_buffer_size(room)?;
    socket.set_send_buffer_size(16 * room)?;
    socket.set_tcp_mss(LITTLE_SEGMENT)
}

/// Waits until something arrives on one of those `wires` that are `waiting` for it, and takes in
/// all that has arrived; says whether there was anything by `deadline`.
pub(crate) fn until_any_moves(
    wires: &mut [Wire],
    waiting: impl Fn(&Wire) -> bool,
    deadline: Instant,
) -> bool {
    let listening: Vec<usize> = (0..wires.len()).filter(|at| waiting(&wires[*at])).collect();
    let socket = |at: &usize| PollFd::new(wires[*at].stream.as_fd(), PollFlags::POLLIN);
    let mut sockets: Vec<PollFd<'_>> = listening.iter().map(socket).collect();
    let ready = match poll(&mut sockets, time_left(deadline)) {
        Ok(0) | Err(_) => return false,
        Ok(_) => sockets.iter().map(|socket| socket.any() == Some(true)).collect::<Vec<_>>(),
    };
    let moved = listening.iter().zip(ready).filter(|(_, ready)| *ready);
    for (at, _) in moved {
        wires[*at].take_in();
    }
    true
}

/// How long it is to `deadline`.
fn time_left(deadline: Instant) -> PollTimeout {
    let left = deadline.saturating_duration_since(Instant::now());
    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
}
