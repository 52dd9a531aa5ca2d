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
        todo!(
            "exercise 6.6 of lab06 (HTTP server, three ways): The thread pool.

    Put the job into the queue. As long as there is a pool, somebody takes jobs out of
    it.

    check it          cargo test -p lab06 -- ex6_6
    see it finished   cargo run -p solution06 -- --model threads --workers 4
    read about it     book/src/lab06-http-server.md
"
        )
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
        todo!(
            "exercise 6.6 of lab06 (HTTP server, three ways): The thread pool.

    Take job after job out of the queue, until there is no pool any more. Take one step
    for the client, send it back as done, and ring. While you work, the others must get
    at the queue.

    check it          cargo test -p lab06 -- ex6_6
    see it finished   cargo run -p solution06 -- --model threads --workers 4
    read about it     book/src/lab06-http-server.md
"
        )
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
