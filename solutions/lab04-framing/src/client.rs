//! The client's side: messages go out, and each answer stands on a line of the screen.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;

use crate::arguments::Client;
use crate::connection::Connection;
use crate::framing::{Kind, MESSAGE_LEN_MAX};

/// How much of a stream is sent at a time.
const PIECE_LEN: usize = 16 * 1024;

/// Messages, or pieces of one: from the command line or from standard input.
type Input<'a> = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + 'a>;

/// Sends what the user has asked for, and shows what comes back.
///
/// # Errors
///
/// When the conversation fails; the error is one sentence that says how.
pub fn run(request: &Client) -> anyhow::Result<()> {
    let (server, messages) = request.words();
    let input: Input<'_> = match (messages.is_empty(), request.framing) {
        (false, _) => Box::new(messages.into_iter().map(|message| Ok(message.to_vec()))),
        (true, Kind::Streams) => Box::new(std::iter::from_fn(piece_of_input)),
        (true, _) => Box::new(std::iter::from_fn(line_of_input)),
    };
    talk(server, request, input)
        .map_err(|error| anyhow!(explain(server, request.time_limit, &error)))
}

fn talk(server: SocketAddr, request: &Client, input: Input<'_>) -> io::Result<()> {
    match request.framing {
        Kind::Close => {
            for message in input {
                let mut connection = connect(server, request)?;
                show(&ask(&mut connection, &message?)?)?;
                show(b"\n")?;
            }
        }
        Kind::Streams => {
            stream_through(&mut connect(server, request)?, input)?;
            show(b"\n")?;
        }
        Kind::Fixed | Kind::Delimiter | Kind::Prefix | Kind::Blocks => {
            let mut connection = connect(server, request)?;
            for message in input {
                connection.send(&message?)?;
                show(&answer(&mut connection)?)?;
                show(b"\n")?;
            }
        }
    }
    Ok(())
}

/// Connects within the time limit, and waits no longer than that at any later moment.
fn connect(server: SocketAddr, request: &Client) -> io::Result<Connection> {
    let stream = TcpStream::connect_timeout(&server, request.time_limit)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(request.time_limit))?;
    stream.set_write_timeout(Some(request.time_limit))?;
    let connection = Connection::new(Arc::new(stream), request.framing.framing());
    Ok(if request.show { connection.shown() } else { connection })
}

/// Sends the one message that this connection carries, and waits for its answer.
fn ask(connection: &mut Connection, message: &[u8]) -> io::Result<Vec<u8>> {
    // ANCHOR: ex4_1_ask
    connection.send(message)?;
    // Nothing but the end says where the message ends.
    connection.end()?;
    answer(connection)
    // ANCHOR_END: ex4_1_ask
}

/// Sends each piece of `input` at once, then the end; shows each piece of the answer at once.
fn stream_through(connection: &mut Connection, input: Input<'_>) -> io::Result<()> {
    // ANCHOR: ex4_2_stream_through
    for piece in input {
        connection.send(&piece?)?;
        connection.flush()?;
    }
    connection.end()?;
    while let Some(piece) = connection.receive_piece()? {
        show(&piece)?;
    }
    Ok(())
    // ANCHOR_END: ex4_2_stream_through
}

/// Waits for the answer that is due.
fn answer(connection: &mut Connection) -> io::Result<Vec<u8>> {
    connection.receive()?.ok_or_else(|| ErrorKind::UnexpectedEof.into())
}

fn show(bytes: &[u8]) -> io::Result<()> {
    let mut screen = io::stdout().lock();
    let shown = screen.write_all(bytes).and_then(|()| screen.flush());
    shown.map_err(|error| io::Error::other(format!("cannot show the answer: {error}")))
}

/// The next line of standard input, without its end.
fn line_of_input() -> Option<io::Result<Vec<u8>>> {
    // One byte more than any message may have: then it is refused, and not cut.
    let mut keyboard = io::stdin().lock().take(MESSAGE_LEN_MAX as u64 + 2);
    let mut line = Vec::new();
    match keyboard.read_until(b'\n', &mut line) {
        Ok(0) => return None,
        Ok(_) if line.last() == Some(&b'\n') => drop(line.pop()),
        Ok(_) => {}
        Err(error) => return Some(Err(unreadable(&error))),
    }
    Some(Ok(line))
}

/// What there is of standard input just now.
fn piece_of_input() -> Option<io::Result<Vec<u8>>> {
    let mut piece = vec![0; PIECE_LEN];
    loop {
        match io::stdin().lock().read(&mut piece) {
            Ok(0) => return None,
            Ok(count) => piece.truncate(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Some(Err(unreadable(&error))),
        }
        return Some(Ok(piece));
    }
}

fn unreadable(error: &io::Error) -> io::Error {
    io::Error::other(format!("cannot read what to send: {error}"))
}

/// Says in one sentence for the user what `error` means for the talk with `server`.
fn explain(server: SocketAddr, time_limit: Duration, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!("{server} refused the connection: is the server running?")
        }
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("{server} is silent: no answer within {time_limit:?}")
        }
        ErrorKind::UnexpectedEof => {
            format!("{server} closed the connection before the whole answer had come")
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            format!("the connection to {server} was lost: {error}")
        }
        _ => format!("cannot talk to {server}: {error}"),
    }
}
