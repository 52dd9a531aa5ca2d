//! Lab 06: one request after another on a connection, and how a body ends.

use anyhow::Result;

use super::super::peer::Peer;
use super::super::stage::Stage;
use super::{Script, letters};

pub const SCENES: &[(&str, Script)] = &[
    ("06-one-request", one_request),
    ("06-keep-alive", keep_alive),
    ("06-pipelining", pipelining),
    ("06-head-in-three-segments", head_in_three_segments),
    ("06-not-modified", not_modified),
    ("06-range", range),
    ("06-upload", upload),
    ("06-chunked-upload", chunked_upload),
    ("06-continue", expect_continue),
    ("06-aborted-upload", aborted_upload),
    ("06-refusals", refusals),
];

/// A request without a body; `fields` are lines of its head.
fn request(line: &str, fields: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// Hears a whole response.
fn hear_response(peer: &mut Peer) -> Result<&mut Peer> {
    let head = peer.heard_until("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    peer.hear(length.map_or(Ok(0), str::parse)?)
}

/// Puts a file there, on a connection of its own.
fn put(stage: &Stage, name: &str, content: &[u8]) -> Result<()> {
    let length = format!("Content-Length: {}\r\nConnection: close\r\n", content.len());
    let head = request(&format!("POST /{name}"), &length);
    stage.peer()?.send([head.as_bytes(), content].concat())?.hear_end()?;
    Ok(())
}

fn one_request(stage: &Stage) -> Result<()> {
    stage.peer()?.send(request("GET /upload", "Connection: close\r\n"))?.hear_end()?;
    Ok(())
}

fn keep_alive(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    for path in ["/upload", "/nope.txt", "/upload"] {
        peer.send(request(&format!("GET {path}"), ""))?;
        hear_response(&mut peer)?;
    }
    peer.part()
}

fn pipelining(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    let requests = ["GET /upload", "GET /nope.txt", "OPTIONS /upload"];
    peer.send(requests.map(|line| request(line, "")).concat())?;
    for _ in requests {
        hear_response(&mut peer)?;
    }
    peer.part()
}

fn head_in_three_segments(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("GET /upl")?.send("oad HTTP/1.1\r\nHost: loc")?.send("alhost\r\n\r\n")?;
    hear_response(&mut peer)?.part()
}

fn not_modified(stage: &Stage) -> Result<()> {
    put(stage, "halo.txt", b"halo\n")?;
    let mut peer = stage.peer()?;
    peer.send(request("GET /halo.txt", ""))?;
    let head = peer.heard_until("\r\n\r\n")?;
    peer.hear(5)?;
    let date = head.lines().find_map(|line| line.strip_prefix("Last-Modified: "));
    let since = format!("If-Modified-Since: {}\r\n", date.unwrap_or_default());
    peer.send(request("GET /halo.txt", &since))?.hear_until("\r\n\r\n")?.part()
}

fn range(stage: &Stage) -> Result<()> {
    put(stage, "letters.txt", &letters(26))?;
    let mut peer = stage.peer()?;
    peer.send(request("GET /letters.txt", "Range: bytes=5-9\r\n"))?;
    hear_response(&mut peer)?.send(request("GET /letters.txt", "Range: bytes=99-\r\n"))?;
    hear_response(&mut peer)?.part()
}

/// The head first, and the body in two segments; then the file is fetched and deleted.
fn upload(stage: &Stage) -> Result<()> {
    let content = letters(2000);
    let mut peer = stage.peer()?;
    peer.send(request("POST /upload", "Filename: huruf.txt\r\nContent-Length: 2000\r\n"))?;
    peer.send(&content[..1000])?.send(&content[1000..])?;
    hear_response(&mut peer)?.send(request("GET /huruf.txt", ""))?;
    hear_response(&mut peer)?.send(request("DELETE /huruf.txt", ""))?;
    hear_response(&mut peer)?.part()
}

fn chunked_upload(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send(request("POST /dua.txt", "Transfer-Encoding: chunked\r\n"))?;
    peer.send("5\r\nhalo \r\n")?.send("5\r\ndunia\r\n")?.send("0\r\n\r\n")?;
    hear_response(&mut peer)?.send(request("GET /dua.txt", ""))?;
    hear_response(&mut peer)?.part()
}

/// Asks before it sends.
fn expect_continue(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    let fields = "Content-Length: 5\r\nExpect: 100-continue\r\n";
    peer.send(request("POST /halo.txt", fields))?.hear_until("\r\n\r\n")?.send("halo\n")?;
    hear_response(&mut peer)?.part()
}

/// Leaves in the middle of a body; a second client finds nothing of it.
fn aborted_upload(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send(request("POST /half.txt", "Content-Length: 1000\r\n"))?.send(letters(400))?;
    peer.part()?;
    one_request(stage)
}

fn refusals(stage: &Stage) -> Result<()> {
    for refused in ["GET /../etc/passwd", "PUT /halo.txt", "DELETE /nope.txt"] {
        let mut peer = stage.peer()?;
        peer.send(request(refused, "Connection: close\r\n"))?.hear_end()?;
    }
    stage.peer()?.send("halo?\r\n\r\n")?.hear_end()?;
    Ok(())
}
