//! Everybody who is here, and the clock.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::connection::{Connection, STEP_LEN};
use crate::door::Door;
use crate::interest::{Interest, Key, Ready, Source};
use crate::log;
use crate::site::Site;

/// The names of the sources that are not clients, and of the first client.
pub const GOODBYE: Key = 0;
pub const LISTENER: Key = 1;
pub const POOL: Key = 2;
const FIRST_CLIENT: Key = 3;

/// How long clients have after Ctrl+C to take what we owe them.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// The clients of one server.
pub struct Clients<'a> {
    goodbye: &'a UnixStream,
    door: Door<'a>,
    site: &'a Site,
    idle_limit: Duration,
    clients: HashMap<Key, Client>,
    /// The name of the next client.
    next_key: Key,
    /// When to look whether a client is late: one alarm for each client, never after its deadline.
    alarms: BTreeSet<(Instant, Key)>,
    /// Nobody is let in any more, and at this time we go, whoever is still here.
    last_call: Option<Instant>,
    /// When we woke up last.
    now: Instant,
    /// Clients that may want to be told something else than before.
    changed: Vec<Key>,
    /// Clients with whom we are done, and why.
    leaving: Vec<(Key, Why)>,
    /// Where a step reads to: anybody's between two steps.
    buffer: Vec<u8>,
}

/// A client and its alarm.
struct Client {
    /// `None` while somebody else takes a step for it.
    connection: Option<Connection>,
    alarm: Instant,
}

/// Why we are done with a client.
pub enum Why {
    /// It has said all it had to say, and has all of our answers.
    Finished,
    /// Its connection failed.
    Broken(io::Error),
    /// Nothing moved for as long as the limits allow.
    Late,
}

impl<'a> Clients<'a> {
    /// Nobody yet.
    pub fn new(
        listener: &'a TcpListener,
        goodbye: &'a UnixStream,
        site: &'a Site,
        idle_limit: Duration,
    ) -> Self {
        Self {
            goodbye,
            door: Door::new(listener),
            site,
            idle_limit,
            clients: HashMap::new(),
            next_key: FIRST_CLIENT,
            alarms: BTreeSet::new(),
            last_call: None,
            now: Instant::now(),
            changed: Vec::new(),
            leaving: Vec::new(),
            buffer: vec![0; STEP_LEN],
        }
    }

    /// Those who may want to be told something else than the last time.
    pub fn changes(&mut self) -> impl Iterator<Item = Source<'_>> {
        let always = self.always();
        let client = |key| self.clients.get(&key)?.source(key);
        always.into_iter().chain(self.changed.drain(..).filter_map(client))
    }

    /// The two sources that are not clients; after the last call nobody asks for them.
    fn always(&self) -> [Source<'a>; 2] {
        let (mut goodbye, mut door) = (Interest::NONE, Interest::NONE);
        if self.last_call.is_none() {
            goodbye = Interest::READABLE;
            door = self.door.interest(self.clients.len(), self.now);
        }
        [
            Source { key: GOODBYE, descriptor: self.goodbye.as_fd(), interest: goodbye },
            Source { key: LISTENER, descriptor: self.door.listener(), interest: door },
        ]
    }

    /// How long the wait may take: until the clock has something to say, or for ever.
    pub fn time_left(&self) -> Option<Duration> {
        let alarm = self.alarms.first().map(|(due, _)| *due);
        let times = [self.door.opens(self.clients.len(), self.now), alarm, self.last_call];
        let next = times.into_iter().flatten().min()?;
        Some(next.saturating_duration_since(self.now))
    }

    /// Takes note of the time after a wait.
    pub fn wake_up(&mut self, now: Instant) {
        self.now = now;
    }

    /// Lets in everybody who stands at the door, unless the last call has been made.
    ///
    /// # Errors
    ///
    /// When the listener itself fails.
    pub fn accept(&mut self) -> io::Result<()> {
        while self.last_call.is_none()
            && let Some((stream, peer)) = self.door.let_in(self.clients.len())?
        {
            self.admit(stream, peer);
        }
        Ok(())
    }

    /// Gives a newcomer a name and an alarm.
    fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        match Connection::new(stream, peer, self.idle_limit) {
            Ok(connection) => {
                let (key, alarm) = (self.next_key, connection.deadline());
                self.clients.insert(key, Client { connection: Some(connection), alarm });
                self.alarms.insert((alarm, key));
                self.changed.push(key);
                self.next_key += 1;
            }
            Err(error) => log::line(format_args!("{peer} failed: {error}")),
        }
    }

    /// Serves one client as far as that goes without waiting. Its failure is its own.
    pub fn step(&mut self, ready: &Ready) {
        // It may have left since the kernel answered.
        let Some(client) = self.clients.get_mut(&ready.key) else { return };
        let Some(connection) = &mut client.connection else { return };
        let outcome = connection.step(ready, self.site, &mut self.buffer);
        self.settle(ready.key, outcome);
    }

    /// Lends a client to somebody else, who takes a step for it. Until it comes back, we neither
    /// wait for it nor look at its clock.
    pub fn lend(&mut self, key: Key) -> Option<Connection> {
        let client = self.clients.get_mut(&key)?;
        let connection = client.connection.take()?;
        self.alarms.remove(&(client.alarm, key));
        Some(connection)
    }

    /// Takes a client back after a step with this `outcome`.
    pub fn take_back(&mut self, key: Key, connection: Connection, outcome: io::Result<()>) {
        let Some(client) = self.clients.get_mut(&key) else { return };
        client.alarm = connection.deadline();
        client.connection = Some(connection);
        self.alarms.insert((client.alarm, key));
        self.settle(key, outcome);
    }

    /// Decides how it goes on with a client after a step with this `outcome`.
    fn settle(&mut self, key: Key, outcome: io::Result<()>) {
        let Some(client) = self.clients.get_mut(&key) else { return };
        let Some(connection) = &mut client.connection else { return };
        let is_heard_out = match self.last_call {
            None => outcome.map(|()| false),
            Some(_) => outcome.and_then(|()| connection.hear_out(self.site, &mut self.buffer)),
        };
        match is_heard_out {
            Err(error) => self.leaving.push((key, Why::Broken(error))),
            Ok(true) => self.leaving.push((key, Why::Finished)),
            Ok(false) if connection.is_finished() => self.leaving.push((key, Why::Finished)),
            Ok(false) => {
                self.changed.push(key);
                let due = connection.deadline();
                if due < client.alarm {
                    self.alarms.remove(&(client.alarm, key));
                    self.alarms.insert((due, key));
                    client.alarm = due;
                }
            }
        }
    }

    /// Takes those alarms whose time has come, and lets go of the clients that are late.
    pub fn let_late_go(&mut self) {
        while let Some(&(due, key)) = self.alarms.first()
            && due <= self.now
        {
            self.alarms.pop_first();
            let Some(client) = self.clients.get_mut(&key) else { continue };
            let Some(connection) = &mut client.connection else { continue };
            if connection.deadline() <= self.now && !connection.time_out().unwrap_or(false) {
                self.leaving.push((key, Why::Late));
                continue;
            }
            // Something has moved since its alarm was set: look again later.
            client.alarm = connection.deadline();
            self.alarms.insert((client.alarm, key));
            self.changed.push(key);
        }
    }

    /// Hears of Ctrl+C: nobody is let in any more, and whoever has got an answer to all that has
    /// arrived leaves.
    pub fn say_goodbye(&mut self) {
        self.last_call = Some(self.now + GOODBYE_LIMIT);
        let keys: Vec<Key> = self.clients.keys().copied().collect();
        for key in keys {
            self.settle(key, Ok(()));
        }
    }

    /// Removes one of those with whom we are done.
    pub fn next_gone(&mut self) -> Option<(Key, Connection)> {
        loop {
            let (key, why) = self.leaving.pop()?;
            // There may be two reasons, and it leaves only once.
            if let Some(Client { connection: Some(connection), alarm }) = self.clients.remove(&key)
            {
                self.alarms.remove(&(alarm, key));
                let peer = connection.peer();
                match why {
                    Why::Finished => {}
                    Why::Broken(error) => log::line(format_args!("{peer} failed: {error}")),
                    Why::Late => log::line(format_args!("{peer} let go: nothing moved")),
                }
                return Some((key, connection));
            }
        }
    }

    /// Whether the goodbye has been said, and is over.
    pub fn all_gone(&self) -> bool {
        self.last_call.is_some_and(|end| self.clients.is_empty() || self.now >= end)
    }
}

impl Client {
    /// What to wait for.
    fn source(&self, key: Key) -> Option<Source<'_>> {
        let connection = self.connection.as_ref()?;
        Some(Source { key, descriptor: connection.as_fd(), interest: connection.interest() })
    }
}
