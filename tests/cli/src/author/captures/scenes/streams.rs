//! Labs 01 to 03: every byte comes back. What there is to see is TCP itself.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};

use super::super::peer::{Peer, is_refused};
use super::super::stage::Stage;
use super::{Script, letters};

pub const SCENES: &[(&str, Script)] = &[
    ("01-handshake-and-goodbye", handshake_and_goodbye),
    ("01-half-close", half_close),
    ("01-reset", reset),
    ("01-refused", refused),
    ("01-second-client-waits", second_client_waits),
    ("01-back-pressure", |stage| back_pressure(stage, 64 * 1024)),
    ("02-many-clients", many_clients),
    ("02-high-water", |stage| back_pressure(stage, 480 * 1024)),
    ("03-many-clients", many_clients),
    ("03-idle-client", idle_client),
];

/// How long both windows stay closed: long enough that each sender asks whether it still is.
const STANDSTILL: Duration = Duration::from_secs(1);

/// What each of many clients says.
const NAMES: [&str; 6] = ["ayu\n", "budi\n", "citra\n", "dewi\n", "eko\n", "fitri\n"];

fn handshake_and_goodbye(stage: &Stage) -> Result<()> {
    stage.peer()?.send("halo\n")?.hear(5)?.part()
}

fn half_close(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("halo\n")?.hear(5)?;
    // The server must not be so fast that nothing is left to say after the end of ours.
    stage.freeze()?;
    peer.send("satu\n")?.send("dua\n")?.end()?;
    stage.thaw()?;
    peer.hear_end()?;
    Ok(())
}

fn reset(stage: &Stage) -> Result<()> {
    let mut peer = stage.peer()?;
    peer.send("halo\n")?.hear(5)?;
    peer.reset()
}

fn refused(stage: &Stage) -> Result<()> {
    is_refused(&stage.peer())
}

fn second_client_waits(stage: &Stage) -> Result<()> {
    let mut first = stage.peer()?;
    first.send("satu\n")?.hear(5)?;
    let mut second = stage.peer()?;
    second.send("dua\n")?;
    first.send("tiga\n")?.hear(5)?.part()?;
    second.hear(4)?.part()
}

/// Sends, and hears nothing until everybody waits for everybody.
fn back_pressure(stage: &Stage, count: usize) -> Result<()> {
    let mut peer = stage.peer()?;
    let sender = peer.send_meanwhile(letters(count))?;
    stage.await_standstill().context("somebody still takes something")?;
    thread::sleep(STANDSTILL);
    ensure!(!sender.is_finished(), "everything was taken");
    peer.hear(count)?;
    sender.join().map_err(|_| anyhow!("the sender has panicked"))??;
    peer.part()
}

/// All come, then all speak, the last one first; then all leave.
fn many_clients(stage: &Stage) -> Result<()> {
    let peers: Result<Vec<Peer>> = NAMES.iter().map(|_| stage.peer()).collect();
    let mut peers = peers?;
    for (peer, name) in peers.iter_mut().zip(NAMES).rev() {
        peer.send(name)?;
    }
    for (peer, name) in peers.iter_mut().zip(NAMES) {
        peer.hear(name.len())?;
    }
    peers.iter_mut().try_for_each(Peer::part)
}

fn idle_client(stage: &Stage) -> Result<()> {
    stage.peer()?.send("halo\n")?.hear(5)?.hear_end()?;
    Ok(())
}
