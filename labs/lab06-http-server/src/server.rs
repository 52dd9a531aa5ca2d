//! The server's side: the loop of lab 03. The models differ only in who takes the steps.
//!
//! ```text
//!               events                        threads
//!   1. ask      what does each want now?      the same
//!   2. wait     until something is ready      the same
//!   3. accept   everybody at the door         the same
//!   4. serve    each ready client, one step   lend it to a worker, and take back who is served
//!   5. drop     those with whom we are done   the same
//! ```

use std::io;
use std::time::Instant;

use crate::clients::{Clients, GOODBYE, LISTENER, POOL};
use crate::pool::{Job, Pool};
use crate::watch::Watch;

/// Serves everybody who comes, until the goodbye: by itself, or with a `pool` of workers.
///
/// # Errors
///
/// When the listener itself fails, or the wait. What happens to one client is not an error of the
/// server.
pub fn serve(clients: &mut Clients<'_>, pool: Option<&Pool>) -> io::Result<()> {
    let mut watch = Watch::new()?;
    let mut ready = Vec::new();
    while !clients.all_gone() {
        // 1. ask
        for source in pool.map(Pool::source).into_iter().chain(clients.changes()) {
            watch.tell(&source)?;
        }
        // 2. wait
        watch.wait(clients.time_left(), &mut ready)?;
        clients.wake_up(Instant::now());
        for ready in ready.drain(..) {
            match (ready.key, pool) {
                (GOODBYE, _) => clients.say_goodbye(),
                // 3. accept
                (LISTENER, _) => clients.accept()?,
                // 4. serve
                (POOL, Some(pool)) => take_back(clients, pool),
                (key, Some(pool)) => {
                    // While it is away, nobody waits for it.
                    if let Some(connection) = clients.lend(key) {
                        watch.forget(key, &connection)?;
                        pool.hand_over(Job { ready, connection });
                    }
                }
                (_, None) => clients.step(&ready),
            }
        }
        // Only now: who was late may just have spoken.
        clients.let_late_go();
        // 5. drop
        while let Some((key, gone)) = clients.next_gone() {
            watch.forget(key, &gone)?;
        }
    }
    Ok(())
}

/// Takes back everybody for whom a worker has taken a step.
fn take_back(clients: &mut Clients<'_>, pool: &Pool) {
    for done in pool.returned() {
        clients.take_back(done.ready.key, done.connection, done.outcome);
    }
}
