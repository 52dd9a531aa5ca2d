//! One end of a connection, ours: the four verbs, and what makes bugs show every time.

use std::fmt::Display;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use crate::case::Case;
use crate::conversation::Sign;
use crate::process::poll_until;
use crate::wire::{Ending, Wire};
use crate::{Payload, Server, kernel, report};

/// The receive buffer of a peer that has little room for what it does not read.
pub(crate) const LITTLE_ROOM: usize = 4096;

/// The most that [`Peer::fill`] sends: what a server holds beyond that, it holds without a limit.
const FILL_LEN_MAX: usize = 64 << 20;

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
    wire: Option<Wire>,
}

impl Peer {
    #[track_caller]
    pub(crate) fn connect(case: &Arc<Case>, server: SocketAddr, room: Option<usize>) -> Self {
        let name = case.next_peer();
        match Wire::connect(server, room, case.patience.silence()) {
            Ok(wire) => {
                case.step(&name, Sign::Event, "connects");
                Self { case: Arc::clone(case), name, other: "server", wire: Some(wire) }
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
        let wire = Wire::new(stream).expect("an accepted socket takes its settings");
        Self { case: Arc::clone(case), name, other: "client", wire: Some(wire) }
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

    /// Expects exactly these bytes next.
    #[track_caller]
    pub fn expect(&mut self, wanted: impl Into<Payload>) -> &mut Self {
        let wanted = wanted.into();
        let (bytes, mut seen) = (wanted.bytes(), 0);
        let silent = self.read_until(|inbox| {
            let new = seen..inbox.len().min(bytes.len());
            seen = new.end;
            inbox[new.clone()] != bytes[new] || seen == bytes.len()
        });
        if !self.wire().inbox.starts_with(bytes) {
            self.fail_to_get(&wanted, silent);
        }
        self.wire().inbox.drain(..bytes.len());
        self.case.step(&self.name, Sign::Got, wanted.shown());
        self
    }

    /// Expects the end of the stream: the other side will send nothing more, and says so with a
    /// FIN. A reset is not an end, and neither is silence.
    #[track_caller]
    pub fn expect_eof(&mut self) -> &mut Self {
        let silent = self.read_until(|inbox| !inbox.is_empty());
        if self.wire().ending != Some(Ending::Eof) || !self.wire().inbox.is_empty() {
            let end = self.ending_in_words(silent);
            let got = report::difference(&self.wire().inbox, &[], end);
            let (fact, want) = (silent.then_some(report::THE_END), report::an_end(self.other));
            self.case.fail_by(fact, &self.name, "< end of stream", got, want);
        }
        self.case.step(&self.name, Sign::Got, "end of stream");
        self
    }

    /// Expects bytes that mean `wanted` in this `form`, of which there may be several: `decode` says
    /// what those that have come mean and how many it took, or nothing while more are due.
    #[track_caller]
    pub fn expect_as(
        &mut self,
        form: &str,
        wanted: impl Into<Payload>,
        decode: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>,
    ) -> &mut Self {
        let wanted = wanted.into();
        let step = report::in_form(&wanted.shown(), form);
        let silent = self.read_until(|inbox| decode(inbox).is_some());
        let got = match decode(&self.wire().inbox) {
            Some((meaning, used)) if meaning == wanted.bytes() => {
                self.wire().inbox.drain(..used);
                self.case.step(&self.name, Sign::Got, step);
                return self;
            }
            Some((meaning, _)) => {
                let got = report::difference(&meaning, wanted.bytes(), String::new());
                report::meant(form, &got)
            }
            None => {
                let end = self.ending_in_words(silent);
                report::difference(&self.wire().inbox, &[], end)
            }
        };
        self.fail(format!("< {step}"), got, report::meant(form, &report::bytes(&wanted)))
    }

    /// Expects the other side to have closed without another byte: by an end or by a reset, both
    /// are right where it refuses what we have sent.
    #[track_caller]
    pub fn expect_gone(&mut self) -> &mut Self {
        let silent = self.read_until(|inbox| !inbox.is_empty());
        if self.wire().ending.is_none() || !self.wire().inbox.is_empty() {
            let end = self.ending_in_words(silent);
            let got = report::difference(&self.wire().inbox, &[], end);
            self.fail(format!("< {}", report::GONE), got, report::no_more(self.other));
        }
        self.case.step(&self.name, Sign::Got, report::GONE);
        self
    }

    /// Expects these bytes and sends them back as they come, in whatever pieces.
    #[track_caller]
    pub fn echo(&mut self, wanted: &Payload) -> &mut Self {
        let mut left = wanted.bytes();
        while !left.is_empty() {
            let silent = self.read_until(|inbox| !inbox.is_empty());
            let inbox = &self.wire().inbox;
            if inbox.is_empty() || !left.starts_with(inbox) {
                self.fail_to_get(&left.into(), silent);
            }
            let piece = std::mem::take(&mut self.wire().inbox);
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
        self.wire().half_close();
        self
    }

    /// Closes the connection and goes away.
    pub fn hang_up(&mut self) {
        self.case.step(&self.name, Sign::Event, "hangs up");
        self.wire = None;
    }

    /// Throws the connection away: the other side gets a reset, not an end.
    pub fn reset(&mut self) {
        self.case.step(&self.name, Sign::Event, "resets");
        if let Some(wire) = self.wire.take() {
            wire.reset();
        }
    }

    /// Waits until the other side has read everything that we have sent, so that what is sent
    /// next comes in a read of its own.
    #[track_caller]
    pub fn until_read(&mut self) -> &mut Self {
        self.case.needs_proc();
        let step = format!("the {} has read it", self.other);
        let (near, far) = self.wire().ports();
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
        let step = "sends without reading until the server takes no more";
        let (near, far) = self.wire().ports();
        let mut sent = Vec::new();
        let mut before = None;
        let full = poll_until(self.case.end(), || {
            self.send_all_there_is_room_for(&mut sent);
            let Some(waiting) = kernel::waiting(near, far) else { return Some(false) };
            let now = (waiting, sent.len());
            let asleep = kernel::all_asleep(&server.process().family());
            let stuck = asleep && before.replace(now) == Some(now);
            (stuck || sent.len() >= FILL_LEN_MAX).then_some(true)
        });
        let got = match full {
            Some(true) => {
                self.case.step(&self.name, Sign::Sent, step);
                return Payload::labelled(sent, "all of it".to_string());
            }
            Some(false) => report::has_gone(self.other),
            None => report::never_full(sent.len()),
        };
        self.fail(format!("> {step}"), got, report::a_full_connection())
    }

    /// Sends drawn bytes until the kernel takes no more, and adds them to `sent`.
    fn send_all_there_is_room_for(&mut self, sent: &mut Vec<u8>) {
        const PIECE_LEN: usize = 64 << 10;
        while sent.len() < FILL_LEN_MAX {
            let mut piece = self.case.draw(PIECE_LEN);
            // What ends the connection shows in the queues, where `fill` looks next.
            let count = self.wire().send_now(&piece).unwrap_or(0);
            piece.truncate(count);
            sent.extend(piece);
            if count < PIECE_LEN {
                return;
            }
        }
    }

    #[track_caller]
    fn transmit(&mut self, bytes: &[u8]) {
        let mut left = bytes;
        while !left.is_empty() && self.wire().ending != Some(Ending::Reset) {
            let Some(count) = self.progress(left) else {
                let done = bytes.len() - left.len();
                let got = report::takes_no_more(self.other, done, self.case.patience.silence());
                let want = report::takes_all(self.other, bytes.len());
                self.fail("> the bytes", got, want);
            };
            left = &left[count..];
        }
    }

    /// Reads until the inbox holds enough, or the other side ends; says whether it fell silent.
    fn read_until(&mut self, mut is_enough: impl FnMut(&[u8]) -> bool) -> bool {
        while !is_enough(&self.wire().inbox) && self.wire().ending.is_none() {
            if self.progress(&[]).is_none() {
                return true;
            }
        }
        false
    }

    fn progress(&mut self, outgoing: &[u8]) -> Option<usize> {
        let deadline = self.case.deadline();
        self.wire().progress(outgoing, deadline)
    }

    fn wire(&mut self) -> &mut Wire {
        self.wire.as_mut().expect("a peer that has hung up neither sends nor expects")
    }

    fn ending_in_words(&mut self, silent: bool) -> String {
        match self.wire().ending {
            Some(ending) => report::ending(self.other, ending),
            None if silent => report::silence(self.case.patience.silence()),
            None => String::new(),
        }
    }

    #[track_caller]
    fn fail_to_get(&mut self, wanted: &Payload, silent: bool) -> ! {
        let end = self.ending_in_words(silent);
        let got = report::difference(&self.wire().inbox, wanted.bytes(), end);
        self.fail(format!("< {}", wanted.shown()), got, report::bytes(wanted))
    }

    #[track_caller]
    fn fail(&self, step: impl Display, got: String, want: String) -> ! {
        self.case.fail(&self.name, step, got, want)
    }
}
