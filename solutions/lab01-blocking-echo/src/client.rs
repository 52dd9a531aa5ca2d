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
    // ANCHOR: ex1_4_connect
    let stream = TcpStream::connect_timeout(&server, time_limit)?;
    // That was for the connecting alone.
    stream.set_read_timeout(Some(time_limit))?;
    Ok(stream)
    // ANCHOR_END: ex1_4_connect
}

/// Sends `message` and returns the reply, which is exactly as long.
fn exchange(stream: &mut TcpStream, message: &[u8]) -> io::Result<Vec<u8>> {
    // ANCHOR: ex1_4_exchange
    stream.write_all(message)?;
    let mut reply = vec![0; message.len()];
    stream.read_exact(&mut reply)?;
    Ok(reply)
    // ANCHOR_END: ex1_4_exchange
}

/// Tells the server that nothing more will come, and shows all that it still has to say.
fn finish(stream: &mut TcpStream, screen: &mut impl Write) -> io::Result<()> {
    // ANCHOR: ex1_5
    // The half-close: our direction ends, the server's goes on.
    stream.shutdown(Shutdown::Write)?;
    let mut rest = [0; PIECE_LEN];
    loop {
        match stream.read(&mut rest) {
            Ok(0) => return Ok(()),
            Ok(count) => screen.write_all(&rest[..count])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        screen.flush()?;
    }
    // ANCHOR_END: ex1_5
}

/// Says in one sentence for the user what `error` means for the talk with `server`.
fn explain(server: SocketAddr, time_limit: Duration, error: &io::Error) -> String {
    // ANCHOR: ex1_6
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!("{server} refused the connection: is the server running?")
        }
        // One thing, two names: a wait that ran out of time.
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("{server} is silent: no answer within {time_limit:?}")
        }
        ErrorKind::UnexpectedEof => {
            format!("{server} closed the connection before the whole reply had come")
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            format!("the connection to {server} was lost: {error}")
        }
        _ => format!("cannot talk to {server}: {error}"),
    }
    // ANCHOR_END: ex1_6
}
