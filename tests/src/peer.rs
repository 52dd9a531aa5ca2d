//! One end of a connection, ours: the four verbs, and what makes bugs show every time.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, SockRef, Socket, Type};

use crate::case::Case;
use crate::conversation::Sign;
use crate::program::poll_until;
use crate::report::{self, Ending};
use crate::{Payload, Server, kernel};

/// The most that a peer keeps of what it was sent and has not expected yet.
const INBOX_LEN_MAX: usize = 64 << 20;

/// The most that [`Peer::fill`] sends: what a server holds beyond that, it holds without a limit.
const FILL_LEN_MAX: usize = 64 << 20;

/// The receive buffer of a peer that has little room for what it does not read.
pub(crate) const LITTLE_ROOM: usize = 4096;

/// A connection to the program under judgement.
///
/// The four verbs are [`send`](Peer::send), [`expect`](Peer::expect),
/// [`expect_eof`](Peer::expect_eof) and [`hang_up`](Peer::hang_up).
pub struct Peer {
    case: Arc<Case>,
    name: String,
    /// Whom we talk to: `server` or `client`.
    other: &'static str,
    /// `None` once we have hung up.
    stream: Option<TcpStream>,
    /// Arrived and not yet expected.
    inbox: Vec<u8>,
    /// How the other side ended its half, if it has.
    ending: Option<Ending>,
}

impl Peer {
    #[track_caller]
    pub(crate) fn connect(case: &Arc<Case>, server: SocketAddr, room: Option<usize>) -> Self {
        let name = case.next_peer();
        match connected(server, room, case.patience.silence()) {
            Ok(stream) => {
                case.step(&name, Sign::Event, "connects");
                Self::new(case, name, "server", stream)
            }
            Err(error) => {
                let (got, want) = (report::no_connection(&error), report::a_connection());
                case.fail(&name, "* connects", got, want)
            }
        }
    }

    pub(crate) fn accepted(case: &Arc<Case>, stream: TcpStream) -> Self {
        let name = case.next_peer();
        case.step(&name, Sign::Event, "the client connects");
        Self::new(case, name, "client", stream)
    }

    fn new(case: &Arc<Case>, name: String, other: &'static str, stream: TcpStream) -> Self {
        stream.set_nonblocking(true).expect("a socket can be made non-blocking");
        stream.set_nodelay(true).expect("a TCP socket has TCP_NODELAY");
        let (inbox, ending) = (Vec::new(), None);
        Self { case: Arc::clone(case), name, other, stream: Some(stream), inbox, ending }
    }

    /// Sends bytes. If the other side has gone, that is no verdict yet: the next expectation
    /// reads what came before and says so.
    #[track_caller]
    pub fn send(&mut self, payload: impl Into<Payload>) -> &mut Self {
        let payload = payload.into();
        self.case.step(&self.name, Sign::Sent, payload.shown());
        self.transmit(payload.bytes());
        self
    }

    #[track_caller]
    fn transmit(&mut self, bytes: &[u8]) {
        let mut left = bytes;
        while !left.is_empty() && self.ending != Some(Ending::Reset) {
            let Some(count) = self.progress(left) else {
                let done = bytes.len() - left.len();
                let got = report::takes_no_more(self.other, done, self.case.patience.silence());
                let want = report::takes_all(self.other, bytes.len());
                self.fail("> the bytes", got, want);
            };
            left = &left[count..];
        }
    }

    /// Expects exactly these bytes next.
    #[track_caller]
    pub fn expect(&mut self, wanted: impl Into<Payload>) -> &mut Self {
        let wanted = wanted.into();
        let len = wanted.bytes().len();
        let mut silent = false;
        while self.inbox.len() < len && self.ending.is_none() && !silent {
            let seen = self.inbox.len();
            silent = self.progress(&[]).is_none();
            let new = seen..self.inbox.len().min(len);
            if self.inbox[new.clone()] != wanted.bytes()[new] {
                break;
            }
        }
        if !self.inbox.starts_with(wanted.bytes()) {
            let end = self.ending_in_words(silent);
            let got = report::difference(&self.inbox, wanted.bytes(), end);
            self.fail(format!("< {}", wanted.shown()), got, report::bytes(&wanted));
        }
        self.inbox.drain(..len);
        self.case.step(&self.name, Sign::Got, wanted.shown());
        self
    }

    /// Expects the end of the stream: the other side will send nothing more, and says so with a
    /// FIN. A reset is not an end, and neither is silence.
    #[track_caller]
    pub fn expect_eof(&mut self) -> &mut Self {
        let mut silent = false;
        while self.inbox.is_empty() && self.ending.is_none() && !silent {
            silent = self.progress(&[]).is_none();
        }
        if self.ending != Some(Ending::Eof) || !self.inbox.is_empty() {
            let end = self.ending_in_words(silent);
            let got = report::difference(&self.inbox, &[], end);
            self.fail("< end of stream", got, report::an_end(self.other));
        }
        self.case.step(&self.name, Sign::Got, "end of stream");
        self
    }

    /// Expects these bytes and sends them back as they come, in whatever pieces.
    #[track_caller]
    pub fn echo(&mut self, wanted: &Payload) -> &mut Self {
        let mut left = wanted.bytes();
        while !left.is_empty() {
            let silent = self.inbox.is_empty() && self.progress(&[]).is_none();
            let piece = std::mem::take(&mut self.inbox);
            if !left.starts_with(&piece) || silent || (piece.is_empty() && self.ending.is_some()) {
                let end = self.ending_in_words(silent);
                let got = report::difference(&piece, left, end);
                self.fail(format!("< {}", wanted.shown()), got, report::bytes(wanted));
            }
            self.transmit(&piece);
            left = &left[piece.len()..];
        }
        self.case.step(&self.name, Sign::Got, wanted.shown());
        self.case.step(&self.name, Sign::Sent, format!("{}, as they come", wanted.shown()));
        self
    }

    /// Ends our half: we say nothing more, and still listen.
    pub fn half_close(&mut self) -> &mut Self {
        self.case.step(&self.name, Sign::Sent, "end of stream");
        // Whoever has reset the connection needs no goodbye.
        let _ = self.stream().shutdown(Shutdown::Write);
        self
    }

    /// Closes the connection and goes away.
    pub fn hang_up(&mut self) {
        self.case.step(&self.name, Sign::Event, "hangs up");
        self.stream = None;
    }

    /// Throws the connection away: the other side gets a reset, not an end.
    pub fn reset(&mut self) {
        self.case.step(&self.name, Sign::Event, "resets");
        SockRef::from(self.stream()).set_linger(Some(Duration::ZERO)).expect("SO_LINGER is set");
        self.stream = None;
    }

    /// Waits until the other side has read everything that we have sent, so that what is sent
    /// next comes in a read of its own.
    #[track_caller]
    pub fn until_read(&mut self) -> &mut Self {
        self.case.needs_proc();
        let step = format!("the {} has read it", self.other);
        let (near, far) = self.ports();
        let mut unread = 0;
        let read = poll_until(self.case.deadline(), || match kernel::waiting(near, far) {
            Some(waiting) => {
                unread = waiting.out + waiting.unread_there;
                (unread == 0).then_some(true)
            }
            None => Some(false),
        });
        let got = match read {
            Some(true) => {
                self.case.step(&self.name, Sign::Event, step);
                return self;
            }
            Some(false) => report::has_gone(self.other),
            None => report::does_not_read(unread, self.case.patience.silence()),
        };
        self.fail(format!("* {step}"), got, report::reads_on(self.other))
    }

    /// Sends without reading until `server` takes no more, and returns what was sent.
    ///
    /// It takes no more when our socket is full and every thread of the server sleeps, while
    /// nothing moves between the two.
    #[track_caller]
    pub fn fill(&mut self, server: &Server) -> Payload {
        self.case.needs_proc();
        const PIECE_LEN: usize = 64 << 10;
        let step = "sends without reading until the server takes no more";
        let mut sent = Vec::new();
        let mut left: Vec<u8> = Vec::new();
        let (near, far) = self.ports();
        let mut stuck_at = None;
        let full = poll_until(self.case.end(), || {
            while sent.len() < FILL_LEN_MAX {
                if left.is_empty() {
                    left = self.case.draw(PIECE_LEN);
                }
                let Ok(count @ 1..) = self.stream().write(&left) else {
                    break;
                };
                sent.extend(left.drain(..count));
            }
            let Some(waiting) = kernel::waiting(near, far) else { return Some(false) };
            let now = (waiting, sent.len());
            let asleep = kernel::all_asleep(&server.process().family());
            let stuck = asleep && stuck_at.replace(now) == Some(now);
            (stuck || sent.len() >= FILL_LEN_MAX).then_some(true)
        });
        let got = match full {
            Some(true) => String::new(),
            Some(false) => report::has_gone(self.other),
            None => report::never_full(sent.len()),
        };
        if !got.is_empty() {
            self.fail(format!("> {step}"), got, report::a_full_connection());
        }
        self.case.step(&self.name, Sign::Sent, step);
        Payload::labelled(sent, "all of it".to_string())
    }

    /// Waits until something moves: the one place where a peer blocks.
    ///
    /// Takes into the inbox what arrives, and sends from the front of `outgoing`; returns how much
    /// of that went, or `None` if nothing at all happened for as long as we wait.
    fn progress(&mut self, outgoing: &[u8]) -> Option<usize> {
        let mut interest = PollFlags::empty();
        interest.set(PollFlags::POLLIN, self.ending.is_none() && self.inbox.len() < INBOX_LEN_MAX);
        interest.set(PollFlags::POLLOUT, !outgoing.is_empty());
        let left = self.case.deadline().saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let mut sockets = [PollFd::new(self.stream().as_fd(), interest)];
        // An interrupted wait counts as a short one: the caller comes again.
        if let Ok(0) = poll(&mut sockets, timeout) {
            return None;
        }
        if interest.contains(PollFlags::POLLIN) {
            self.take_in();
        }
        match self.stream().write(outgoing) {
            _ if outgoing.is_empty() => Some(0),
            Ok(count) => Some(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Some(0),
            Err(_) => {
                // What came before the reset can still be read.
                while self.take_in() {}
                self.ending = Some(Ending::Reset);
                Some(0)
            }
        }
    }

    /// Reads what has arrived; says whether there were bytes.
    fn take_in(&mut self) -> bool {
        let mut buffer = [0; 64 << 10];
        match self.stream().read(&mut buffer) {
            Ok(0) => self.ending = Some(Ending::Eof),
            Ok(count) => {
                self.inbox.extend_from_slice(&buffer[..count]);
                return true;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => self.ending = Some(Ending::Reset),
        }
        false
    }

    fn stream(&self) -> &TcpStream {
        self.stream.as_ref().expect("a peer that has hung up neither sends nor expects")
    }

    fn ports(&self) -> (u16, u16) {
        let port = |address: io::Result<SocketAddr>| address.map_or(0, |found| found.port());
        (port(self.stream().local_addr()), port(self.stream().peer_addr()))
    }

    fn ending_in_words(&self, silent: bool) -> String {
        match self.ending {
            Some(ending) => report::ending(self.other, ending),
            None if silent => report::silence(self.case.patience.silence()),
            None => String::new(),
        }
    }

    #[track_caller]
    fn fail(&self, step: impl std::fmt::Display, got: String, want: String) -> ! {
        self.case.fail(&self.name, step, got, want)
    }
}

fn connected(server: SocketAddr, room: Option<usize>, limit: Duration) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if let Some(room) = room {
        // Before the handshake: afterwards the window has been offered already.
        socket.set_recv_buffer_size(room)?;
    }
    socket.connect_timeout(&server.into(), limit)?;
    Ok(socket.into())
}
