//! Lab 07: files as base64 between JSON, and the same without (raw).

use anyhow::Result;

use super::super::peer::Peer;
use super::super::stage::Stage;
use super::Script;

pub const SCENES: &[(&str, Script)] = &[
    ("07-json", json),
    ("07-json-pipelined", json_pipelined),
    ("07-json-upload-in-pieces", json_in_pieces),
    ("07-json-bad-base64", json_bad_base64),
    ("07-json-refusals", json_refusals),
    ("07-json-aborted-upload", json_aborted),
    ("07-raw", raw),
    ("07-raw-pipelined", raw_pipelined),
    ("07-raw-upload-in-pieces", raw_in_pieces),
    ("07-raw-refusals", raw_refusals),
    ("07-raw-aborted-upload", raw_aborted),
];

/// What ends a request and a reply of the first protocol, and a list of the second.
const END: &str = "\r\n\r\n";

/// Base64 of some three kilobytes that spell a word again and again.
fn much_base64() -> String {
    "d2lyZWxhYiEh".repeat(350)
}

/// Each request after the reply to the one before.
fn ask(peer: &mut Peer, requests: &[&str], end: &str) -> Result<()> {
    for request in requests {
        peer.send(request)?.hear_until(end)?;
    }
    Ok(())
}

fn json(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    let requests = [
        "LIST\r\n\r\n",
        "UPLOAD halo.txt aGFsbwo=\r\n\r\n",
        "LIST\r\n\r\n",
        "GET halo.txt\r\n\r\n",
        "STATS\r\n\r\n",
        "DELETE halo.txt\r\n\r\n",
    ];
    ask(&mut peer, &requests, END)?;
    peer.part()
}

fn json_pipelined(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("UPLOAD a.txt YQ==\r\n\r\nGET a.txt\r\n\r\nLIST\r\n\r\n")?;
    peer.hear_until(END)?.hear_until(END)?.hear_until(END)?.part()
}

fn json_in_pieces(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("UPLOAD big.txt ")?.send(much_base64())?.send("\r\n\r\n")?.hear_until(END)?;
    peer.send("GET big.txt\r\n\r\n")?.hear_until(END)?.part()
}

fn json_bad_base64(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    ask(&mut peer, &["UPLOAD b.txt @@@\r\n\r\n", "UPLOAD c.txt YQ=\r\n\r\n", "LIST\r\n\r\n"], END)?;
    peer.part()
}

fn json_refusals(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    let requests = [
        "HALO\r\n\r\n",
        "GET nope.txt\r\n\r\n",
        "GET ../secret\r\n\r\n",
        "DELETE nope.txt\r\n\r\n",
        "UPLOAD a.txt\r\n\r\n",
    ];
    ask(&mut peer, &requests, END)?;
    peer.part()
}

/// Leaves in the middle of a file; a second client finds nothing of it.
fn json_aborted(stage: &Stage) -> Result<()> {
    stage.peer()?.send("UPLOAD half.txt aGFsbyBk")?.part()?;
    stage.peer()?.send("LIST\r\n\r\n")?.hear_until(END)?.part()
}

fn raw(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("LIST\r\n")?.hear_until(END)?;
    peer.send("UPLOAD halo.txt 5\r\n")?.send("halo\n")?.hear_until("\r\n")?;
    peer.send("LIST\r\n")?.hear_until(END)?;
    peer.send("DOWNLOAD halo.txt\r\n")?.hear_until("\r\nhalo\n")?;
    ask(&mut peer, &["STATS\r\n", "DELETE halo.txt\r\n"], "\r\n")?;
    peer.part()
}

fn raw_pipelined(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("UPLOAD a.txt 1\r\naDOWNLOAD a.txt\r\nLIST\r\n")?;
    peer.hear_until("\r\n")?.hear_until("\r\na")?.hear_until(END)?.part()
}

fn raw_in_pieces(stage: &Stage) -> Result<()> {
    let content = much_base64();
    let mut peer = stage.peer()?;
    peer.send(format!("UPLOAD big.txt {}\r\n", content.len()))?.send(&content)?;
    peer.hear_until("\r\n")?.send("DOWNLOAD big.txt\r\n")?.hear_until("\r\n")?;
    peer.hear(content.len())?.part()
}

fn raw_refusals(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    ask(&mut peer, &["DOWNLOAD nope.txt\r\n", "DELETE ../secret\r\n"], "\r\n")?;
    // Where the next request begins is not known after this one.
    peer.send("UPLOAD a.txt five\r\n")?.hear_end()?.end()?;
    Ok(())
}

fn raw_aborted(stage: &Stage) -> Result<()> {
    stage.peer()?.send("UPLOAD half.txt 1000\r\nhalo d")?.part()?;
    stage.peer()?.send("LIST\r\n")?.hear_until(END)?.part()
}
