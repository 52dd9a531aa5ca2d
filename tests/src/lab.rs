//! What a promise starts from: the program under judgement, on either side of a socket.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::case::{Case, lock};
use crate::conversation::Sign;
use crate::payload::grouped;
use crate::process::poll_until;
use crate::server::Start;
use crate::sockets::Transport;
use crate::wire::leave_little_room;
use crate::{Folder, Payload, Peer, Program, Server, Zone, peer, report};

/// How many guests a house that takes no more may have let in before.
const GUESTS_MAX: usize = 16;

/// How long a knock at a full house waits: on this machine an answer comes at once or never.
const KNOCK_LIMIT: Duration = Duration::from_millis(200);

/// The stage of one promise.
pub struct Lab {
    case: Arc<Case>,
}

impl Lab {
    pub(crate) fn new(case: Arc<Case>) -> Self {
        Self { case }
    }

    /// Starts the server under judgement, and waits until it listens.
    #[track_caller]
    pub fn server(&self) -> Server {
        Server::start(&self.case, Start::default())
    }

    /// Starts the server under judgement with `options`, and waits until it listens.
    #[track_caller]
    pub fn server_with(&self, options: &[&str]) -> Server {
        Server::start(&self.case, Start { options, ..Start::default() })
    }

    /// An empty folder for a server to serve as its root.
    pub fn folder(&self) -> Folder {
        self.folder_for("--root")
    }

    /// An empty folder for a server to serve; it is told of it by `option`.
    pub fn folder_for(&self, option: &'static str) -> Folder {
        Folder::new(&self.case, option)
    }

    /// Starts the server under judgement with `options` so that it serves `folder`, and waits until
    /// it listens.
    #[track_caller]
    pub fn server_over(&self, folder: &Folder, options: &[&str]) -> Server {
        let folder = Some(folder.as_option());
        Server::start(&self.case, Start { options, folder, ..Start::default() })
    }

    /// The same, with only so many `descriptors`.
    #[track_caller]
    pub fn server_over_with_descriptors(
        &self,
        folder: &Folder,
        descriptors: u64,
        options: &[&str],
    ) -> Server {
        let (folder, descriptors) = (Some(folder.as_option()), Some(descriptors));
        Server::start(&self.case, Start { options, folder, descriptors, ..Start::default() })
    }

    /// The same, on `port`.
    #[track_caller]
    pub fn server_over_on(&self, folder: &Folder, port: u16, options: &[&str]) -> Server {
        let folder = Some(folder.as_option());
        Server::start(&self.case, Start { port, options, folder, ..Start::default() })
    }

    /// Ends the promise without a verdict where a command of the user's is judged, because of
    /// something that it need not do as the lab's own program does.
    pub fn not_for_commands(&self, why: &str) {
        if self.case.defendant.is_foreign() {
            self.case.not_judged(why);
        }
    }

    /// Starts the server under judgement with `options` so that it may have only so many
    /// `descriptors`, and waits until it listens.
    #[track_caller]
    pub fn server_with_descriptors(&self, descriptors: u64, options: &[&str]) -> Server {
        let descriptors = Some(descriptors);
        Server::start(&self.case, Start { options, descriptors, ..Start::default() })
    }

    /// Starts the server under judgement with `options`, which make it one for datagrams, and waits
    /// until its socket has an address.
    #[track_caller]
    pub fn udp_server_with(&self, options: &[&str]) -> Server {
        let transport = Transport::Udp;
        Server::start(&self.case, Start { options, transport, ..Start::default() })
    }

    /// The same, on `port`.
    #[track_caller]
    pub fn udp_server_on(&self, port: u16, options: &[&str]) -> Server {
        let transport = Transport::Udp;
        Server::start(&self.case, Start { port, options, transport, ..Start::default() })
    }

    /// Starts the server under judgement with `options` in `zone`, and waits until it listens.
    #[track_caller]
    pub fn server_with_in(&self, zone: &Zone, options: &[&str]) -> Server {
        if !zone.is_known() {
            self.case.not_judged("this machine knows no time zones (tzdata)");
        }
        let variables = &[("TZ", zone.name())];
        Server::start(&self.case, Start { variables, options, ..Start::default() })
    }

    /// Starts the server under judgement in `zone`, and waits until it listens.
    #[track_caller]
    pub fn server_in(&self, zone: &Zone) -> Server {
        self.server_with_in(zone, &[])
    }

    /// Starts the server under judgement on `port`, and waits until it listens.
    #[track_caller]
    pub fn server_on(&self, port: u16) -> Server {
        Server::start(&self.case, Start { port, ..Start::default() })
    }

    /// Starts the program as a server on `port` that is not expected to listen.
    #[track_caller]
    pub fn server_in_vain(&self, port: u16) -> Program {
        match self.case.defendant.server(port, &[]) {
            Ok(command) => Program::start(&self.case, "server", command),
            Err(why) => self.case.not_judged(why),
        }
    }

    /// The same with `options`.
    #[track_caller]
    pub fn server_with_in_vain(&self, port: u16, options: &[&str]) -> Program {
        match self.case.defendant.server(port, options) {
            Ok(command) => Program::start(&self.case, "server", command),
            Err(why) => self.case.not_judged(why),
        }
    }

    /// The same over `folder`.
    #[track_caller]
    pub fn server_over_in_vain(&self, folder: &Folder, port: u16) -> Program {
        let folder = folder.as_option();
        match self.case.defendant.server(port, &folder.each_ref().map(String::as_str)) {
            Ok(command) => Program::start(&self.case, "server", command),
            Err(why) => self.case.not_judged(why),
        }
    }

    /// Starts the lab's own program with exactly these arguments; of a command of the user's
    /// nobody knows what it takes.
    #[track_caller]
    pub fn program(&self, arguments: &[&str]) -> Program {
        match self.case.defendant.program(arguments) {
            Ok(command) => self.start_program(arguments, command),
            Err(why) => self.case.not_judged(why),
        }
    }

    /// The same in `folder`: there a file is meant that is named without a path.
    #[track_caller]
    pub fn program_in(&self, folder: &Folder, arguments: &[&str]) -> Program {
        match self.case.defendant.program(arguments) {
            Ok(mut command) => {
                command.current_dir(folder.path());
                self.start_program(arguments, command)
            }
            Err(why) => self.case.not_judged(why),
        }
    }

    #[track_caller]
    fn start_program(&self, arguments: &[&str], command: Command) -> Program {
        // The kernel chose the port of a server, and chooses another one each time.
        let shown = |argument: &&str| match argument.parse::<SocketAddr>() {
            Ok(address) => format!("{}:PORT", address.ip()),
            Err(_) => argument.to_string(),
        };
        let shown: Vec<String> = arguments.iter().map(shown).collect();
        self.case.step("program", Sign::Event, format!("starts: {}", shown.join(" ")));
        Program::start(&self.case, "program", command)
    }

    /// Starts the client under judgement; it is told to talk to `server`.
    #[track_caller]
    pub fn client(&self, server: SocketAddr, options: &[&str]) -> Program {
        match self.case.defendant.client(server, options) {
            Ok(command) => {
                self.case.evidence.starts("client", options);
                let program = Program::start(&self.case, "client", command);
                self.case.step("client", Sign::Event, "starts");
                program
            }
            Err(why) => self.case.not_judged(why),
        }
    }

    /// Starts the lab's own client, for what no command of the user's need know.
    #[track_caller]
    pub fn own_client(&self, server: SocketAddr, options: &[&str]) -> Program {
        if self.case.defendant.is_foreign() {
            self.case.not_judged("a command may take other options");
        }
        self.client(server, options)
    }

    /// The same in `folder`: there a file is meant that is named without a path.
    #[track_caller]
    pub fn own_client_in(&self, folder: &Folder, server: SocketAddr, options: &[&str]) -> Program {
        match self.case.defendant.program(&[&["client", &server.to_string()], options].concat()) {
            Ok(mut command) => {
                command.current_dir(folder.path());
                self.case.evidence.starts("client", options);
                let program = Program::start(&self.case, "client", command);
                self.case.step("client", Sign::Event, "starts");
                program
            }
            Err(why) => self.case.not_judged(why),
        }
    }

    /// A client under judgement with further options that are paths, which the conversation does not show.
    #[track_caller]
    pub fn client_with(&self, server: SocketAddr, options: &[&str], paths: &[&Path]) -> Program {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let paths = paths.iter().map(String::as_str);
        self.client(server, &options.iter().copied().chain(paths).collect::<Vec<_>>())
    }

    /// A server of ours, for a client under judgement.
    pub fn host(&self) -> Host {
        Host::new(&self.case, None)
    }

    /// A server of ours that has little room for what it does not read.
    pub fn host_with_little_room(&self) -> Host {
        Host::new(&self.case, Some(peer::LITTLE_ROOM))
    }

    /// An address where somebody listens who takes no more connections: the kernel lets whoever
    /// wants one more wait without an answer.
    pub fn full_house(&self) -> FullHouse {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(&any.into()).and_then(|()| socket.listen(0)).expect("a free port");
        let listener = TcpListener::from(socket);
        let address = listener.local_addr().expect("a bound socket has an address");
        let guest = || TcpStream::connect_timeout(&address, KNOCK_LIMIT).ok();
        let guests = std::iter::from_fn(guest).take(GUESTS_MAX).collect();
        FullHouse { address, _listener: listener, _guests: guests }
    }

    /// An address where nobody listens, and nobody can begin to as long as this is kept.
    pub fn nobody(&self) -> Nobody {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(&any.into()).expect("a free port");
        let address = socket.local_addr().ok().and_then(|address| address.as_socket());
        Nobody { address: address.expect("a bound socket has an address"), _socket: socket }
    }

    /// Does the same `times` times; the conversation shows the first time, and how many followed.
    pub fn repeat(&self, times: usize, mut round: impl FnMut()) {
        round();
        for _ in 1..times {
            let steps = lock(&self.case.conversation).steps.len();
            round();
            lock(&self.case.conversation).steps.truncate(steps);
        }
        self.case.step("judge", Sign::Event, format!("the same {} times more", times - 1));
    }

    /// Does the same until `is_so`, and expects that what `wanted` says becomes so in about the time
    /// in which a program must have begun to listen; the conversation shows the first time.
    #[track_caller]
    pub fn expect_in_time(
        &self,
        wanted: &str,
        mut is_so: impl FnMut() -> bool,
        round: impl FnMut(),
    ) {
        let started = Instant::now();
        let mut has_become_so = false;
        self.repeat_until(
            || {
                has_become_so = is_so();
                has_become_so
            },
            started + self.case.patience.start(),
            round,
        );
        if !has_become_so {
            let got = report::not_in_time(started.elapsed());
            self.case.fail("judge", format!("* meanwhile, {wanted}"), got, wanted.to_string());
        }
        self.case.step("judge", Sign::Event, format!("meanwhile, {wanted}"));
    }

    /// Does the same until `is_over`, or until `deadline`; the conversation shows the first time.
    fn repeat_until(
        &self,
        mut is_over: impl FnMut() -> bool,
        deadline: Instant,
        mut round: impl FnMut(),
    ) {
        let deadline = deadline.min(self.case.end());
        round();
        while !is_over() && Instant::now() < deadline {
            let steps = lock(&self.case.conversation).steps.len();
            round();
            lock(&self.case.conversation).steps.truncate(steps);
        }
        self.case.step("judge", Sign::Event, "the same again and again");
    }

    /// Does the same until `is_so`, at most `times` times, and expects that what `wanted` says has
    /// become so by then; the conversation shows the first time.
    #[track_caller]
    pub fn expect_meanwhile(
        &self,
        wanted: &str,
        times: usize,
        mut is_so: impl FnMut() -> bool,
        round: impl FnMut(),
    ) {
        let mut left = times;
        let mut has_become_so = false;
        self.repeat_until(
            || {
                left -= 1;
                has_become_so = is_so();
                has_become_so || left == 0
            },
            self.case.end(),
            round,
        );
        if !has_become_so {
            let got = report::not_meanwhile(times - left);
            self.case.fail("judge", format!("* meanwhile, {wanted}"), got, wanted.to_string());
        }
        self.case.step("judge", Sign::Event, format!("meanwhile, {wanted}"));
    }

    /// Does something of which the conversation shows only `what` it is.
    pub fn in_short<T>(&self, what: &str, steps: impl FnOnce() -> T) -> T {
        let before = (lock(&self.case.conversation).steps.len(), self.case.peers());
        let done = steps();
        lock(&self.case.conversation).steps.truncate(before.0);
        // How many it took may differ from program to program.
        self.case.forget_peers_after(before.1);
        self.case.step("judge", Sign::Event, what);
        done
    }

    /// Does the same `times` times, and expects that what `wanted` says was so in at least half of
    /// the rounds; the conversation shows the first.
    #[track_caller]
    pub fn expect_mostly(&self, wanted: &str, times: usize, mut round: impl FnMut() -> bool) {
        let mut count = 0;
        self.repeat(times, || count += usize::from(round()));
        let step = format!("* {wanted}, in most rounds");
        if count < times.div_ceil(2) {
            let got = report::rounds(count, times);
            self.case.fail("judge", step, got, format!("{wanted}, in most rounds"));
        }
        self.case.step("judge", Sign::Event, step.trim_start_matches("* "));
    }

    /// Bytes that nobody can know in advance: drawn from the seed of this run.
    pub fn drawn(&self, len: usize) -> Payload {
        Payload::labelled(self.case.draw(len), format!("{} drawn bytes", grouped(len)))
    }

    /// Drawn bytes of which only the last is a line feed.
    pub fn drawn_line(&self, len: usize) -> Payload {
        let mut bytes = self.case.draw(len);
        for byte in bytes.iter_mut().filter(|byte| **byte == b'\n') {
            *byte = b' ';
        }
        if let Some(last) = bytes.last_mut() {
            *last = b'\n';
        }
        Payload::labelled(bytes, format!("a line of {} drawn bytes", grouped(len)))
    }
}

/// A server of ours.
pub struct Host {
    case: Arc<Case>,
    listener: TcpListener,
}

impl Host {
    fn new(case: &Arc<Case>, room: Option<usize>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener can be made non-blocking");
        if let Some(room) = room {
            // Its connections inherit this, before their handshakes offer a window.
            leave_little_room(SockRef::from(&listener), room).expect("it takes its settings");
        }
        Self { case: Arc::clone(case), listener }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("a bound socket has an address")
    }

    /// Waits for the client under judgement.
    #[track_caller]
    pub fn accept(&self) -> Peer {
        // The client may have been started only just now.
        let deadline = Instant::now() + self.case.patience.start();
        let came = poll_until(deadline, || {
            // Asked before the queue is looked at: who has ended may have come first.
            let gone = self.case.has_ended("client");
            match self.listener.accept() {
                Ok((stream, _)) => Some(Some(stream)),
                Err(_) => gone.then_some(None),
            }
        });
        match came.flatten() {
            Some(stream) => Peer::accepted(&self.case, stream),
            None => {
                let got = report::nobody_came(self.case.started.elapsed());
                self.case.fail("client", "* connects", got, report::a_connection())
            }
        }
    }
}

/// An address where somebody listens who takes no more connections.
pub struct FullHouse {
    address: SocketAddr,
    _listener: TcpListener,
    _guests: Vec<TcpStream>,
}

impl FullHouse {
    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// An address where nobody listens.
pub struct Nobody {
    address: SocketAddr,
    _socket: Socket,
}

impl Nobody {
    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
