//! Many peers at once, all driven by one thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::case::Case;
use crate::conversation::Sign;
use crate::evidence::Side;
use crate::message::Reader;
use crate::payload::grouped;
use crate::wire::{Wire, until_any_moves};
use crate::{Payload, Wanted, limits, report};

/// In how many pieces each peer sends its bytes.
const PIECES: usize = 4;

/// Many connections to the server under judgement.
pub struct Crowd {
    case: Arc<Case>,
    name: String,
    wires: Vec<Wire>,
}

/// What one peer of a crowd has still to send and to get.
struct Errand {
    sent: Vec<u8>,
    /// Where the pieces begin that have not gone yet, last first.
    cuts: Vec<usize>,
    gone: usize,
}

impl Crowd {
    /// Connects `count` peers, one after the other.
    #[track_caller]
    pub(crate) fn connect(
        case: &Arc<Case>,
        server: SocketAddr,
        count: usize,
        room: Option<usize>,
    ) -> Self {
        make_room(case, count);
        let name = case.next_crowd();
        let step = format!("{} peers connect", grouped(count));
        let connect = |number| {
            let wire =
                Wire::connect(server, room, case.patience.silence()).unwrap_or_else(|error| {
                    case.evidence.knocked_in_vain(server, &error);
                    let got = format!("{}, for peer {number}", report::no_connection(&error));
                    case.fail(&name, format!("* {step}"), got, report::a_connection())
                });
            wire.told_to(&case.evidence, Side::Client)
        };
        let wires = (1..=count).map(connect).collect();
        case.step(&name, Sign::Event, &step);
        Self { case: Arc::clone(case), name, wires }
    }

    /// Sets out to connect `count` peers; whether they are let in is up to the server.
    pub(crate) fn knock(case: &Arc<Case>, server: SocketAddr, count: usize) -> Self {
        make_room(case, count);
        let name = case.next_crowd();
        case.step(&name, Sign::Event, format!("{} peers knock", grouped(count)));
        let knock = |_| {
            let wire = Wire::knock(server).expect("a socket for a peer");
            wire.told_to_while_knocking(&case.evidence, server)
        };
        Self { case: Arc::clone(case), name, wires: (0..count).map(knock).collect() }
    }

    /// Every peer sends `len` drawn bytes of its own, cut at random places, while the others send
    /// theirs; and expects to get just these back.
    #[track_caller]
    pub fn echo_in_pieces(&mut self, len: usize) -> &mut Self {
        let sent = format!("each sends {} drawn bytes of its own, in pieces", grouped(len));
        self.case.step(&self.name, Sign::Sent, sent);
        let mut errands: Vec<Errand> = self.wires.iter().map(|_| self.errand(len)).collect();
        let mut moved = Instant::now();
        while !errands.iter().zip(&self.wires).all(|(errand, wire)| errand.is_done(wire)) {
            let before = moved;
            for (errand, wire) in errands.iter_mut().zip(&self.wires) {
                if errand.send_a_piece(wire) {
                    moved = Instant::now();
                }
            }
            let all_gone = moved == before;
            let deadline = if all_gone { moved + self.case.patience.silence() } else { moved };
            let waiting = |wire: &Wire| wire.ending.is_none() && wire.inbox.len() < len;
            if until_any_moves(&mut self.wires, waiting, deadline) {
                moved = Instant::now();
            } else if all_gone {
                break;
            }
        }
        for (number, (errand, wire)) in errands.iter().zip(&mut self.wires).enumerate() {
            if wire.inbox != errand.sent {
                let end = match wire.ending {
                    Some(ending) => report::ending("server", ending),
                    None => report::silence(self.case.patience.silence()),
                };
                let got = report::difference(&wire.inbox, &errand.sent, end);
                let got = format!("peer {} got {got}", number + 1);
                self.case.fail(&self.name, "< each gets its own", got, report::its_own(len));
            }
            wire.inbox.clear();
        }
        self.case.step(&self.name, Sign::Got, "each gets its own");
        self
    }

    /// Every peer sends `payload`, and reads nothing.
    pub fn send(&mut self, payload: impl Into<Payload>) -> &mut Self {
        let payload = payload.into();
        self.case.step(&self.name, Sign::Sent, format!("each sends {}", payload.shown()));
        for wire in &self.wires {
            // Whoever cannot send all of it at once is held up by the server, and waits.
            let _ = wire.send_now(payload.bytes());
        }
        self
    }

    /// Every peer gets a response as `wanted`.
    #[track_caller]
    pub fn expect_response(&mut self, wanted: &Wanted) -> &mut Self {
        let step = format!("each gets {}", wanted.shown());
        for (number, wire) in self.wires.iter_mut().enumerate() {
            if let Err(got) = get_response(wire, wanted, self.case.patience.silence()) {
                let got = format!("peer {} got {got}", number + 1);
                self.case.fail(&self.name, format!("< {step}"), got, wanted.shown());
            }
        }
        self.case.step(&self.name, Sign::Got, step);
        self
    }

    /// All go on talking, and hear what they are told, until `is_over`.
    pub fn talk_until(&mut self, is_over: impl Fn() -> bool) -> &mut Self {
        self.case.step(&self.name, Sign::Sent, "all of them talk on and on");
        let deadline = self.case.deadline();
        while !is_over() && Instant::now() < deadline {
            for wire in &mut self.wires {
                // Whether anybody still listens is what we find out.
                let _ = wire.send_now(b"and another thing ");
                wire.inbox.clear();
            }
            until_any_moves(&mut self.wires, |wire| wire.ending.is_none(), Instant::now());
        }
        self
    }

    /// All throw their connections away.
    pub fn reset(&mut self) {
        self.case.step(&self.name, Sign::Event, "all of them reset");
        self.leave();
    }

    fn leave(&mut self) {
        self.wires.drain(..).for_each(Wire::reset);
    }

    fn errand(&self, len: usize) -> Errand {
        let mut cuts: Vec<usize> = (1..PIECES).map(|_| self.case.draw_below(len)).collect();
        cuts.push(0);
        cuts.sort_unstable_by(|one, other| other.cmp(one));
        Errand { sent: self.case.draw(len), cuts, gone: 0 }
    }
}

impl Errand {
    /// Sends the next piece, or what is left of one; says whether anything went.
    fn send_a_piece(&mut self, wire: &Wire) -> bool {
        if self.cuts.last().is_some_and(|cut| *cut <= self.gone) {
            self.cuts.pop();
        }
        let end = self.cuts.last().copied().unwrap_or(self.sent.len());
        // Whoever cannot send any more gets nothing back either: that will be told.
        let count = wire.send_now(&self.sent[self.gone..end]).unwrap_or(0);
        self.gone += count;
        count > 0
    }

    fn is_done(&self, wire: &Wire) -> bool {
        wire.inbox.len() >= self.sent.len()
    }
}

impl Drop for Crowd {
    /// Resets leave nothing behind: thousands of connections in TIME_WAIT would.
    fn drop(&mut self) {
        self.leave();
    }
}

/// Reads a response as `wanted`, or else says what came.
fn get_response(wire: &mut Wire, wanted: &Wanted, silence: Duration) -> Result<(), String> {
    let deadline = Instant::now() + silence;
    let mut reader = Reader::new(wanted.kind());
    loop {
        match reader.take(&wire.inbox, wire.ending.is_some()) {
            Ok(true) => break,
            Err(fault) => return Err(report::fault(&fault)),
            Ok(false) => {}
        }
        if wire.ending.is_none() && wire.progress(&[], deadline).is_some() {
            continue;
        }
        let end = wire.ending.map(|ending| report::ending("server", ending));
        let end = end.unwrap_or_else(|| report::silence(silence));
        return Err(report::difference(&wire.inbox, &[], end));
    }
    wire.inbox.drain(..reader.used);
    let message = reader.message();
    match wanted.otherwise(&message) {
        None => Ok(()),
        Some(otherwise) => Err(format!("{}\n{otherwise}", wanted.seen(&message))),
    }
}

/// Sees to it that we may have `count` sockets more.
fn make_room(case: &Case, count: usize) {
    if let Err(limit) = limits::make_room(count) {
        case.not_judged(report::too_few_descriptors(count, limit));
    }
}
