//! The client's side of the base64 protocol.

use std::io::Read;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::client::remote::Sink;
use crate::client::reply::Reply;
use crate::connection::Connection;
use crate::wire::base64::Decoder;
use crate::wire::request::END;
use crate::wire::sums::Sums;

/// Asks for the names of all files.
///
/// # Errors
///
/// When the server does not tell them.
pub fn list(connection: &mut Connection<'_>) -> anyhow::Result<Vec<String>> {
    let names = exchange(connection, "LIST")?;
    serde_json::from_value(names).context("the reply is not a list of names")
}

/// Brings the file `name`, decoded as it comes.
///
/// # Errors
///
/// When it does not come, or its content is not base64, or the end is missing.
pub fn download(
    connection: &mut Connection<'_>,
    name: &str,
    sink: &mut Sink<'_>,
) -> anyhow::Result<()> {
    say(connection, &format!("GET {name}"))?;
    todo!(
        "exercise 7.6 of lab07 (File transfer): The client: send a file, and bring one.

    Until the reply is whole: wait for bytes, let the reply take a piece of them, decode
    what of it is content, give that to the sink, and drop the bytes of the piece. Then
    the decoder must be able to finish, and the reply must say that it brought a file.

    check it          cargo test -p lab07 -- ex7_6
    see it finished   cargo run -p solution07 -- client 127.0.0.1:5666 upload README.md --verify
    read about it     book/src/lab07-file-transfer.md
"
    )
}

/// Sends `source` as the file `name`, encoded as it goes, and reads what the server says to it.
///
/// # Errors
///
/// When the server does not say that it has stored the file.
pub fn upload(
    connection: &mut Connection<'_>,
    name: &str,
    source: &mut dyn Read,
) -> anyhow::Result<()> {
    ensure!(!name.contains(' '), "this protocol has no room for a name with a space");
    connection.buffers.outbox.clear();
    connection.buffers.outbox.extend_from_slice(format!("UPLOAD {name} ").as_bytes());
    todo!(
        "exercise 7.6 of lab07 (File transfer): The client: send a file, and bring one.

    Send the source encoded, behind the words that stand in the outbox already. End the
    request, and flush. Hear what the server says: only then is the file stored.

    check it          cargo test -p lab07 -- ex7_6
    see it finished   cargo run -p solution07 -- client 127.0.0.1:5666 upload README.md --verify
    read about it     book/src/lab07-file-transfer.md
"
    )
}

/// Deletes the file `name`.
///
/// # Errors
///
/// When the server does not say that it has.
pub fn delete(connection: &mut Connection<'_>, name: &str) -> anyhow::Result<()> {
    exchange(connection, &format!("DELETE {name}")).map(drop)
}

/// Asks for the counts of the server.
///
/// # Errors
///
/// When it does not tell them.
pub fn stats(connection: &mut Connection<'_>) -> anyhow::Result<Sums> {
    let data = exchange(connection, "STATS")?;
    let count = |key: &str| data[key].as_u64().context("the reply has no counts");
    Ok(Sums { succeeded: count("succeeded")?, failed: count("failed")? })
}

fn exchange(connection: &mut Connection<'_>, request: &str) -> anyhow::Result<Value> {
    say(connection, request)?;
    hear(connection)
}

fn say(connection: &mut Connection<'_>, request: &str) -> anyhow::Result<()> {
    ensure!(!request.contains(END), "a name cannot contain what ends a request");
    Ok(connection.send(format!("{request}{END}").as_bytes())?)
}

/// Reads a reply that brings no file.
fn hear(connection: &mut Connection<'_>) -> anyhow::Result<Value> {
    let mut reply = Reply::default();
    while !reply.is_whole() {
        connection.wait_for_bytes()?;
        let len = reply.take(connection.bytes())?.len;
        connection.skip(len);
    }
    reply.finish()
}
