//! The client's side: what is typed goes to the server, what comes back goes to the screen.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::anyhow;

/// The most that is sent before it is read back. A longer line goes in several pieces: if both
/// sides only ever wrote, the buffers between them would fill, and both would wait for ever.
const PIECE_LEN: usize = 4096;

/// Talks to `server` until the user's input ends and the server has closed.
///
/// # Errors
///
/// When the conversation fails; the error is one sentence that says how.
pub fn run(server: SocketAddr, time_limit: Duration) -> anyhow::Result<()> {
    let trouble = |error| anyhow!(explain(server, time_limit, &error));
    let mut stream = connect(server, time_limit).map_err(trouble)?;
    eprintln!("connected to {server}; type a line, or press Ctrl+D to end");
    let mut keyboard = io::stdin().lock();
    let mut screen = io::stdout().lock();
    loop {
        let mut piece = Vec::new();
        keyboard.by_ref().take(PIECE_LEN as u64).read_until(b'\n', &mut piece)?;
        if piece.is_empty() {
            return finish(&mut stream, &mut screen).map_err(trouble);
        }
        let reply = exchange(&mut stream, &piece).map_err(trouble)?;
        screen.write_all(&reply)?;
        screen.flush()?;
    }
}

/// Connects to `server`, and sees to it that no later read waits longer than `time_limit` either.
fn connect(server: SocketAddr, time_limit: Duration) -> io::Result<TcpStream> {
    todo!(
        "exercise 1.4 of lab01 (Blocking echo): The client: connect, send, read back.

    Connect within `time_limit`, and let no later read wait longer either.

    check it          cargo test -p lab01 -- ex1_4
    see it finished   cargo run -p solution01 -- client
    read about it     book/src/lab01-blocking-echo.md
"
    )
}

/// Sends `message` and returns the reply, which is exactly as long.
fn exchange(stream: &mut TcpStream, message: &[u8]) -> io::Result<Vec<u8>> {
    todo!(
        "exercise 1.4 of lab01 (Blocking echo): The client: connect, send, read back.

    Send the message whole, however little one write may take; then read back exactly as
    many bytes as were sent.

    check it          cargo test -p lab01 -- ex1_4
    see it finished   cargo run -p solution01 -- client
    read about it     book/src/lab01-blocking-echo.md
"
    )
}

/// Tells the server that nothing more will come, and shows all that it still has to say.
fn finish(stream: &mut TcpStream, screen: &mut impl Write) -> io::Result<()> {
    todo!(
        "exercise 1.5 of lab01 (Blocking echo): Half-close: say that nothing more will come, and listen on.

    Tell the server that nothing more will come; show everything that it still sends, as
    it comes; and return when it has closed its side.

    check it          cargo test -p lab01 -- ex1_5
    see it finished   cargo run -p solution01 -- client
    read about it     book/src/lab01-blocking-echo.md
"
    )
}

/// Says in one sentence for the user what `error` means for the talk with `server`.
fn explain(server: SocketAddr, time_limit: Duration, error: &io::Error) -> String {
    todo!(
        "exercise 1.6 of lab01 (Blocking echo): The client meets trouble.

    Say in one sentence for the user what happened: refused (nobody listens), silent
    (the time limit ran out), closed (before the whole reply had come), lost (reset).
    Each sentence has that word in it, and the server's address.

    check it          cargo test -p lab01 -- ex1_6
    see it finished   cargo run -p solution01 -- client
    read about it     book/src/lab01-blocking-echo.md
"
    )
}
