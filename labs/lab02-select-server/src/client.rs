//! The client's side: it waits for the keyboard and for the server at once, so neither has to wait
//! for the other.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::{Context, anyhow};

use crate::interest::{Interest, Key, Source};
use crate::wait::wait;

const KEYBOARD: Key = 0;
const SERVER: Key = 1;

/// The most that one step reads.
const STEP_LEN: usize = 16 * 1024;

/// From here on nothing more is read from the keyboard until the server has taken some.
const HIGH_WATER: usize = 64 * 1024;

/// Talks to `server` until the user's input has ended and the server has closed.
///
/// # Errors
///
/// When the conversation fails; the error is one sentence that says how.
pub fn run(server: SocketAddr, time_limit: Duration) -> anyhow::Result<()> {
    let trouble = |error| anyhow!(explain(server, time_limit, &error));
    let stream = TcpStream::connect_timeout(&server, time_limit).map_err(trouble)?;
    stream.set_nonblocking(true).map_err(trouble)?;
    // Not `io::stdin()`: that reads ahead into a buffer of its own, which select cannot see.
    let keyboard = File::from(io::stdin().as_fd().try_clone_to_owned().context("no keyboard")?);
    eprintln!("connected to {server}; type a line, or press Ctrl+D to end");
    let unsent = VecDeque::new();
    let mut talk = Talk { stream, keyboard, unsent, typing: true, told: false, over: false };
    talk.run().map_err(trouble)
}

/// A conversation under way.
struct Talk {
    stream: TcpStream,
    keyboard: File,
    /// Typed and not yet taken by the kernel, oldest first.
    unsent: VecDeque<u8>,
    /// The user may type more.
    typing: bool,
    /// The server knows that nothing more will come.
    told: bool,
    /// The server has closed its side too.
    over: bool,
}

impl Talk {
    /// The loop of the server again, with other sources.
    fn run(&mut self) -> io::Result<()> {
        let mut ready = Vec::new();
        while !self.over {
            wait(&self.sources(), None, &mut ready)?;
            for ready in &ready {
                match ready.key {
                    KEYBOARD => self.on_typed()?,
                    _ if ready.readable => self.on_heard()?,
                    _ => {}
                }
            }
            self.send()?;
        }
        Ok(())
    }

    /// The keyboard and the server, and what we want to be told about each.
    fn sources(&self) -> [Source<'_>; 2] {
        todo!(
            "exercise 2.7 of lab02 (Select server): A client that waits for two things.

    Say what we wait for: the keyboard, as long as more may be typed and less than
    HIGH_WATER is unsent; and the server, always to read, and to write while something
    is unsent.

    check it          cargo test -p lab02 -- ex2_7
    see it finished   cargo run -p solution02 -- client
    read about it     book/src/lab02-select-server.md
"
        )
    }

    /// Takes what was typed; it is sent as soon as the server takes it.
    fn on_typed(&mut self) -> io::Result<()> {
        todo!(
            "exercise 2.7 of lab02 (Select server): A client that waits for two things.

    Read once from the keyboard, and keep what was typed in `unsent`. A read of 0 bytes
    is the end of the input.

    check it          cargo test -p lab02 -- ex2_7
    see it finished   cargo run -p solution02 -- client
    read about it     book/src/lab02-select-server.md
"
        )
    }

    /// Sends as much as the kernel takes now; after the last byte, tells the server that it was
    /// the last.
    fn send(&mut self) -> io::Result<()> {
        todo!(
            "exercise 2.7 of lab02 (Select server): A client that waits for two things.

    Send as much of what is unsent as the kernel takes now. When all is sent and nothing
    more will be typed, tell the server so, once.

    check it          cargo test -p lab02 -- ex2_7
    see it finished   cargo run -p solution02 -- client
    read about it     book/src/lab02-select-server.md
"
        )
    }

    /// Shows what the server says. Its end is the end of the talk, if we had said all we had.
    fn on_heard(&mut self) -> io::Result<()> {
        todo!(
            "exercise 2.7 of lab02 (Select server): A client that waits for two things.

    Read once from the server, and show what came. Its end is the end of the talk if it
    knows that we have no more to say, and an error (UnexpectedEof) if not.

    check it          cargo test -p lab02 -- ex2_7
    see it finished   cargo run -p solution02 -- client
    read about it     book/src/lab02-select-server.md
"
        )
    }
}

/// Writes to the screen. This may wait, and with it the whole client: a screen is not a socket.
fn show(bytes: &[u8]) -> io::Result<()> {
    let mut screen = io::stdout().lock();
    let shown = screen.write_all(bytes).and_then(|()| screen.flush());
    shown.map_err(|error| io::Error::other(format!("cannot write to the screen: {error}")))
}

/// Whether a call only said "not now", or was interrupted by a signal.
fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Says in one sentence for the user what `error` means for the talk with `server`.
fn explain(server: SocketAddr, time_limit: Duration, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!("{server} refused the connection: is the server running?")
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            format!("{server} is silent: no connection within {time_limit:?}")
        }
        ErrorKind::UnexpectedEof => {
            format!("{server} closed the connection while there was still something to say")
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            format!("the connection to {server} was lost: {error}")
        }
        _ => format!("the talk with {server} failed: {error}"),
    }
}
