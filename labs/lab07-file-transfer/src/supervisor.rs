//! The parent of the workers, given complete: it replaces who dies, keeps the counts, and sees all
//! of them out at the end.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::log;
use crate::processes::{ASKED, FAILED, SUCCEEDED, Worker};
use crate::store::Store;
use crate::wire::sums::Sums;

/// A worker that dies sooner than this has not worked: the next one will hardly do better.
const YOUNG: Duration = Duration::from_secs(1);

/// How long we wait then before we start another.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the workers may take to leave: a little longer than they let their clients take.
const GOODBYE_LIMIT: Duration = Duration::from_millis(1500);

/// The workers of one server.
pub struct Supervisor<'a> {
    listener: &'a TcpListener,
    store: &'a Store,
    workers: Vec<Worker>,
    sums: Sums,
    /// No worker is started before this.
    not_before: Instant,
}

impl<'a> Supervisor<'a> {
    /// Nobody works yet.
    pub fn new(listener: &'a TcpListener, store: &'a Store) -> Self {
        let (workers, sums) = (Vec::new(), Sums::default());
        Self { listener, store, workers, sums, not_before: Instant::now() }
    }

    /// Keeps so many workers at work, until the goodbye.
    ///
    /// # Errors
    ///
    /// When the first workers cannot be started, or nothing can be waited for.
    pub fn supervise(mut self, count: usize, goodbye: &UnixStream) -> io::Result<()> {
        for _ in 0..count {
            self.start_one()?;
        }
        let mut asked = Vec::new();
        loop {
            let limit = match (asked.is_empty(), self.workers.len() < count) {
                (false, _) => Some(Duration::ZERO),
                (true, true) => Some(self.not_before.saturating_duration_since(Instant::now())),
                (true, false) => None,
            };
            if self.wait(limit, Some(goodbye))? {
                return self.see_out();
            }
            // Who has asked is answered one round later: by then we have read everything that was
            // said on any line before the question.
            let earlier = std::mem::take(&mut asked);
            self.hear(&mut asked);
            self.answer(&earlier);
            self.replace(count);
        }
    }

    /// Waits until a worker says something or dies, at most for `limit`; says whether it is time
    /// for the goodbye.
    fn wait(&self, limit: Option<Duration>, goodbye: Option<&UnixStream>) -> io::Result<bool> {
        let readable = |stream| PollFd::new(stream, PollFlags::POLLIN);
        let lines = self.workers.iter().map(|worker| worker.line.as_fd());
        let mut all: Vec<_> =
            goodbye.map(UnixStream::as_fd).into_iter().chain(lines).map(readable).collect();
        // Rounded up: to wake too early is to wait again, for nothing.
        let limit = limit.map(|limit| limit.as_micros().div_ceil(1000));
        let limit = limit.map_or(Ok(PollTimeout::NONE), PollTimeout::try_from);
        match poll(&mut all, limit.unwrap_or(PollTimeout::MAX)) {
            Ok(_) => Ok(goodbye.is_some() && all[0].any() == Some(true)),
            Err(Errno::EINTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn start_one(&mut self) -> io::Result<()> {
        let worker = Worker::start(self.listener)?;
        worker.line.set_nonblocking(true)?;
        self.workers.push(worker);
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

    /// Takes in all that has been said, and takes leave of who is dead; adds to `asked` the numbers
    /// of the processes that want to know the sums.
    fn hear(&mut self, asked: &mut Vec<u32>) {
        for mut worker in std::mem::take(&mut self.workers) {
            if self.hear_one(&worker, asked) {
                self.workers.push(worker);
                continue;
            }
            // A process that nobody waits for stays in the kernel's table as a zombie.
            let (number, status) = (worker.child.id(), worker.child.wait());
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            log::line(format_args!("worker {number} has ended: {status}"));
            // What it was writing will never be whole.
            let _ = self.store.sweep();
            if worker.started.elapsed() < YOUNG {
                self.not_before = Instant::now() + PAUSE;
            }
        }
    }

    /// Takes in what one worker has said; `false` if its line has ended.
    fn hear_one(&mut self, worker: &Worker, asked: &mut Vec<u32>) -> bool {
        let mut words = [0; 512];
        loop {
            match (&worker.line).read(&mut words) {
                Ok(count @ 1..) => {
                    let number = worker.child.id();
                    words[..count].iter().for_each(|word| self.take_in(*word, number, asked));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Ok(0) | Err(_) => return false,
            }
        }
    }

    fn take_in(&mut self, word: u8, number: u32, asked: &mut Vec<u32>) {
        match word {
            SUCCEEDED => self.sums.succeeded += 1,
            FAILED => self.sums.failed += 1,
            ASKED => asked.push(number),
            _ => {}
        }
    }

    fn answer(&self, asked: &[u32]) {
        for worker in self.workers.iter().filter(|worker| asked.contains(&worker.child.id())) {
            // Who has died meanwhile needs no answer.
            let _ = (&worker.line).write_all(format!("{}\n", self.sums).as_bytes());
        }
    }

    /// Tells all workers that it is over, and waits until they have left; who stays is killed.
    fn see_out(mut self) -> io::Result<()> {
        let end = Instant::now() + GOODBYE_LIMIT;
        for worker in &self.workers {
            // Who is dead already needs no goodbye: then this fails, and that is fine.
            let _ = worker.line.shutdown(Shutdown::Write);
        }
        while !self.workers.is_empty() && Instant::now() < end {
            self.wait(Some(end.saturating_duration_since(Instant::now())), None)?;
            self.hear(&mut Vec::new());
        }
        for mut worker in self.workers {
            worker.child.kill()?;
            worker.child.wait()?;
        }
        Ok(())
    }
}
