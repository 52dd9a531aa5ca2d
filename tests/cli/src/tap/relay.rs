//! One connection through the tap: both directions, driven by one thread.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, SockRef, Socket, Type};

use super::journal::Page;
use super::lane::Lane;
use crate::pcap::Side;

/// How much each kernel buffer of ours holds: little, so that back-pressure comes through soon.
pub const ROOM: usize = 64 << 10;

/// How long a server may take to answer the first packet.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How connections are passed on.
#[derive(Clone, Copy)]
pub struct Relay {
    pub server: SocketAddr,
    /// The most bytes that go at a time.
    pub chunk: usize,
    /// How long each piece waits before it goes.
    pub delay: Duration,
}

/// How a connection ended.
enum Outcome {
    /// Both sides have ended their halves.
    Ended,
    /// One side has thrown it away.
    Reset(Side, io::Error),
}

impl Relay {
    /// Passes on what `client` and the server say to each other, until it is over.
    pub fn carry(&self, client: &TcpStream, mut page: Page) {
        let server = match self.connect() {
            Ok(server) => server,
            Err(error) => {
                throw_away(client);
                return page.no_server(&error);
            }
        };
        page.connected();
        match self.pass_on(client, &server, &mut page) {
            Ok(Outcome::Ended) => page.ended(),
            Ok(Outcome::Reset(by, error)) => {
                let other = if by == Side::Client { &server } else { client };
                throw_away(other);
                page.reset(by, &error);
            }
            Err(error) => {
                throw_away(client);
                throw_away(&server);
                page.broken(&error);
            }
        }
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let socket = Socket::new(Domain::for_address(self.server), Type::STREAM, None)?;
        // Before the handshake: afterwards the window has been offered already.
        socket.set_recv_buffer_size(ROOM)?;
        socket.connect_timeout(&self.server.into(), CONNECT_LIMIT)?;
        Ok(socket.into())
    }

    fn pass_on(
        &self,
        client: &TcpStream,
        server: &TcpStream,
        page: &mut Page,
    ) -> io::Result<Outcome> {
        for socket in [client, server] {
            socket.set_nonblocking(true)?;
            socket.set_nodelay(true)?;
            SockRef::from(socket).set_send_buffer_size(ROOM)?;
        }
        let mut lanes = [Lane::new(Side::Client), Lane::new(Side::Server)];
        // Of a socket that both sides are done with, poll has nothing new to tell, all the time.
        let mut hung = [false; 2];
        while !lanes.iter().all(Lane::is_over) {
            let sockets = [client, server];
            let trouble = match wait(&lanes, sockets, &mut hung)? {
                Some(trouble) => Some(trouble),
                None => self.step(&mut lanes, sockets, page).err(),
            };
            if let Some((side, error)) = trouble {
                self.pass_on_the_rest(&mut lanes, sockets, (side, page));
                return Ok(Outcome::Reset(side, error));
            }
        }
        Ok(Outcome::Ended)
    }

    /// Moves in both directions what can be moved now; an error says who has gone.
    fn step(
        &self,
        lanes: &mut [Lane; 2],
        sockets: [&TcpStream; 2],
        page: &mut Page,
    ) -> Result<(), (Side, io::Error)> {
        for lane in lanes {
            let (from, to) = (lane.from, lane.from.other());
            lane.read(sockets[from as usize], self.delay).map_err(|error| (from, error))?;
            lane.write(sockets[to as usize], self, page).map_err(|error| (to, error))?;
        }
        Ok(())
    }

    /// What somebody said before it threw the connection away may still arrive.
    fn pass_on_the_rest(
        &self,
        lanes: &mut [Lane; 2],
        sockets: [&TcpStream; 2],
        (gone, page): (Side, &mut Page),
    ) {
        let lane = &mut lanes[gone as usize];
        lane.hurry();
        // It goes as far as it goes at once: nobody waits for it any more.
        let _ = lane.write(sockets[gone.other() as usize], self, page);
        page.lose(lanes.iter().map(Lane::owed).sum());
    }
}

/// Waits until something can be moved, or somebody has thrown the connection away: that one, and
/// how it shows.
fn wait(
    lanes: &[Lane; 2],
    sockets: [&TcpStream; 2],
    hung: &mut [bool; 2],
) -> io::Result<Option<(Side, io::Error)>> {
    let interests = [Side::Client, Side::Server].map(|side| interest(lanes, side));
    let sides = [Side::Client, Side::Server].into_iter();
    let asked: Vec<Side> = sides
        .filter(|side| !hung[*side as usize] || !interests[*side as usize].is_empty())
        .collect();
    let question =
        |side: &Side| PollFd::new(sockets[*side as usize].as_fd(), interests[*side as usize]);
    let mut questions: Vec<PollFd<'_>> = asked.iter().map(question).collect();
    match poll(&mut questions, patience(lanes)) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    for (side, answer) in asked.iter().zip(&questions) {
        let said = answer.revents().unwrap_or(PollFlags::empty());
        // Whoever is read from will say so itself, after its last bytes.
        let is_quiet = !interests[*side as usize].contains(PollFlags::POLLIN);
        if is_quiet && said.intersects(PollFlags::POLLERR | PollFlags::POLLHUP) {
            hung[*side as usize] = true;
            if let Some(error) = sockets[*side as usize].take_error()? {
                return Ok(Some((*side, error)));
            }
        }
    }
    Ok(None)
}

/// What to ask the kernel about the socket of `side`: computed from the lanes, never stored.
fn interest(lanes: &[Lane; 2], side: Side) -> PollFlags {
    let mut interest = PollFlags::empty();
    interest.set(PollFlags::POLLIN, lanes[side as usize].wants_to_read());
    interest.set(PollFlags::POLLOUT, lanes[side.other() as usize].wants_to_write());
    interest
}

/// How long to wait at most: until the next piece that waits for its time.
fn patience(lanes: &[Lane; 2]) -> PollTimeout {
    match lanes.iter().filter(|lane| !lane.wants_to_write()).filter_map(Lane::wait).min() {
        // Rounded up, so that the time has come by then.
        Some(wait) => {
            PollTimeout::try_from(wait + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)
        }
        None => PollTimeout::NONE,
    }
}

/// Has the kernel send a reset when the socket is closed.
fn throw_away(socket: &TcpStream) {
    // Without it the close is an ordinary one, which is all that can be done then.
    let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
}
