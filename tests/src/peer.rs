//! One end of a connection, ours: the four verbs, and what makes bugs show every time.

mod http;
mod reply;

use std::collections::HashSet;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::case::Case;
use crate::conversation::Sign;
use crate::evidence::Side;
use crate::payload::quoted;
use crate::process::poll_until;
use crate::varying::{Varying, fits};
use crate::wire::{Ending, Wire};
use crate::{Payload, Program, Server, kernel, report};

/// The receive buffer of a peer that has little room for what it does not read.
pub(crate) const LITTLE_ROOM: usize = 4096;

/// The most that [`Peer::fill`] sends. The kernels take a megabyte of it at most: a server that has
/// taken all of it takes anything.
const FILL_LEN_MAX: usize = 16 << 20;

/// How much is sent at a time by somebody who only sends.
const PIECE_LEN: usize = 64 << 10;

/// How much is sent at a time by somebody who looks each time what becomes of it.
const SMALL_PIECE_LEN: usize = 8 << 10;

/// How long such a peer waits for room before it looks whether anything still moves.
const A_MOMENT: Duration = Duration::from_millis(10);

/// What came of sending without reading.
enum Blind {
    /// The other side took this, and no more.
    Full(Vec<u8>),
    /// It took this, and would take anything.
    Endless(Vec<u8>),
    /// It has ended the connection.
    Gone,
}

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
    /// Whether we have ended our half.
    has_ended: bool,
}

impl Peer {
    #[track_caller]
    pub(crate) fn connect(case: &Arc<Case>, server: SocketAddr, room: Option<usize>) -> Self {
        let name = case.next_peer();
        match Wire::connect(server, room, case.patience.silence()) {
            Ok(wire) => {
                case.step(&name, Sign::Event, "connects");
                Self {
                    case: Arc::clone(case),
                    name,
                    other: "server",
                    wire: Some(wire.told_to(&case.evidence, Side::Client)),
                    has_ended: false,
                }
            }
            Err(error) => {
                case.evidence.knocked_in_vain(server, &error);
                let (got, want) = (report::no_connection(&error), report::a_connection());
                case.fail(&name, "* connects", got, want)
            }
        }
    }

    pub(crate) fn accepted(case: &Arc<Case>, stream: TcpStream) -> Self {
        let name = case.next_peer();
        case.step(&name, Sign::Event, "the client connects");
        let wire = Wire::new(stream).expect("an accepted socket takes its settings");
        let wire = wire.told_to(&case.evidence, Side::Server);
        Self { case: Arc::clone(case), name, other: "client", wire: Some(wire), has_ended: false }
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

    /// Expects a line like `pattern` next, in which each small letter stands for a digit, and hands
    /// back what varies: `JAM hh:mm:ss\r\n` is any time of day.
    #[track_caller]
    pub fn expect_line_like(&mut self, pattern: &str) -> Varying {
        let len = pattern.len();
        let silent = self.read_until(|inbox| inbox.len() >= len || !fits(inbox, pattern));
        let inbox = &self.wire().inbox;
        if inbox.len() < len || !fits(&inbox[..len], pattern) {
            let end = self.ending_in_words(silent);
            let got = report::unlike(&self.wire().inbox, pattern, end);
            self.fail(format!("< {}", quoted(pattern.as_bytes())), got, report::like(pattern));
        }
        let line: Vec<u8> = self.wire().inbox.drain(..len).collect();
        self.case.step(&self.name, Sign::Got, quoted(pattern.as_bytes()));
        Varying::new(&self.case, &self.name, &line, pattern)
    }

    /// Expects nothing: all of `server` sleeps, and nothing has come.
    #[track_caller]
    pub fn expect_nothing(&mut self, server: &Server) -> &mut Self {
        server.until_at_rest();
        let step = "* has nothing yet";
        // What was sent before the server went to sleep is here; this takes it in.
        self.wire().progress(&[], Instant::now());
        if !self.wire().inbox.is_empty() || self.wire().ending.is_some() {
            let end = self.ending_in_words(false);
            let got = report::difference(&self.wire().inbox, &[], end);
            self.fail(step, got, report::nothing_yet());
        }
        self.case.step(&self.name, Sign::Event, "has nothing yet");
        self
    }

    /// Whether the other side has sent the next `len` bytes by now; what waits in the kernels counts.
    pub fn has_come(&mut self, len: usize) -> bool {
        self.case.needs_proc();
        self.wire().progress(&[], Instant::now());
        if self.wire().inbox.is_empty() && self.wire().ending.is_none() {
            // The kernel's table takes its time; this must not.
            return len == 0;
        }
        let (near, far) = self.wire().ports();
        let waiting = kernel::waiting(near, far).map(kernel::Waiting::on_its_way_back);
        waiting.is_none_or(|waiting| self.wire().inbox.len() + waiting >= len)
    }

    /// Expects the end of the stream: the other side will send nothing more, and says so with a
    /// FIN. A reset is not an end, and neither is silence.
    #[track_caller]
    pub fn expect_eof(&mut self) -> &mut Self {
        let silent = self.read_until(|inbox| !inbox.is_empty());
        if self.wire().ending != Some(Ending::Eof) || !self.wire().inbox.is_empty() {
            let end = self.ending_in_words(silent);
            let got = report::difference(&self.wire().inbox, &[], end);
            let (missed, want) = (silent && self.has_ended, report::an_end(self.other));
            let fact = missed.then_some(report::THE_END);
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

    /// What the conversation calls us.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where we speak from.
    pub fn address(&mut self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.wire().ports().0).into()
    }

    /// Whether the other side has ended the connection by now, in one way or another.
    pub fn is_over(&mut self) -> bool {
        self.wire().progress(&[], Instant::now());
        self.wire().ending.is_some()
    }

    /// Ends our half: we say nothing more, and still listen.
    pub fn half_close(&mut self) -> &mut Self {
        self.case.step(&self.name, Sign::Sent, "end of stream");
        self.has_ended = true;
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
        let (mut unread, mut there, mut last_read) = (0, 0, None);
        let read = poll_until(self.case.deadline(), || match kernel::waiting(near, far) {
            Some(waiting) => {
                unread = waiting.out + waiting.unread_there;
                // Only reading makes it less.
                if waiting.unread_there < there {
                    last_read = Some(Instant::now());
                }
                there = waiting.unread_there;
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
            None => {
                let silence = self.case.patience.silence();
                let reads = last_read.is_some_and(|at: Instant| at.elapsed() < silence / 2);
                report::does_not_read(unread, reads, silence)
            }
        };
        self.fail(format!("* {step}"), got, report::reads_on(self.other))
    }

    /// Sends without reading until `server` takes no more, or has taken so much that it would
    /// take anything; returns what was sent.
    #[track_caller]
    pub fn fill(&mut self, server: &Server) -> Payload {
        let step = "sends without reading until the server takes no more";
        match self.send_drawn_blindly(server) {
            Blind::Full(sent) | Blind::Endless(sent) => {
                self.case.step(&self.name, Sign::Sent, step);
                Payload::labelled(sent, "all of it".to_string())
            }
            Blind::Gone => {
                let got = report::has_gone(self.other);
                self.fail(format!("> {step}"), got, report::a_full_connection())
            }
        }
    }

    /// Reads, of the echo of `sent`, all that has left the frozen server; returns what has not.
    #[track_caller]
    pub fn expect_what_has_left(&mut self, sent: &Payload) -> Payload {
        self.case.needs_proc();
        let step = "all that has left the server";
        let (near, far) = self.wire().ports();
        poll_until(self.case.deadline(), || {
            self.wire().progress(&[], Instant::now());
            let waiting = kernel::waiting(near, far).map(kernel::Waiting::on_its_way_back);
            (waiting.unwrap_or_default() == 0).then_some(())
        });
        let came = std::mem::take(&mut self.wire().inbox);
        if !sent.bytes().starts_with(&came) {
            self.wire().inbox = came;
            self.fail_to_get(sent, false);
        }
        self.case.step(&self.name, Sign::Got, step);
        Payload::labelled(sent.bytes()[came.len()..].to_vec(), "the rest".to_string())
    }

    /// Sends without reading until `server` cannot send all of it back, so that it owes us
    /// something; returns what was sent.
    #[track_caller]
    pub fn send_until_owed(&mut self, server: &Server) -> Payload {
        let step = "sends, and reads nothing, until it is owed something";
        let sent = self.until_owed(step, 0, |peer, piece| {
            let count = peer.wire().send_when_there_is_room(&piece, A_MOMENT).unwrap_or(0);
            server.until_calm();
            if count == 0 {
                // A kernel without room for bytes misses the acknowledgements that come with them,
                // and both wait for ever. What is read now is expected later.
                peer.wire().progress(&[], Instant::now());
            }
            piece[..count].to_vec()
        });
        self.case.step(&self.name, Sign::Sent, step);
        sent
    }

    /// Types at the keyboard of `client` and reads nothing until it cannot send us all of it;
    /// returns what was typed.
    #[track_caller]
    pub fn type_until_owed(&mut self, client: &Program) -> Payload {
        let step = "types more than the client can send to a server that reads nothing";
        // The kernels may still find room for a little of it.
        let typed = self.until_owed(step, 6 * SMALL_PIECE_LEN, |peer, piece| {
            client.process.type_in(&piece);
            client.process.until_typed(peer.case.deadline());
            client.until_calm();
            piece
        });
        self.case.step("keyboard", Sign::Sent, format!("{step}: all of it"));
        typed
    }

    /// Has pieces sent until more than `owed` of it is with the other side.
    #[track_caller]
    fn until_owed(
        &mut self,
        step: &str,
        owed: usize,
        mut send: impl FnMut(&mut Self, Vec<u8>) -> Vec<u8>,
    ) -> Payload {
        self.case.needs_proc();
        let (near, far) = self.wire().ports();
        let mut sent = Vec::new();
        while sent.len() < FILL_LEN_MAX && Instant::now() < self.case.end() {
            let piece = self.case.draw(SMALL_PIECE_LEN);
            sent.extend(send(self, piece));
            let Some(waiting) = kernel::waiting(near, far) else { break };
            // What neither kernel has, nor we, is with the other side.
            let here = self.wire().inbox.len();
            if sent.len() > waiting.in_the_kernels() + here + owed {
                return Payload::labelled(sent, "all of it".to_string());
            }
        }
        let got = report::owes_nothing(sent.len());
        self.fail(format!("> {step}"), got, report::a_debt())
    }

    /// The same, and expects that the server does stop taking bytes.
    #[track_caller]
    pub fn expect_back_pressure(&mut self, server: &Server) -> Payload {
        let step = "sends without reading, and the server stops taking";
        let blind = self.send_drawn_blindly(server);
        self.full_connection(step, blind)
    }

    /// Sends `request` again and again without reading, and expects that the server stops taking;
    /// returns what was sent.
    #[track_caller]
    pub fn expect_back_pressure_on(&mut self, request: &Payload, server: &Server) -> Payload {
        let shown = request.shown();
        let step =
            format!("sends {shown} again and again without reading, and the server stops taking");
        let len = request.bytes().len();
        let many = request.bytes().repeat(PIECE_LEN / len + 2);
        let blind = self.send_blindly(server, |sent| many[sent % len..][..PIECE_LEN].to_vec());
        self.full_connection(&step, blind)
    }

    #[track_caller]
    fn full_connection(&self, step: &str, blind: Blind) -> Payload {
        let got = match blind {
            Blind::Full(sent) => {
                self.case.step(&self.name, Sign::Sent, step);
                return Payload::labelled(sent, "all of it".to_string());
            }
            Blind::Endless(sent) => report::takes_anything(sent.len()),
            Blind::Gone => report::has_gone(self.other),
        };
        self.fail(format!("> {step}"), got, report::a_full_connection())
    }

    /// Sends without reading until `server` takes no more or ends the connection: whatever it does
    /// with us, what it does with others is the question.
    #[track_caller]
    pub fn be_a_burden(&mut self, server: &Server) -> &mut Self {
        self.send_drawn_blindly(server);
        self.case.step(&self.name, Sign::Sent, "as much as the server takes, and reads nothing");
        self
    }

    #[track_caller]
    fn send_drawn_blindly(&mut self, server: &Server) -> Blind {
        let case = Arc::clone(&self.case);
        self.send_blindly(server, |_| case.draw(PIECE_LEN))
    }

    /// Sends what `piece` gives after so many bytes.
    ///
    /// The server takes no more when our socket is full and the server rests, while nothing moves
    /// between the two.
    #[track_caller]
    fn send_blindly(&mut self, server: &Server, piece: impl Fn(usize) -> Vec<u8>) -> Blind {
        self.case.needs_proc();
        let (near, far) = self.wire().ports();
        let (mut sent, mut before, mut idle) = (Vec::new(), None, HashSet::new());
        while Instant::now() < self.case.end() {
            // What ends the connection shows in the queues, where we look next.
            let piece = piece(sent.len());
            if let Ok(count @ 1..) = self.wire().send_when_there_is_room(&piece, A_MOMENT) {
                sent.extend(&piece[..count]);
                if sent.len() >= FILL_LEN_MAX {
                    return Blind::Endless(sent);
                }
                continue;
            }
            let Some(waiting) = kernel::waiting(near, far) else { return Blind::Gone };
            let stuck = before.replace(waiting) == Some(waiting);
            if stuck && server.process().rests(&mut idle) {
                return Blind::Full(sent);
            }
        }
        let got = report::never_full(sent.len());
        self.fail("> sends without reading", got, report::a_full_connection())
    }

    /// Waits until the server has let go of us, and reads nothing meanwhile.
    #[track_caller]
    pub fn until_let_go(&mut self) -> &mut Self {
        self.case.needs_proc();
        let step = "the server has let it go";
        let (near, far) = self.wire().ports();
        let gone = || kernel::waiting(near, far).is_none().then_some(());
        if poll_until(self.case.deadline(), gone).is_none() {
            let got = report::still_there(self.case.patience.silence());
            self.fail(format!("* {step}"), got, report::let_go());
        }
        self.case.step(&self.name, Sign::Event, step);
        self
    }

    #[track_caller]
    fn transmit(&mut self, bytes: &[u8]) {
        // What goes at once goes without reading: perhaps we are meant not to.
        let at_once = self.wire().send_now(bytes).unwrap_or(0);
        let mut left = &bytes[at_once..];
        while !left.is_empty() && self.wire().ending != Some(Ending::Reset) {
            let Some(count) = self.progress(left) else {
                let done = bytes.len() - left.len();
                let got = report::takes_no_more(self.other, done, &self.case.silence_in_words());
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
            None if silent => self.case.silence_in_words(),
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
