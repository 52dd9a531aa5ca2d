//! Lab 04: where does a message end? The server sends each one back reversed.

use anyhow::Result;

use super::super::stage::Stage;
use super::{Script, letters};

pub const SCENES: &[(&str, Script)] = &[
    ("04-close", close),
    ("04-streams", streams),
    ("04-fixed", fixed),
    ("04-delimiter", delimiter),
    ("04-prefix", prefix),
    ("04-prefix-in-three-segments", in_three_segments),
    ("04-prefix-three-in-one-segment", three_in_one_segment),
    ("04-prefix-long", long),
    ("04-prefix-too-long", too_long),
    ("04-prefix-cut", cut),
    ("04-blocks", blocks),
    ("04-blocks-cut", blocks_cut),
];

fn close(stage: &Stage) -> Result<()> {
    stage.peer()?.send("halo dunia")?.part()
}

fn streams(stage: &Stage) -> Result<()> {
    stage.peer()?.send("satu ")?.send("dua ")?.send("tiga")?.part()
}

fn fixed(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send(b"halo\0\0\0\0\0\0\0\0\0\0\0\0")?.hear(16)?;
    peer.send(b"sixteen letters!")?.hear(16)?.part()
}

fn delimiter(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("halo\n")?.hear_until("\n")?;
    // The backslashes are on the wire: a line end, and a backslash, inside a message.
    peer.send("dua\\nbaris\n")?.hear_until("\n")?;
    peer.send("C:\\\\wirelab\n")?.hear_until("\n")?.part()
}

/// A message behind its length.
fn prefixed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("messages of scenes are short");
    [&length.to_be_bytes(), message].concat()
}

fn prefix(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send(prefixed(b"halo"))?.hear(8)?;
    peer.send(prefixed(b""))?.hear(4)?;
    peer.send(prefixed(b"sampai jumpa"))?.hear(16)?.part()
}

/// The cuts are where they hurt: inside the length, and inside the message.
fn in_three_segments(stage: &Stage) -> Result<()> {
    let message = prefixed(b"halo dunia");
    let mut peer = stage.peer()?;
    peer.send(&message[..2])?.send(&message[2..9])?.send(&message[9..])?;
    peer.hear(message.len())?.part()
}

fn three_in_one_segment(stage: &Stage) -> Result<()> {
    let messages = [prefixed(b"satu"), prefixed(b"dua"), prefixed(b"tiga")].concat();
    stage.peer()?.send(&messages)?.hear(messages.len())?.part()
}

/// More than a segment holds.
fn long(stage: &Stage) -> Result<()> {
    let message = prefixed(&letters(4000));
    stage.peer()?.send(&message)?.hear(message.len())?.part()
}

/// One byte more than the server takes; it closes without a reply.
fn too_long(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send(prefixed(b"halo"))?.hear(8)?;
    peer.send([0x00, 0x10, 0x00, 0x01])?.hear_end()?;
    Ok(())
}

fn cut(stage: &Stage) -> Result<()> {
    let message = prefixed(b"halo dunia");
    stage.peer()?.send(&message[..9])?.part()
}

fn blocks(stage: &Stage) -> Result<()> {
    let message = [prefixed(b"halo "), prefixed(b"dunia"), prefixed(b"")].concat();
    let mut peer = stage.peer()?;
    // A message comes back as one block, and the empty one that ends it.
    peer.send(&message)?.hear(4 + 10 + 4)?;
    peer.send([prefixed(b"lagi"), prefixed(b"")].concat())?.hear(4 + 4 + 4)?.part()
}

fn blocks_cut(stage: &Stage) -> Result<()> {
    stage.peer()?.send([prefixed(b"halo "), prefixed(b"dunia")].concat())?.part()
}
