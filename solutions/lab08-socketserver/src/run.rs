//! How requests are run: the other choice, which no handler knows of.

use std::any::Any;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::{self, Scope};
use std::time::Duration;

use crate::children::Children;
use crate::guests::{Guest, Guests, InHandler};
use crate::handler::{Failure, Handler};
use crate::pool;
use crate::transport::Request;

/// How the requests of a server are run, and how many at the same time. The next one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// One after the other, in the thread that takes them.
    Inline,
    /// Each in a thread of its own, so many at most.
    Threads(usize),
    /// Each in a process of its own, so many at most: a copy of this program.
    Processes(usize),
    /// By so many threads, each of which takes one after the other.
    Pool(usize),
}

/// What all requests of a server have in common, wherever they are run.
pub struct Host<H> {
    pub handler: H,
    pub guests: Arc<Guests>,
    pub idle_limit: Duration,
}

impl<H: Handler> Host<H> {
    /// Attends to one request, whatever comes of it. It has left when `guest` is dropped, which is
    /// the end of its connection too.
    pub fn attend(&self, request: impl Request, guest: Guest) {
        let _here = (guest, InHandler::mark());
        let peer = request.peer();
        // ANCHOR: ex8_6
        let attend = || request.attend(&self.handler, self.idle_limit);
        let failure = match panic::catch_unwind(AssertUnwindSafe(attend)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => Failure::Error(error),
            Err(thrown) => Failure::Panic(words(&*thrown)),
        };
        // A handler that panics over its own failure has had its say.
        let tell = || self.handler.failed(peer, &failure);
        let _ = panic::catch_unwind(AssertUnwindSafe(tell));
        // ANCHOR_END: ex8_6
    }
}

/// What somebody said who panicked.
fn words(thrown: &(dyn Any + Send)) -> String {
    let words = thrown.downcast_ref::<String>().map(String::as_str);
    words.or(thrown.downcast_ref::<&str>().copied()).unwrap_or("without a word").to_string()
}

/// Those who run the requests of a server, as long as it serves.
///
/// Threads are scoped: none of them outlives the server, so all of them may borrow from it.
pub enum Crew<'scope, 'env, R> {
    /// The thread that takes the requests.
    Loop,
    /// A new thread for each, at most so many.
    Threads(&'scope Scope<'scope, 'env>, usize),
    /// So many threads, which take requests out of a queue.
    Pool(Sender<(R, Guest)>, usize),
    /// A new process for each.
    Processes(Children),
}

impl<'scope, 'env, R: Request + 'scope> Crew<'scope, 'env, R> {
    /// # Errors
    ///
    /// When the system gives out no threads or descriptors.
    pub fn new<H: Handler + Send>(
        run: Run,
        scope: &'scope Scope<'scope, 'env>,
        host: &'env Host<H>,
    ) -> io::Result<Self> {
        Ok(match run {
            Run::Inline => Self::Loop,
            Run::Threads(count) => Self::Threads(scope, count),
            Run::Pool(count) => Self::Pool(pool::start(scope, host, count)?, count),
            Run::Processes(count) => Self::Processes(Children::new(&host.guests.bell, count)?),
        })
    }

    /// Whether one more can be run just now.
    pub fn has_room(&mut self, guests: &Guests) -> bool {
        match self {
            Self::Loop => true,
            Self::Threads(_, count) | Self::Pool(_, count) => guests.count() < *count,
            Self::Processes(children) => children.has_room(),
        }
    }

    /// Runs `request`; where it is not run in this thread, returns at once.
    ///
    /// # Errors
    ///
    /// When the system gives out no more threads or processes; the client is closed then.
    pub fn run<H: Handler + Send>(&mut self, host: &'env Host<H>, request: R) -> io::Result<()> {
        if let Self::Processes(children) = self {
            return children.start(request);
        }
        let Some(guest) = host.guests.let_in(request.stream()) else { return Ok(()) };
        match self {
            Self::Threads(scope, _) => run_in_a_thread(scope, host, request, guest),
            Self::Pool(queue, _) => {
                queue.send((request, guest)).map_err(|_| io::Error::other("no worker is left"))
            }
            Self::Loop | Self::Processes(_) => {
                host.attend(request, guest);
                Ok(())
            }
        }
    }

    /// Sees out those who run in other processes; `guests` are those in ours.
    pub fn see_out(&mut self, guests: &Guests) {
        match self {
            Self::Processes(children) => children.see_out(&guests.bell),
            Self::Loop | Self::Threads(..) | Self::Pool(..) => guests.see_out(),
        }
    }
}

/// Attends to `request` in a thread of its own.
fn run_in_a_thread<'scope, 'env, H: Handler + Send>(
    scope: &'scope Scope<'scope, 'env>,
    host: &'env Host<H>,
    request: impl Request + 'scope,
    guest: Guest,
) -> io::Result<()> {
    // ANCHOR: ex8_3_thread
    let attend = move || host.attend(request, guest);
    thread::Builder::new().spawn_scoped(scope, attend)?;
    Ok(())
    // ANCHOR_END: ex8_3_thread
}
