//! Somebody who sends datagrams: each stands for itself, and nobody says when one is lost.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::case::Case;
use crate::conversation::Sign;
use crate::evidence::Witness;
use crate::payload::quoted;
use crate::{Payload, Server, report};

/// More than the longest datagram there is.
const DATAGRAM_LEN_MAX: usize = 64 << 10;

/// The shortest wait that a socket takes for a limit.
const AT_ONCE: Duration = Duration::from_millis(1);

/// A socket that sends datagrams to the server under judgement, and hears what comes back from just
/// there.
pub struct UdpPeer {
    case: Arc<Case>,
    name: String,
    socket: UdpSocket,
    /// Is told of every datagram.
    witness: Witness,
}

impl UdpPeer {
    pub(crate) fn new(case: &Arc<Case>, server: SocketAddr) -> Self {
        let name = case.next_peer();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        // Connected: what others send is not for us, and we are told if nobody is there.
        socket.connect(server).expect("an address on this machine");
        let here = socket.local_addr().expect("a bound socket has an address");
        let witness = case.evidence.datagrams(here, server);
        Self { case: Arc::clone(case), name, socket, witness }
    }

    /// Sends one datagram.
    #[track_caller]
    pub fn send(&mut self, payload: impl Into<Payload>) -> &mut Self {
        let payload = payload.into();
        let step = format!("a datagram: {}", payload.shown());
        if let Err(error) = self.send_now(payload.bytes()) {
            let got = report::no_datagram(&error);
            self.fail(format!("> {step}"), got, report::a_datagram_sent());
        }
        self.witness.sent(payload.bytes());
        self.case.step(&self.name, Sign::Sent, step);
        self
    }

    /// Expects exactly this datagram next.
    #[track_caller]
    pub fn expect(&mut self, wanted: impl Into<Payload>) -> &mut Self {
        let wanted = wanted.into();
        self.expect_each(&[wanted])
    }

    /// Expects exactly these datagrams next, in whatever order.
    #[track_caller]
    pub fn expect_each(&mut self, wanted: &[Payload]) -> &mut Self {
        let mut missing: Vec<&Payload> = wanted.iter().collect();
        while let Some(next) = missing.first().copied() {
            let came = self.receive(self.case.deadline());
            let place = match &came {
                Ok(bytes) => missing.iter().position(|it| it.bytes() == bytes),
                Err(_) => None,
            };
            let Some(place) = place else {
                let got = self.in_words(came, next.bytes());
                let step = format!("< a datagram: {}", next.shown());
                self.fail(step, got, report::a_datagram(next));
            };
            missing.remove(place);
        }
        for wanted in wanted {
            self.case.step(&self.name, Sign::Got, format!("a datagram: {}", wanted.shown()));
        }
        self
    }

    /// Expects a datagram like `pattern` next, in which each small letter stands for a digit.
    #[track_caller]
    pub fn expect_like(&mut self, pattern: &str) -> &mut Self {
        let step = format!("a datagram: {}", quoted(pattern.as_bytes()));
        let came = self.receive(self.case.deadline());
        let is_like =
            |bytes: &Vec<u8>| bytes.len() == pattern.len() && crate::varying::fits(bytes, pattern);
        if !came.as_ref().is_ok_and(is_like) {
            let got = match came {
                Ok(bytes) => report::unlike(&bytes, pattern, String::new()),
                Err(_) => self.in_words(came, &[]),
            };
            self.fail(format!("< {step}"), got, report::like(pattern));
        }
        self.case.step(&self.name, Sign::Got, step);
        self
    }

    /// Expects nothing: all of `server` sleeps, and no datagram has come.
    #[track_caller]
    pub fn expect_nothing(&mut self, server: &Server) -> &mut Self {
        server.until_at_rest();
        let came = self.receive(Instant::now());
        if came.is_ok() {
            let got = self.in_words(came, &[]);
            self.fail("* has nothing yet", got, report::no_datagram_yet());
        }
        self.case.step(&self.name, Sign::Event, "has nothing yet");
        self
    }

    /// Goes away: whoever replies now replies to nobody.
    pub fn hang_up(self) {
        self.case.step(&self.name, Sign::Event, "goes away");
    }

    /// Where we speak from.
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("a bound socket has an address")
    }

    /// Sends; that nobody was there the last time is told once, and not by this.
    fn send_now(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.socket.send(bytes) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => self.socket.send(bytes),
            other => other,
        }
    }

    /// The next datagram that comes before `deadline`.
    fn receive(&self, deadline: Instant) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; DATAGRAM_LEN_MAX];
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(AT_ONCE);
            self.socket.set_read_timeout(Some(left))?;
            match self.socket.recv(&mut bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(count) => {
                    bytes.truncate(count);
                    self.witness.got(&bytes);
                    return Ok(bytes);
                }
            }
        }
    }

    /// What came instead of `wanted`.
    fn in_words(&self, came: io::Result<Vec<u8>>, wanted: &[u8]) -> String {
        match came {
            Ok(bytes) if bytes.is_empty() => report::an_empty_datagram(),
            Ok(bytes) => report::difference(&bytes, wanted, String::new()),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    report::nothing_then(&self.case.silence_in_words())
                }
                _ => report::no_datagram(&error),
            },
        }
    }

    #[track_caller]
    fn fail(&self, step: impl Display, got: String, want: String) -> ! {
        self.case.fail(&self.name, step, got, want)
    }
}
