//! A server under judgement: where it listens, and what can be done to it.

mod workers;

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::Instant;

use nix::sys::signal::Signal;

use crate::case::Case;
use crate::conversation::Sign;
use crate::patience::Patience;
use crate::process::{Process, poll_until};
use crate::sockets::Transport;
use crate::{Crowd, Payload, Peer, Program, UdpPeer, kernel, limits, peer, report};

pub use workers::Worker;

/// How often a command is started again because its port was taken in the meantime.
const TRIES_MAX: usize = 5;

/// The number of a socket where the system tells none.
const NO_NUMBER: u64 = 0;

/// How a server is started.
#[derive(Clone, Default)]
pub(crate) struct Start<'a> {
    /// Where it is to listen; 0 is any port.
    pub(crate) port: u16,
    pub(crate) options: &'a [&'a str],
    /// The folder that it is to serve, as options.
    pub(crate) folder: Option<[String; 2]>,
    /// How many descriptors it may have, if that is to be few.
    pub(crate) descriptors: Option<u64>,
    /// Further variables in its environment.
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// How requests come to it.
    pub(crate) transport: Transport,
}

/// A started server that listens.
pub struct Server {
    case: Arc<Case>,
    program: Program,
    port: u16,
    transport: Transport,
    /// Its listening sockets, by the numbers that the kernel knows them by.
    listeners: Vec<u64>,
    frozen: Cell<bool>,
}

impl Server {
    /// Starts a server and waits until it listens: on `port`, or if that is 0 on any.
    #[track_caller]
    pub(crate) fn start(case: &Arc<Case>, start: Start<'_>) -> Self {
        let Start { port, options, folder, descriptors, variables, transport } = start;
        let folder = folder.as_ref().map(|folder| folder.each_ref().map(String::as_str));
        let all_options = [folder.as_ref().map_or(&[][..], |it| it), options].concat();
        let any = port == 0;
        for tries_left in (0..TRIES_MAX).rev() {
            // Port 0 means nothing to somebody else's program: we choose for it.
            let chosen =
                if any && case.defendant.is_foreign() { free_port(transport) } else { port };
            let mut command = match case.defendant.server(chosen, &all_options) {
                Ok(command) => command,
                Err(why) => case.not_judged(why),
            };
            if let Some(descriptors) = descriptors {
                command = limits::with_descriptors(&command, descriptors);
            }
            command.envs(variables.iter().copied());
            let program = Program::start(case, "server", command);
            match listening(&program.process, chosen, transport, case.patience) {
                Ok((port, listeners)) => {
                    case.evidence.starts("server", options);
                    case.step("server", Sign::Event, listens(options, descriptors));
                    let (case, frozen) = (Arc::clone(case), Cell::new(false));
                    return Self { case, program, port, transport, listeners, frozen };
                }
                Err(Deaf::PortTaken) if chosen != port && tries_left > 0 => case.unwatch(),
                Err(deaf) => {
                    let (got, want) = (report::deaf(&deaf), report::a_listener(chosen));
                    case.fail_by(report::why_deaf(&deaf), "server", "* listens", got, want);
                }
            }
        }
        unreachable!("the last try returns or fails")
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Connects a new peer to it.
    #[track_caller]
    pub fn peer(&self) -> Peer {
        Peer::connect(&self.case, self.address(), None)
    }

    /// Connects a new peer that has little room for what it does not read.
    #[track_caller]
    pub fn peer_with_little_room(&self) -> Peer {
        Peer::connect(&self.case, self.address(), Some(peer::LITTLE_ROOM))
    }

    /// A new peer that sends datagrams to it.
    pub fn udp_peer(&self) -> UdpPeer {
        UdpPeer::new(&self.case, self.address())
    }

    /// Connects `count` peers to it.
    #[track_caller]
    pub fn crowd(&self, count: usize) -> Crowd {
        Crowd::connect(&self.case, self.address(), count, None)
    }

    /// Connects `count` peers that have little room for what they do not read.
    #[track_caller]
    pub fn crowd_with_little_room(&self, count: usize) -> Crowd {
        Crowd::connect(&self.case, self.address(), count, Some(peer::LITTLE_ROOM))
    }

    /// Has `count` peers knock at it; whether they are let in is up to the server.
    pub fn crowd_at_the_door(&self, count: usize) -> Crowd {
        Crowd::knock(&self.case, self.address(), count)
    }

    /// Stops the whole server in its tracks (SIGSTOP), so that what we do next meets it all at
    /// once: the kernel goes on to shake hands and to queue bytes.
    #[track_caller]
    pub fn freeze(&self) -> &Self {
        self.case.needs_proc();
        self.case.step("server", Sign::Event, "frozen");
        self.frozen.set(true);
        let stopped = || {
            // Again each time: it may be starting a child just now.
            self.program.process.signal(Signal::SIGSTOP);
            kernel::all_stopped(&self.program.process.family()).then_some(())
        };
        if poll_until(self.case.deadline(), stopped).is_none() {
            let got = report::does_not_stop();
            self.case.fail("server", "* frozen", got, report::a_stopped_server());
        }
        self
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) -> &Self {
        self.case.step("server", Sign::Event, "thawed");
        self.frozen.set(false);
        self.program.process.signal(Signal::SIGCONT);
        self
    }

    /// Waits until it has done all it had to do: every thread of it sleeps, or it has ended.
    #[track_caller]
    pub fn until_at_rest(&self) -> &Self {
        self.program.until_at_rest();
        self
    }

    /// The same, as a part of another step.
    #[track_caller]
    pub(crate) fn until_calm(&self) {
        self.program.until_calm();
    }

    /// Expects it to hold at most `limit` bytes more in memory after `what` than before, once it
    /// rests; what `what` returns is kept until then.
    #[track_caller]
    pub fn expect_to_grow_at_most<T>(&self, limit: usize, what: impl FnOnce() -> T) -> &Self {
        self.case.needs_proc();
        let process = &self.program.process;
        let before = kernel::resident(&process.family());
        let kept = what();
        self.until_at_rest();
        let more = kernel::resident(&process.family()).saturating_sub(before);
        drop(kept);
        let step = report::little_memory(limit);
        if more > limit {
            let (got, want) = (report::holds_more(more), step.clone());
            self.case.fail("server", format!("* {step}"), got, want);
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// Presses Ctrl+C at its terminal.
    ///
    /// A signal for a stopped program is for whichever of its threads goes on first. Some languages
    /// hear it in their first thread only, so there the promise ends without a verdict.
    pub fn interrupt(&self) -> &Self {
        if self.frozen.get() && self.case.defendant.is_foreign() {
            self.case
                .not_judged("a command may be deaf to a signal that comes while it is stopped");
        }
        self.program.interrupt();
        self
    }

    /// Ends it without a word, as `kill -9` does.
    pub fn kill(&self) -> &Self {
        self.program.kill();
        self
    }

    /// Whether it has ended by now.
    pub fn has_ended(&self) -> bool {
        self.program.process.exit().is_some()
    }

    /// Expects it to end by itself with exit code `code`.
    #[track_caller]
    pub fn expect_exit(&self, code: i32) -> &Self {
        self.program.expect_exit(code);
        self
    }

    /// Expects it to say where it listens, on a line of its own on standard output.
    ///
    /// A command of the user's owes us no words, so there the promise ends without a verdict.
    #[track_caller]
    pub fn expect_ready_line(&self) -> &Self {
        if self.case.defendant.is_foreign() {
            self.case.not_judged("a command may say what it likes when it is ready");
        }
        let line = format!("listening on {}\n", self.address());
        let label = "\"listening on 127.0.0.1:PORT\\n\"".to_string();
        self.program.expect_line(&Payload::labelled(line.into_bytes(), label));
        self
    }

    /// Expects it to say in exactly `count` lines of its log what became of the client at `peer`.
    ///
    /// A command of the user's owes us no words, so there the promise ends without a verdict.
    #[track_caller]
    pub fn expect_lines_about(&self, peer: SocketAddr, count: usize) -> &Self {
        let step = format!("{count} lines of its log are about this client");
        poll_until(self.case.deadline(), || (self.log_about(peer).len() >= count).then_some(()));
        let log = self.log_about(peer);
        if log.len() != count {
            let (got, want) = (report::log_lines(&log), report::so_many_lines(count));
            self.case.fail("server", format!("* {step}"), got, want);
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// Expects `words` in one of the lines of its log about the client at `peer`.
    ///
    /// A command of the user's owes us no words, so there the promise ends without a verdict.
    #[track_caller]
    pub fn expect_words_about(&self, peer: SocketAddr, words: &str) -> &Self {
        let step = format!("its log says of this client: {words}");
        let said = || self.log_about(peer).iter().any(|line| line.contains(words)).then_some(());
        if poll_until(self.case.deadline(), said).is_none() {
            let (got, want) = (report::log_lines(&self.log_about(peer)), report::a_log_line(words));
            self.case.fail("server", format!("* {step}"), got, want);
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// The lines of its log about the client at `peer`.
    fn log_about(&self, peer: SocketAddr) -> Vec<String> {
        if self.case.defendant.is_foreign() {
            self.case.not_judged("a command may say what it likes in its log");
        }
        let errors = self.program.process.errors.text();
        let about = |line: &&str| line.contains(&peer.to_string());
        errors.lines().filter(about).map(ToString::to_string).collect()
    }

    pub(crate) fn process(&self) -> &Process {
        &self.program.process
    }
}

/// The step in which a server is ready, with what it was told.
fn listens(options: &[&str], descriptors: Option<u64>) -> String {
    let mut step = "listens".to_string();
    if !options.is_empty() {
        step = format!("{step}, with {}", options.join(" "));
    }
    if let Some(descriptors) = descriptors {
        step = format!("{step}, and may have {descriptors} descriptors");
    }
    step
}

/// Why a program does not listen.
pub(crate) enum Deaf {
    /// It ended first.
    Gone,
    /// It ended first, and said that its port was in use.
    PortTaken,
    /// It runs, but listens on these ports and not on the one it was given.
    Elsewhere(Vec<u16>),
    /// It runs, and after this many seconds listens nowhere.
    Nowhere(f64),
}

/// Waits until `process` listens on `port`, or if that is 0 on any; returns the port, and the
/// numbers by which the kernel knows the sockets that listen there.
///
/// Nobody knocks to find out: a server that takes a single client would take the knock for it.
fn listening(
    process: &Process,
    port: u16,
    transport: Transport,
    patience: Patience,
) -> Result<(u16, Vec<u64>), Deaf> {
    let started = Instant::now();
    let mut elsewhere = Vec::new();
    let heard = poll_until(started + patience.start(), || {
        let listeners = if kernel::available() {
            kernel::listeners(&process.family(), transport)
        } else {
            process.ready_port().map(|port| (port, NO_NUMBER)).into_iter().collect()
        };
        if let Some((found, _)) = listeners.iter().find(|(found, _)| port == 0 || *found == port) {
            let there = listeners.iter().filter(|(port, _)| port == found);
            return Some(Ok((*found, there.map(|(_, number)| *number).collect())));
        }
        elsewhere = listeners.into_iter().map(|(port, _)| port).collect();
        process.exit().map(|_| Err(gone(process)))
    });
    heard.unwrap_or_else(|| match elsewhere.is_empty() {
        true => Err(Deaf::Nowhere(started.elapsed().as_secs_f64())),
        false => Err(Deaf::Elsewhere(elsewhere)),
    })
}

fn gone(process: &Process) -> Deaf {
    let errors = process.last_errors().to_lowercase();
    let taken = errors.contains("in use") || errors.contains("eaddrinuse");
    if taken { Deaf::PortTaken } else { Deaf::Gone }
}

/// A port that is free just now. Somebody may take it before the program does: then we try again.
fn free_port(transport: Transport) -> u16 {
    let any = (Ipv4Addr::LOCALHOST, 0);
    let address = match transport {
        Transport::Tcp => TcpListener::bind(any).and_then(|socket| socket.local_addr()),
        Transport::Udp => UdpSocket::bind(any).and_then(|socket| socket.local_addr()),
    };
    address.expect("loopback has a free port").port()
}
