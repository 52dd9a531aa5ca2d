//! The client's side: what is typed goes to the server as a line, its reply goes to the screen.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{anyhow, ensure};

/// The longest line that may be typed; no server would take a longer one.
const TYPED_LEN_MAX: u64 = 1024;

/// The longest reply that is taken from a server, with its end.
const REPLY_LEN_MAX: u64 = 1024;

const PROMPT: &str = ">> ";

/// Talks to `server` until the user says `QUIT` or ends the input.
///
/// # Errors
///
/// When the conversation fails; the error is one sentence that says how.
pub fn run(server: SocketAddr, time_limit: Duration) -> anyhow::Result<()> {
    let trouble = |error| anyhow!(explain(server, time_limit, &error));
    let mut stream = BufReader::new(connect(server, time_limit).map_err(trouble)?);
    eprintln!("connected to {server}; TIME asks for the time, QUIT ends");
    let (mut keyboard, mut screen) = (io::stdin().lock(), io::stdout().lock());
    loop {
        write!(screen, "{PROMPT}")?;
        screen.flush()?;
        let Some(line) = typed(&mut keyboard)? else {
            return Ok(writeln!(screen)?);
        };
        let is_quit = line == b"QUIT";
        match exchange(&mut stream, line).map_err(trouble)? {
            Some(reply) => writeln!(screen, "{reply}")?,
            None if is_quit => return Ok(writeln!(screen, "Connection closed by server.")?),
            None => return Err(trouble(ErrorKind::UnexpectedEof.into())),
        }
    }
}

/// Connects to `server`, and sees to it that no later read waits longer than `time_limit` either.
fn connect(server: SocketAddr, time_limit: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, time_limit)?;
    stream.set_read_timeout(Some(time_limit))?;
    stream.set_write_timeout(Some(time_limit))?;
    Ok(stream)
}

/// The next line from the keyboard without its end; `None` when the input has ended.
fn typed(keyboard: &mut impl BufRead) -> anyhow::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if keyboard.by_ref().take(TYPED_LEN_MAX + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    ensure!(line.len() as u64 <= TYPED_LEN_MAX, "a line has at most {TYPED_LEN_MAX} bytes");
    while line.pop_if(|byte| matches!(byte, b'\r' | b'\n')).is_some() {}
    Ok(Some(line))
}

/// Sends `line` and returns the reply, without its end; `None` if the server has closed instead.
fn exchange(stream: &mut BufReader<TcpStream>, mut line: Vec<u8>) -> io::Result<Option<String>> {
    todo!(
        "exercise 5.5 of lab05 (Threaded time server): The client: a line out, a line back.

    Send `line` with CR LF behind it, in one write. Read one line and return it without
    its CR LF; return None if the server has closed before it said anything, and an
    error of the kind UnexpectedEof if it closed in the middle. A line that ends in LF
    alone, and one that has no end within REPLY_LEN_MAX bytes, is an error of the kind
    InvalidData.

    check it          cargo test -p lab05 -- ex5_5
    see it finished   cargo run -p solution05 -- client
    read about it     book/src/lab05-time-server.md
"
    )
}

/// Says in one sentence for the user what `error` means for the talk with `server`.
fn explain(server: SocketAddr, time_limit: Duration, error: &io::Error) -> String {
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
        ErrorKind::InvalidData => format!("{server} sent something that is not a reply"),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            format!("the connection to {server} was lost: {error}")
        }
        _ => format!("cannot talk to {server}: {error}"),
    }
}
