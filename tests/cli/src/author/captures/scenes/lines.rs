//! Lab 05, and lab 08, which has the same handler among others.

use anyhow::Result;

use super::super::peer::Peer;
use super::super::stage::Stage;
use super::{Script, letters};

pub const SCENES: &[(&str, Script)] = &[
    ("05-time", time),
    ("05-wrong-words", wrong_words),
    ("05-missing-cr", missing_cr),
    ("05-line-too-long", line_too_long),
    ("05-request-in-three-segments", request_in_three_segments),
    ("05-three-requests-in-one-segment", three_requests_in_one_segment),
    ("05-two-clients-three-connections", six_connections),
    ("08-upper", upper),
    ("08-upper-failing", failing),
    ("08-echo", echo),
    ("08-time", time),
    ("08-udp-upper", udp_upper),
    ("08-udp-echo", udp_echo),
    ("08-udp-time", udp_time),
];

const END: &str = "\r\n";

fn time(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("TIME\r\n")?.hear_until(END)?;
    peer.send("TIME\r\n")?.hear_until(END)?;
    peer.send("QUIT\r\n")?.hear_end()?;
    Ok(())
}

fn wrong_words(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    for line in ["HALO\r\n", "time\r\n", "\r\n", "TIME\r\n"] {
        peer.send(line)?.hear_until(END)?;
    }
    peer.send("QUIT\r\n")?.hear_end()?;
    Ok(())
}

/// LF alone ends nothing: what comes next belongs to the same line.
fn missing_cr(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("TIME\n")?.send("TIME\r\n")?.hear_until(END)?;
    peer.send("QUIT\r\n")?.hear_end()?;
    Ok(())
}

fn line_too_long(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send([letters(1025), b"\r\n".to_vec()].concat())?.hear_until(END)?;
    peer.send("QUIT\r\n")?.hear_end()?;
    Ok(())
}

fn request_in_three_segments(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("TI")?.send("ME\r")?.send("\n")?.hear_until(END)?;
    peer.send("QUIT\r\n")?.hear_end()?;
    Ok(())
}

fn three_requests_in_one_segment(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("TIME\r\nHALO\r\nTIME\r\n")?;
    peer.hear_until(END)?.hear_until(END)?.hear_until(END)?;
    peer.send("QUIT\r\n")?.hear_end()?;
    Ok(())
}

/// How the course's first time server was tried out.
fn six_connections(stage: &Stage) -> Result<()> {
    let peers: Result<Vec<Peer>> = (0..6).map(|_| stage.peer()).collect();
    let mut peers = peers?;
    for peer in &mut peers {
        peer.send("TIME\r\n")?;
    }
    for peer in &mut peers {
        peer.hear_until(END)?;
    }
    for peer in &mut peers {
        peer.send("QUIT\r\n")?.hear_end()?;
    }
    Ok(())
}

fn upper(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("halo\n")?.hear_until("\n")?;
    peer.send("satu\ndua\n")?.hear_until("\n")?.hear_until("\n")?.part()
}

fn failing(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("halo\n")?.hear_until("\n")?;
    peer.send("BOOM\n")?.hear_end()?;
    // It was one request that failed, not the server.
    stage.peer()?.send("lagi\n")?.hear_until("\n")?.part()
}

fn echo(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("halo\n")?.hear(5)?;
    peer.send("no line at all")?.hear(14)?.part()
}

fn udp_upper(stage: &Stage) -> Result<()> {
    let peer = stage.udp_peer()?;
    peer.send("halo")?.hear()?;
    peer.send("satu")?.send("dua")?.hear()?.hear()?;
    Ok(())
}

/// Two senders, and an empty datagram: a message is a datagram, whatever its length.
fn udp_echo(stage: &Stage) -> Result<()> {
    let (first, second) = (stage.udp_peer()?, stage.udp_peer()?);
    first.send("satu")?;
    second.send("dua")?.hear()?;
    first.hear()?.send("")?.hear()?;
    Ok(())
}

fn udp_time(stage: &Stage) -> Result<()> {
    let peer = stage.udp_peer()?;
    peer.send("TIME\r\n")?.hear()?.send("TIME")?.hear()?.send("HALO\r\n")?.hear()?;
    // Nothing comes back for this one; the next reply shows that it was read.
    peer.send("QUIT\r\n")?.send("TIME\r\n")?.hear()?;
    Ok(())
}
