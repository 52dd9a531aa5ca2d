//! A process for each request, as inetd has it; here seen by the parent.
//!
//! ```text
//!                 +---- standard input: the connection (or the datagram)
//!   parent -----> child: a copy of this program, with the same arguments and --as-child PEER
//!                 +---- standard output: nothing (or the socket where the reply leaves)
//! ```
//!
//! The parent keeps no descriptor of a child's. It hears of its end by SIGCHLD, which rings the
//! bell, and takes it off the kernel's list.
//!
//! A parent that is killed tells nobody. Its children talk on until their clients leave or are idle
//! for too long, and hold nobody up: the address is free at once.

use std::io;
use std::process::{Child, Command};
use std::time::Instant;
use std::{env, mem};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::SigId;
use signal_hook::consts::SIGCHLD;
use signal_hook::low_level::{pipe, unregister};

use crate::bell::Bell;
use crate::guests::GOODBYE_LIMIT;
use crate::transport::Request;

/// The option that makes a copy of this program a child; behind it stands the client's address.
pub const AS_CHILD: &str = "--as-child";

/// The children of a server.
pub struct Children {
    /// Started, and not yet known to have ended.
    running: Vec<Child>,
    /// How many there may be at the same time.
    at_most: usize,
    /// What rings the bell when one has ended.
    signal: SigId,
}

impl Children {
    /// Nobody works yet.
    ///
    /// # Errors
    ///
    /// When the system refuses to hand over the signal.
    pub fn new(bell: &Bell, at_most: usize) -> io::Result<Self> {
        let signal = pipe::register(SIGCHLD, bell.rope()?)?;
        Ok(Self { running: Vec::new(), at_most, signal })
    }

    /// Starts a child for `request`.
    ///
    /// # Errors
    ///
    /// When the system gives out no more processes or descriptors.
    pub fn start(&mut self, request: impl Request) -> io::Result<()> {
        let mut command = Command::new(env::current_exe()?);
        command.args(env::args_os().skip(1)).arg(AS_CHILD).arg(request.peer().to_string());
        self.running.push(request.give_to_child(command)?);
        Ok(())
    }

    /// Whether one more may be started, when all that have ended are off the list.
    pub fn has_room(&mut self) -> bool {
        self.reap();
        self.running.len() < self.at_most
    }

    /// Takes those off the list that have ended, ours and the kernel's: there each of them stays as
    /// a zombie until somebody asks how it ended.
    fn reap(&mut self) {
        // ANCHOR: ex8_4_reap
        self.running.retain_mut(|child| !matches!(child.try_wait(), Ok(Some(_))));
        // ANCHOR_END: ex8_4_reap
    }

    /// Tells all children that it is over, and waits until they have ended; who stays is killed.
    pub fn see_out(&mut self, bell: &Bell) {
        let end = Instant::now() + GOODBYE_LIMIT;
        for child in &self.running {
            if let Ok(number) = child.id().try_into() {
                // It has not been waited for, so the number is still its own.
                let _ = kill(Pid::from_raw(number), Signal::SIGTERM);
            }
        }
        loop {
            self.reap();
            let left = end.saturating_duration_since(Instant::now());
            if self.running.is_empty() || left.is_zero() || bell.wait(None, Some(left)).is_err() {
                break;
            }
        }
        for mut child in mem::take(&mut self.running) {
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        unregister(self.signal);
    }
}
