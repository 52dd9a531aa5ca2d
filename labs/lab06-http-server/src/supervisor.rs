//! The parent of the workers: it replaces who dies, and sees all of them out at the end.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, TcpListener};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::interest::{Interest, Key, Ready, Source};
use crate::log;
use crate::processes::Worker;
use crate::watch::Watch;

const GOODBYE: Key = 0;
const FIRST_WORKER: Key = 1;

/// A worker that dies sooner than this has not worked: the next one will hardly do better.
const YOUNG: Duration = Duration::from_secs(1);

/// How long we wait then before we start another.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the workers may take to leave: a little longer than they let their clients take.
const GOODBYE_LIMIT: Duration = Duration::from_millis(1500);

/// The workers of one server.
pub struct Supervisor<'a> {
    listener: &'a TcpListener,
    watch: Watch,
    ready: Vec<Ready>,
    workers: HashMap<Key, Worker>,
    next_key: Key,
    /// No worker is started before this.
    not_before: Instant,
}

impl<'a> Supervisor<'a> {
    /// Nobody works yet.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor left.
    pub fn new(listener: &'a TcpListener) -> io::Result<Self> {
        Ok(Self {
            listener,
            watch: Watch::new()?,
            ready: Vec::new(),
            workers: HashMap::new(),
            next_key: FIRST_WORKER,
            not_before: Instant::now(),
        })
    }

    /// Keeps so many workers at work, until the goodbye.
    ///
    /// # Errors
    ///
    /// When the first workers cannot be started, or nothing can be waited for.
    pub fn supervise(mut self, count: usize, goodbye: &UnixStream) -> io::Result<()> {
        let interest = Interest::READABLE;
        self.watch.tell(&Source { key: GOODBYE, descriptor: goodbye.as_fd(), interest })?;
        for _ in 0..count {
            self.start_one()?;
        }
        loop {
            let pause = self.not_before.saturating_duration_since(Instant::now());
            self.wait((self.workers.len() < count).then_some(pause))?;
            if self.ready.iter().any(|ready| ready.key == GOODBYE) {
                return self.see_out();
            }
            self.bury()?;
            self.replace(count);
        }
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.watch.wait(limit, &mut self.ready)
    }

    fn start_one(&mut self) -> io::Result<()> {
        let worker = Worker::start(self.listener)?;
        let (key, interest) = (self.next_key, Interest::READABLE);
        self.watch.tell(&Source { key, descriptor: worker.line.as_fd(), interest })?;
        self.workers.insert(key, worker);
        self.next_key += 1;
        Ok(())
    }

    /// Starts those that are missing.
    fn replace(&mut self, count: usize) {
        while self.workers.len() < count && Instant::now() >= self.not_before {
            if let Err(error) = self.start_one() {
                log::line(format_args!("cannot start a worker: {error}"));
                self.not_before = Instant::now() + PAUSE;
            }
        }
    }

    /// Takes leave of the workers whose line has ended: they are dead.
    fn bury(&mut self) -> io::Result<()> {
        for Ready { key, .. } in std::mem::take(&mut self.ready) {
            let Some(mut worker) = self.workers.remove(&key) else { continue };
            self.watch.forget(key, &worker.line)?;
            // Whose line has ended cannot be told the goodbye any more, should it still live.
            let _ = worker.child.kill();
            // A process that nobody waits for stays in the kernel's table as a zombie.
            let (number, status) = (worker.child.id(), worker.child.wait()?);
            log::line(format_args!("worker {number} has ended: {status}"));
            if worker.started.elapsed() < YOUNG {
                self.not_before = Instant::now() + PAUSE;
            }
        }
        Ok(())
    }

    /// Tells all workers that it is over, and waits until they have left; who stays is killed.
    fn see_out(mut self) -> io::Result<()> {
        let end = Instant::now() + GOODBYE_LIMIT;
        for worker in self.workers.values() {
            // Who is dead already needs no goodbye: then this fails, and that is fine.
            let _ = worker.line.shutdown(Shutdown::Write);
        }
        while !self.workers.is_empty() && Instant::now() < end {
            self.wait(Some(end.saturating_duration_since(Instant::now())))?;
            self.bury()?;
        }
        for mut worker in self.workers.into_values() {
            worker.child.kill()?;
            worker.child.wait()?;
        }
        Ok(())
    }
}
