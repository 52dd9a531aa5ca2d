//! The process pool: a worker is another copy of this program that shares the listener.
//!
//! ```text
//!            +---- standard input: the listener ----> worker
//!   parent --+
//!            +<--- standard output: the line -------> worker
//! ```
//!
//! Nothing is ever said on the line. It ends when one of its two ends is gone, and whoever holds
//! the other end learns it the way one learns that a client has left. So no worker outlives its
//! parent, however that ends.

use std::env;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The option that makes this program a worker.
pub const AS_WORKER: &str = "--as-worker";

/// A worker, as its parent sees it.
pub struct Worker {
    pub child: Child,
    /// Ends when the worker does.
    pub line: UnixStream,
    pub started: Instant,
}

impl Worker {
    /// Starts a copy of this program, with the same arguments and this `listener`.
    ///
    /// # Errors
    ///
    /// When the system gives out no more processes or descriptors.
    pub fn start(listener: &TcpListener) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args(env::args_os().skip(1)).arg(AS_WORKER);
        todo!(
            "exercise 6.7 of lab06 (HTTP server, three ways): The process pool.

    Make the line, a pair of connected sockets. Start `command` with the listener as its
    standard input, the far end of the line as its standard output, and our own standard
    error. Return the worker.

    check it          cargo test -p lab06 -- ex6_7
    see it finished   cargo run -p solution06 -- --model processes --workers 4
    read about it     book/src/lab06-http-server.md
"
        )
    }
}

/// Takes up, in a worker, what its parent has left in the standard streams: the listener and the
/// line.
///
/// # Errors
///
/// When somebody else has started this process, and they are something different.
pub fn take_up() -> io::Result<(TcpListener, UnixStream)> {
    todo!(
        "exercise 6.7 of lab06 (HTTP server, three ways): The process pool.

    Make a listener of our standard input and a stream of our standard output, each with
    a descriptor of its own.

    check it          cargo test -p lab06 -- ex6_7
    see it finished   cargo run -p solution06 -- --model processes --workers 4
    read about it     book/src/lab06-http-server.md
"
    )
}

/// Leaves the goodbye to the parent: Ctrl+C in a terminal reaches parent and workers alike.
///
/// # Errors
///
/// When the system refuses to hand over the signals.
pub fn leave_signals_to_parent() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        // A flag at which nobody looks.
        flag::register(signal, Arc::default())?;
    }
    Ok(())
}
