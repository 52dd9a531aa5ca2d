//! The server's side: the loop of lab 02, and the same loop for a kernel that remembers.
//!
//! ```text
//!               poll                              polling
//!   1. ask      everything, every time            only what has changed
//!   2. wait     until something is ready          the same
//!   3. accept   everybody at the door             the same
//!   4. serve    each ready client, one step       the same
//!   5. drop     those with whom we are done       the same, but the kernel forgets them first
//! ```

use std::io;
use std::time::Instant;

use crate::arguments::Backend;
use crate::clients::{Clients, GOODBYE, LISTENER};
use crate::interest::Ready;
use crate::wait::wait;
use crate::watch::Watch;

/// Serves everybody who comes, until the goodbye.
///
/// # Errors
///
/// When the listener itself fails, or the wait. What happens to one client is not an error of the
/// server.
pub fn serve(clients: &mut Clients<'_>, backend: Backend) -> io::Result<()> {
    match backend {
        Backend::Poll => by_poll(clients),
        Backend::Polling => by_polling(clients),
    }
}

/// The kernel is told everything, every time.
fn by_poll(clients: &mut Clients<'_>) -> io::Result<()> {
    let mut ready = Vec::new();
    while !clients.all_gone() {
        // 1. ask
        let limit = clients.time_left();
        let sources = clients.sources();
        // 2. wait
        wait(&sources, limit, &mut ready)?;
        // 3. accept, 4. serve
        act(clients, &ready)?;
        // 5. drop
        while let Some((_, gone)) = clients.next_gone() {
            drop(gone);
        }
    }
    Ok(())
}

/// The kernel remembers: it is told what has changed, and must forget a client before we drop it.
fn by_polling(clients: &mut Clients<'_>) -> io::Result<()> {
    // ANCHOR: ex3_3_loop
    let mut watch = Watch::new()?;
    let mut ready = Vec::new();
    while !clients.all_gone() {
        // 1. ask
        for source in clients.changes() {
            watch.tell(&source)?;
        }
        // 2. wait
        watch.wait(clients.time_left(), &mut ready)?;
        // 3. accept, 4. serve
        act(clients, &ready)?;
        // 5. drop
        while let Some((key, gone)) = clients.next_gone() {
            watch.forget(key, &gone)?;
        }
    }
    Ok(())
    // ANCHOR_END: ex3_3_loop
}

/// Does what can be done without waiting: beats 3 and 4.
fn act(clients: &mut Clients<'_>, ready: &[Ready]) -> io::Result<()> {
    clients.wake_up(Instant::now());
    for ready in ready {
        match ready.key {
            GOODBYE => clients.say_goodbye(),
            LISTENER => clients.accept()?,
            _ => clients.step(ready),
        }
    }
    // Only now: who was late may just have spoken.
    clients.let_idle_go();
    Ok(())
}
