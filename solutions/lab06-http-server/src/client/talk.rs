//! One request and its answer, and what can go wrong in between.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::answer::Answer;
use crate::arguments::Client;

/// How much of a file one write sends.
const STEP_LEN: usize = 256 * 1024;

/// Sends a request, and waits for the head of the answer; no wait takes longer than the user
/// allows.
///
/// # Errors
///
/// When there is no answer.
pub fn ask(client: &Client, request: &str, body: impl Read) -> io::Result<Answer> {
    let stream = connect(&client.server, client.time_limit)?;
    let sent = send(&stream, request.as_bytes(), body);
    // A server that refuses a request need not hear it to its end: there may be an answer even if
    // our last write has failed.
    Answer::read(stream).map_err(|error| sent.err().unwrap_or(error))
}

/// Connects to the first address of `server` that takes us.
fn connect(server: &str, time_limit: Duration) -> io::Result<TcpStream> {
    let mut last = ErrorKind::AddrNotAvailable.into();
    for address in server.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, time_limit) {
            Ok(stream) => {
                stream.set_read_timeout(Some(time_limit))?;
                stream.set_write_timeout(Some(time_limit))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Sends the head and, as it comes from the disk, the body; a small one leaves with the head.
fn send(mut stream: &TcpStream, head: &[u8], mut body: impl Read) -> io::Result<()> {
    let mut step = head.to_vec();
    loop {
        let room = (STEP_LEN - step.len()) as u64;
        body.by_ref().take(room).read_to_end(&mut step)?;
        stream.write_all(&step)?;
        if step.len() < STEP_LEN {
            return Ok(());
        }
        step.clear();
    }
}

/// Says in one sentence for the user what `error` means for the talk with the server.
pub fn explain(client: &Client, error: &io::Error) -> String {
    let Client { server, time_limit, .. } = client;
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!("{server} refused the connection: is the server running?")
        }
        // One thing, two names: a wait that ran out of time.
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("{server} is silent: no answer within {time_limit:?}")
        }
        ErrorKind::UnexpectedEof => {
            format!("{server} closed the connection before the whole answer had come")
        }
        ErrorKind::InvalidData => format!("{server} sent something that is not an answer"),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            format!("the connection to {server} was lost: {error}")
        }
        _ => format!("cannot talk to {server}: {error}"),
    }
}
