//! The load: what clients do to a server, on one thread of ours.

pub mod bulk;
pub mod crowd;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// How long a server may say nothing until we give it up.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(20);

/// Connects, with limits on everything.
///
/// # Errors
///
/// When the server is not there.
pub fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, SILENCE_LIMIT)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_LIMIT))?;
    stream.set_write_timeout(Some(SILENCE_LIMIT))?;
    Ok(stream)
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
