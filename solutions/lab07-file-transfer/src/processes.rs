//! The process pool: a worker is another copy of this program that shares the listener.
//!
//! ```text
//!            +---- standard input: the listener ----> worker
//!   parent --+
//!            +<--- standard output: the line -------> worker
//!
//!   on the line:   worker   +   a transfer has succeeded      -   one has failed
//!                           ?   what are the sums?
//!                  parent   "12 1\n"
//! ```
//!
//! The line ends when one of its two ends is gone. So no worker outlives its parent, however that
//! ends.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::host::Host;
use crate::wire::sums::Sums;

/// The option that makes this program a worker.
pub const AS_WORKER: &str = "--as-worker";

/// What a worker says on its line.
pub const SUCCEEDED: u8 = b'+';
pub const FAILED: u8 = b'-';
pub const ASKED: u8 = b'?';

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
        // ANCHOR: ex7_5_start
        let (line, theirs) = UnixStream::pair()?;
        let child = command
            .stdin(OwnedFd::from(listener.try_clone()?))
            .stdout(OwnedFd::from(theirs))
            .stderr(Stdio::inherit())
            .spawn()?;
        // `command` is dropped here, and with it our copies of the worker's ends.
        Ok(Self { child, line, started: Instant::now() })
        // ANCHOR_END: ex7_5_start
    }
}

/// Takes up, in a worker, what its parent has left in the standard streams: the listener and the
/// line. Each gets a descriptor of its own, because nobody owns the standard streams.
///
/// # Errors
///
/// When somebody else has started this process, and they are something different.
pub fn take_up() -> io::Result<(TcpListener, UnixStream)> {
    let listener = io::stdin().as_fd().try_clone_to_owned()?.into();
    let line = io::stdout().as_fd().try_clone_to_owned()?.into();
    Ok((listener, line))
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

/// A worker's end of the line, to speak; its other half is heard by [`listen`].
pub struct Line {
    stream: UnixStream,
    /// What the parent has answered.
    answers: Mutex<Receiver<Sums>>,
}

impl Line {
    /// The line, and where to put the parent's answers.
    pub fn new(stream: UnixStream) -> (Self, Sender<Sums>) {
        let (sender, answers) = mpsc::channel();
        (Self { stream, answers: Mutex::new(answers) }, sender)
    }

    /// Says one word.
    ///
    /// # Errors
    ///
    /// When the parent has gone.
    pub fn say(&self, word: u8) -> io::Result<()> {
        (&self.stream).write_all(&[word])
    }

    /// Asks the parent for the sums.
    ///
    /// # Errors
    ///
    /// When the parent has gone.
    pub fn ask(&self) -> io::Result<Sums> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        self.say(ASKED)?;
        answers.recv().map_err(|_| ErrorKind::BrokenPipe.into())
    }
}

/// Hears what the parent says, in a thread of its own. When the parent ends the line, all guests
/// are seen out, and so is this worker.
///
/// # Errors
///
/// When the system gives out no more threads or descriptors.
pub fn listen(line: UnixStream, answers: Sender<Sums>, host: Arc<Host>) -> io::Result<()> {
    thread::Builder::new().spawn(move || {
        for sums in BufReader::new(line).lines().map_while(Result::ok) {
            let _ = sums.parse().map(|sums| answers.send(sums));
        }
        host.guests.see_out();
        process::exit(0);
    })?;
    Ok(())
}
