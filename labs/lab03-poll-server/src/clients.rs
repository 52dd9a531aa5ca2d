//! Everybody who is here, and the clock.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::client::{Client, Why};
use crate::connection::{Connection, STEP_LEN};
use crate::door::Door;
use crate::interest::{Interest, Key, Ready, Source};

/// The names of the two sources that are not clients, and of the first client.
pub const GOODBYE: Key = 0;
pub const LISTENER: Key = 1;
const FIRST_CLIENT: Key = 2;

/// How long clients have after Ctrl+C to take what we owe them.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// The clients of one server.
pub struct Clients<'a> {
    goodbye: &'a UnixStream,
    door: Door<'a>,
    idle_limit: Duration,
    clients: HashMap<Key, Client>,
    /// The name of the next client.
    next_key: Key,
    /// When to look whether a client has been idle for too long: one alarm for each client.
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

impl<'a> Clients<'a> {
    /// Nobody yet.
    pub fn new(listener: &'a TcpListener, goodbye: &'a UnixStream, idle_limit: Duration) -> Self {
        Self {
            goodbye,
            door: Door::new(listener),
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

    /// All that we wait for, and what we want to be told about each.
    pub fn sources(&mut self) -> Vec<Source<'_>> {
        self.changed.clear();
        let clients = self.clients.iter().map(|(key, client)| client.source(*key));
        self.always().into_iter().chain(clients).collect()
    }

    /// Those who may want to be told something else than the last time.
    pub fn changes(&mut self) -> impl Iterator<Item = Source<'_>> {
        let always = self.always();
        let client = |key| Some(self.clients.get(&key)?.source(key));
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
        match Connection::new(stream, peer) {
            Ok(connection) => {
                eprintln!("{peer} connected");
                let (key, alarm) = (self.next_key, self.now + self.idle_limit);
                self.clients.insert(key, Client { connection, active: self.now, alarm });
                self.alarms.insert((alarm, key));
                self.changed.push(key);
                self.next_key += 1;
            }
            Err(error) => eprintln!("{peer} failed: {error}"),
        }
    }

    /// Serves one client as far as that goes without waiting. Its failure is its own.
    pub fn step(&mut self, ready: &Ready) {
        // It may have left since the kernel answered.
        let Some(client) = self.clients.get_mut(&ready.key) else { return };
        client.active = self.now;
        let outcome = match self.last_call {
            None => client.connection.step(ready, &mut self.buffer).map(|()| false),
            Some(_) => client.hear_out(&mut self.buffer),
        };
        match client.done(outcome) {
            Some(why) => self.leaving.push((ready.key, why)),
            None => self.changed.push(ready.key),
        }
    }

    /// Takes those alarms whose time has come, and lets go of the clients that have been idle.
    pub fn let_idle_go(&mut self) {
        // Exercise 3.5: Time limits.
        //     Take each alarm that is due. Its client leaves if nothing has moved for
        //     `idle_limit`; otherwise set its alarm anew, for the time at which that would be so.
        //     check it: cargo test -p lab03 -- ex3_5
        //
        // Nobody's time is ever up.
        self.alarms.clear();
    }

    /// Hears of Ctrl+C: nobody is let in any more, and whoever has got an answer to all that has
    /// arrived leaves.
    pub fn say_goodbye(&mut self) {
        todo!(
            "exercise 3.6 of lab03 (Poll server, then epoll): Waking the loop: a polite goodbye.

    Set the time of the last call. Hear every client out; who is done then leaves, the
    others may want something else now.

    check it          cargo test -p lab03 -- ex3_6
    see it finished   cargo run -p solution03
    read about it     book/src/lab03-poll-server.md
"
        )
    }

    /// Removes one of those with whom we are done, and says why it leaves.
    pub fn next_gone(&mut self) -> Option<(Key, Connection)> {
        loop {
            let (key, why) = self.leaving.pop()?;
            // There may be two reasons, and it leaves only once.
            if let Some(Client { connection, alarm, .. }) = self.clients.remove(&key) {
                self.alarms.remove(&(alarm, key));
                let (peer, heard) = (connection.peer(), connection.heard());
                match why {
                    Why::Finished => eprintln!("{peer} left after {heard} bytes"),
                    Why::Broken(error) => eprintln!("{peer} failed: {error}"),
                    Why::Idle => eprintln!("{peer} let go: nothing in {:?}", self.idle_limit),
                    Why::Goodbye => eprintln!("{peer} let go after {heard} bytes"),
                }
                return Some((key, connection));
            }
        }
    }

    /// Whether the goodbye has been said, and is over.
    pub fn all_gone(&self) -> bool {
        self.last_call.is_some_and(|end| self.clients.is_empty() || self.now >= end)
    }

    /// How many are still owed something.
    pub fn creditors(&self) -> usize {
        self.clients.values().filter(|client| client.connection.interest().writable).count()
    }
}
