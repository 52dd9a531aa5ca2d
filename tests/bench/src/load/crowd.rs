//! Many connections that each ask, wait for the whole answer, and ask again.

use std::io::{Read, Write};
use std::mem;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use hdrhistogram::Histogram;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use socket2::SockRef;

use super::{BATCH, SILENCE_LIMIT, be_answered, connect, connect_to_itself};
use crate::sample::Sample;
use crate::tree;

/// The longest answer time that is told apart from longer ones.
const LATENCY_NANOSECONDS_MAX: u64 = 60_000_000_000;

/// What the clients say, and what an answer is.
#[derive(Clone)]
pub struct Talk {
    pub clients: usize,
    pub request: Vec<u8>,
    pub reply_len: usize,
    /// How many operations a request is.
    pub operations: u32,
    pub connection: Connection,
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// The next request goes over it.
    Kept,
    /// It is over once the answer is whole.
    Fresh,
    /// It is over once the server has closed it.
    Closed,
}

/// The clients, and what has been seen so far.
pub struct Crowd<'a> {
    talk: &'a Talk,
    /// Where the server is; `None` for connections to themselves.
    address: Option<SocketAddr>,
    epoll: Epoll,
    seats: Vec<Seat>,
    buffer: Vec<u8>,
    answers: u64,
    /// Clients that have not had an answer yet.
    unserved: usize,
    latency: Histogram<u64>,
}

struct Seat {
    is_served: bool,
    stream: TcpStream,
    /// How much of the answer has come.
    got: usize,
    asked: Instant,
}

impl<'a> Crowd<'a> {
    /// Everybody is connected, and nobody has said anything. Without an address, everybody is
    /// connected to itself: so one sees what the load can do alone.
    ///
    /// # Errors
    ///
    /// When the server does not let everybody in.
    pub fn new(talk: &'a Talk, address: Option<SocketAddr>) -> Result<Self> {
        let mut crowd = Self {
            talk,
            address,
            epoll: Epoll::new(EpollCreateFlags::empty())?,
            seats: Vec::new(),
            buffer: vec![0; 64 * 1024],
            answers: 0,
            unserved: talk.clients,
            latency: Histogram::new_with_bounds(1, LATENCY_NANOSECONDS_MAX, 3)?,
        };
        for place in 0..talk.clients {
            let mut stream = crowd.stream(place)?;
            if talk.connection == Connection::Kept && (place + 1) % BATCH == 0 {
                be_answered(&mut stream, &talk.request, talk.reply_len)?;
            }
            crowd.seats.push(Seat { is_served: false, stream, got: 0, asked: Instant::now() });
        }
        Ok(crowd)
    }

    /// A new connection for a seat. It ends by a reset: thousands of ends that wait a minute would
    /// use up all ports.
    fn stream(&self, place: usize) -> Result<TcpStream> {
        let stream = self.address.map_or_else(connect_to_itself, connect)?;
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        self.epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
        Ok(stream)
    }

    /// Lets everybody talk, first without looking, until all have had an answer, then for so long
    /// with looking; `server` tells what CPU time the server has taken.
    ///
    /// # Errors
    ///
    /// When the server leaves somebody without an answer.
    pub fn talk(
        &mut self,
        warm: Duration,
        time: Duration,
        server: impl Fn() -> f64,
    ) -> Result<Sample> {
        for place in 0..self.seats.len() {
            self.ask(place)?;
        }
        self.go_on(warm)?;
        // A server may serve some well and let others wait outside: that is no result.
        let deadline = Instant::now() + SILENCE_LIMIT;
        while self.unserved > 0 {
            ensure!(Instant::now() < deadline, "{} clients got no answer", self.unserved);
            self.go_on(warm)?;
        }
        self.answers = 0;
        self.latency.reset();
        let (began, server_before, load_before) = (Instant::now(), server(), tree::own_cpu());
        self.go_on(time)?;
        let seconds = began.elapsed().as_secs_f64();
        let server = server() - server_before;
        ensure!(self.answers > 0, "no answer in {time:?}");
        let operations = self.answers as f64 * f64::from(self.talk.operations);
        Ok(Sample {
            rate: operations / seconds,
            cpu: server / operations,
            load: (tree::own_cpu() - load_before) / operations,
            busy: server / seconds,
            median: self.latency.value_at_quantile(0.5) as f64 / 1e9,
            slow: self.latency.value_at_quantile(0.99) as f64 / 1e9,
            ..Sample::default()
        })
    }

    fn go_on(&mut self, time: Duration) -> Result<()> {
        let mut events = vec![EpollEvent::empty(); 1024];
        let limit = EpollTimeout::try_from(SILENCE_LIMIT)?;
        let began = Instant::now();
        while began.elapsed() < time {
            let count = self.epoll.wait(&mut events, limit)?;
            ensure!(count > 0, "the server has said nothing for {SILENCE_LIMIT:?}");
            for event in &events[..count] {
                self.hear(usize::try_from(event.data())?)?;
            }
        }
        Ok(())
    }

    fn ask(&mut self, place: usize) -> Result<()> {
        let seat = &mut self.seats[place];
        (seat.got, seat.asked) = (0, Instant::now());
        Ok(seat.stream.write_all(&self.talk.request)?)
    }

    /// Reads once; if that was the rest of the answer, asks again.
    fn hear(&mut self, place: usize) -> Result<()> {
        let seat = &mut self.seats[place];
        let count = seat.stream.read(&mut self.buffer)?;
        seat.got += count;
        let is_whole = seat.got >= self.talk.reply_len;
        match self.talk.connection {
            Connection::Kept | Connection::Fresh if count == 0 => bail!("the server closed"),
            Connection::Closed if count == 0 && !is_whole => bail!("the server closed too early"),
            Connection::Closed if count > 0 => return Ok(()),
            _ if !is_whole => return Ok(()),
            _ => {}
        }
        self.answers += 1;
        self.unserved -= usize::from(!mem::replace(&mut seat.is_served, true));
        let waited = u64::try_from(seat.asked.elapsed().as_nanos())?;
        self.latency.saturating_record(waited);
        if self.talk.connection != Connection::Kept {
            // What a new connection costs is part of its first answer.
            let asked = Instant::now();
            self.seats[place].stream = self.stream(place)?;
            self.ask(place)?;
            self.seats[place].asked = asked;
            return Ok(());
        }
        self.ask(place)
    }
}
