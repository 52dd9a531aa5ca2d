//! The thread pool: N workers, each of which takes one step for one client at a time.
//!
//! ```text
//!                    jobs: ready, and nobody waits for them
//!          +--------------------> worker 1 --+
//!   loop --+--------------------> worker 2 --+--> done --> loop
//!          +--------------------> worker N --+     and a byte that wakes it
//! ```
//!
//! A connection is moved, never shared: whoever has it may use it, and there is no lock around it.
//! A step never waits for the network, so slow clients hold no worker.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::clients::POOL;
use crate::connection::{Connection, STEP_LEN};
use crate::interest::{Interest, Ready, Source};
use crate::site::Site;

/// How many wake-ups one read takes off.
const WAKE_LEN: usize = 1024;

/// A client for whom a step is to be taken.
pub struct Job {
    pub ready: Ready,
    pub connection: Connection,
}

/// A client for whom a step has been taken.
pub struct Done {
    pub ready: Ready,
    pub connection: Connection,
    pub outcome: io::Result<()>,
}

/// The loop's end of the pool.
pub struct Pool {
    jobs: Sender<Job>,
    done: Receiver<Done>,
    /// Becomes readable when somebody is done.
    bell: UnixStream,
}

/// A worker's end of the pool.
struct Worker {
    /// The queue is shared by all workers. Its lock is for taking a job out, not for doing it.
    jobs: Arc<Mutex<Receiver<Job>>>,
    done: Sender<Done>,
    bell: UnixStream,
    site: Arc<Site>,
}

impl Pool {
    /// Starts so many workers.
    ///
    /// # Errors
    ///
    /// When the system gives out no more threads or descriptors.
    pub fn start(workers: usize, site: &Arc<Site>) -> io::Result<Self> {
        let (bell, theirs) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        // A bell that nobody has heard yet need not be rung again.
        theirs.set_nonblocking(true)?;
        let (jobs, queue) = mpsc::channel();
        let (sender, done) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..workers {
            let worker = Worker {
                jobs: Arc::clone(&queue),
                done: sender.clone(),
                bell: theirs.try_clone()?,
                site: Arc::clone(site),
            };
            thread::Builder::new().spawn(move || worker.work())?;
        }
        Ok(Self { jobs, done, bell })
    }

    /// Hands a client over to whichever worker is free first.
    pub fn hand_over(&self, job: Job) {
        // ANCHOR: ex6_6_hand_over
        // The workers live as long as the pool does.
        self.jobs.send(job).expect("somebody takes jobs");
        // ANCHOR_END: ex6_6_hand_over
    }

    /// Everybody for whom a step has been taken since the last time.
    pub fn returned(&self) -> impl Iterator<Item = Done> {
        // First the bell, then the queue: whoever comes in between rings again.
        let mut rings = [0; WAKE_LEN];
        while matches!((&self.bell).read(&mut rings), Ok(WAKE_LEN)) {}
        self.done.try_iter()
    }

    /// What the loop waits for.
    pub fn source(&self) -> Source<'_> {
        Source { key: POOL, descriptor: self.bell.as_fd(), interest: Interest::READABLE }
    }
}

impl Worker {
    /// Takes job after job, until there is no pool any more.
    fn work(&self) {
        // ANCHOR: ex6_6_work
        let mut buffer = vec![0; STEP_LEN];
        loop {
            // The lock is held while we wait for a job, and given back before we do it. In a
            // `while let` it would be held for the whole round.
            let job = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { ready, mut connection }) = job else { return };
            let outcome = self.step(&mut connection, &ready, &mut buffer);
            if self.done.send(Done { ready, connection, outcome }).is_err() {
                return;
            }
            self.ring();
        }
        // ANCHOR_END: ex6_6_work
    }

    /// Takes one step. A panic in it costs one client its connection, and nobody a worker.
    fn step(&self, client: &mut Connection, ready: &Ready, buffer: &mut [u8]) -> io::Result<()> {
        let step = AssertUnwindSafe(|| client.step(ready, &self.site, buffer));
        panic::catch_unwind(step).unwrap_or_else(|_| Err(io::Error::other("a worker panicked")))
    }

    /// Wakes the loop.
    fn ring(&self) {
        // When the bell is full of rings, it will be heard as well.
        let _ = (&self.bell).write(&[1]);
    }
}
