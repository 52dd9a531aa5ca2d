//! The load: what clients do to a server, on one thread of ours.

pub mod bulk;
pub mod crowd;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use socket2::{Domain, Socket, Type};

/// How long a server may say nothing until we give it up.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(20);

/// After so many connections the server must have let them in before the next ones come: who finds
/// the queue at the door full tries again after a second.
pub const BATCH: usize = 50;

/// Connects, with limits on everything, in as few calls as that takes.
///
/// # Errors
///
/// When the server is not there.
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket()?;
    socket.connect(&address.into())?;
    Ok(socket.into())
}

/// A connection whose other end is itself: the kernel returns each byte, and no server is there.
///
/// # Errors
///
/// When the system does not let us.
pub fn connect_to_itself() -> io::Result<TcpStream> {
    let socket = socket()?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    socket.connect(&socket.local_addr()?)?;
    Ok(socket.into())
}

/// Waits for one answer: it proves that everybody who came before was let in too.
///
/// # Errors
///
/// When there is none.
pub fn be_answered(stream: &mut TcpStream, request: &[u8], reply_len: usize) -> io::Result<()> {
    stream.write_all(request)?;
    stream.read_exact(&mut vec![0; reply_len])
}

/// The limit on writing is one on connecting too.
fn socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_tcp_nodelay(true)?;
    socket.set_read_timeout(Some(SILENCE_LIMIT))?;
    socket.set_write_timeout(Some(SILENCE_LIMIT))?;
    Ok(socket)
}

/// How long the answer to an HTTP request is, head and body: asked once.
///
/// # Errors
///
/// When the answer is not one with a body.
pub fn http_reply_len(address: SocketAddr, request: &[u8]) -> Result<usize> {
    let mut stream = connect(address)?;
    stream.write_all(request)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        ensure!(stream.read(&mut byte)? == 1, "it closed instead of answering");
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    ensure!(text.contains(" 200 ok\r\n"), "it answered {:?}", text.lines().next());
    let field = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let len: usize = field.context("no Content-Length")?.trim().parse()?;
    Ok(head.len() + len)
}
