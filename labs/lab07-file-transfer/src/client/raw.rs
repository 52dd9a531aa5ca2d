//! The client's side of the raw protocol, given complete.

use std::io::Read;

use anyhow::{Context, anyhow, bail, ensure};
use memchr::memmem;

use crate::buffers::BLOCK_LEN;
use crate::client::remote::Sink;
use crate::connection::Connection;
use crate::wire::sums::Sums;

/// The longest reply that is taken, without the content of a file: a list of many names.
const REPLY_LEN_MAX: usize = 16 * 1024 * 1024;

/// Asks for the names of all files.
///
/// # Errors
///
/// When the server does not tell them.
pub fn list(connection: &mut Connection<'_>) -> anyhow::Result<Vec<String>> {
    connection.send(b"LIST\r\n")?;
    let names = hear(connection, "\r\n\r\n")?;
    Ok(names.split('\n').filter(|name| !name.is_empty()).map(str::to_string).collect())
}

/// Brings the file `name`.
///
/// # Errors
///
/// When it does not come, or not whole.
pub fn download(
    connection: &mut Connection<'_>,
    name: &str,
    sink: &mut Sink<'_>,
) -> anyhow::Result<()> {
    say(connection, &format!("DOWNLOAD {name}"))?;
    let size = hear(connection, "\r\n")?;
    let mut left: u64 = size.parse().map_err(|_| anyhow!("the server says: {size}"))?;
    while left > 0 {
        connection.wait_for_bytes()?;
        let bytes = connection.bytes();
        let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        sink(&bytes[..count])?;
        connection.skip(count);
        left -= count as u64;
    }
    Ok(())
}

/// Sends `source`, which has `size` bytes, as the file `name`.
///
/// # Errors
///
/// When the server does not say that it has stored the file.
pub fn upload(
    connection: &mut Connection<'_>,
    name: &str,
    source: &mut dyn Read,
    size: u64,
) -> anyhow::Result<()> {
    say(connection, &format!("UPLOAD {name} {size}"))?;
    let mut source = source.take(size);
    loop {
        connection.buffers.read_block(&mut source)?;
        connection.send(&connection.buffers.block)?;
        if connection.buffers.block.len() < BLOCK_LEN {
            break;
        }
    }
    ensure!(source.limit() == 0, "the file has become shorter");
    done(connection)
}

/// Deletes the file `name`.
///
/// # Errors
///
/// When the server does not say that it has.
pub fn delete(connection: &mut Connection<'_>, name: &str) -> anyhow::Result<()> {
    say(connection, &format!("DELETE {name}"))?;
    done(connection)
}

/// Asks for the counts of the server.
///
/// # Errors
///
/// When it does not tell them.
pub fn stats(connection: &mut Connection<'_>) -> anyhow::Result<Sums> {
    connection.send(b"STATS\r\n")?;
    let counts = hear(connection, "\r\n")?;
    // An error begins with a number too, but no number follows.
    counts.parse().map_err(|_| anyhow!("the server says: {counts}"))
}

fn say(connection: &mut Connection<'_>, line: &str) -> anyhow::Result<()> {
    ensure!(!line.contains(['\r', '\n']), "this protocol has no room for a name with a line end");
    Ok(connection.send(format!("{line}\r\n").as_bytes())?)
}

/// Reads the reply to something that brings nothing.
fn done(connection: &mut Connection<'_>) -> anyhow::Result<()> {
    let reply = hear(connection, "\r\n")?;
    if !reply.starts_with("200") {
        bail!("the server says: {reply}");
    }
    Ok(())
}

/// Reads up to `end`, or to an error, which has only a line.
fn hear(connection: &mut Connection<'_>, end: &str) -> anyhow::Result<String> {
    let mut reply = Vec::new();
    loop {
        connection.wait_for_bytes()?;
        let held = reply.len();
        reply.extend_from_slice(connection.bytes());
        if let Some(len) = memmem::find(&reply, end.as_bytes()) {
            connection.skip(len + end.len() - held);
            reply.truncate(len);
            return String::from_utf8(reply).context("the reply is not UTF-8");
        }
        connection.buffers.inbox.clear();
        ensure!(reply.len() <= REPLY_LEN_MAX, "the reply has more than {REPLY_LEN_MAX} bytes");
    }
}
