//! A pool of threads: the queue of lab 06, with whole requests in it.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};

use crate::guests::Guest;
use crate::handler::Handler;
use crate::run::Host;
use crate::transport::Request;

/// What waits for a worker.
type Queue<R> = Mutex<Receiver<(R, Guest)>>;

/// Starts so many workers, and returns the end of their queue where requests go in. They end when
/// it is dropped.
///
/// # Errors
///
/// When the system gives out no more threads.
pub fn start<'scope, 'env, R: Request + 'scope, H: Handler>(
    scope: &'scope Scope<'scope, 'env>,
    host: &'env Host<H>,
    count: usize,
) -> io::Result<Sender<(R, Guest)>> {
    let (sender, receiver) = mpsc::channel();
    let queue = Arc::new(Mutex::new(receiver));
    for _ in 0..count {
        let queue = Arc::clone(&queue);
        let started = thread::Builder::new().spawn_scoped(scope, move || work(&queue, host));
        let named = |error| io::Error::other(format!("cannot start {count} workers: {error}"));
        started.map_err(named)?;
    }
    Ok(sender)
}

/// Takes one request after the other out of the queue and attends to it.
fn work<R: Request>(queue: &Queue<R>, host: &Host<impl Handler>) {
    // ANCHOR: ex8_3_pool
    loop {
        // In a statement of its own: at its end the lock is let go.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((request, guest)) = next else { return };
        host.attend(request, guest);
    }
    // ANCHOR_END: ex8_3_pool
}
