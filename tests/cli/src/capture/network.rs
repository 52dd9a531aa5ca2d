//! A private network: nothing in it but a loopback interface of its own.
//!
//! Who makes it may capture in it, and nobody else's packets are there; ports are free, and what
//! is set there changes nothing outside.

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// An Ethernet's packets, one write each at most: as they would look between two machines.
const SET_UP: &str = "ip link set lo mtu 1500 gso_max_segs 1 up && exec \"$@\"";

/// The ways to make one: as root, and as anybody where the kernel lets users make namespaces.
const WAYS: [&str; 2] = ["-n", "-rn"];

/// In which states of `/proc/net/tcp` nothing more will be sent: those that listen, and those that
/// only wait for late packets.
const AT_REST: [&str; 2] = ["0A", "06"];

/// How soon we look again whether something holds.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A way in which this machine makes private networks.
pub struct Way(&'static str);

impl Way {
    /// Finds one.
    ///
    /// # Errors
    ///
    /// When there is none; the error says why, in the kernel's words.
    pub fn find() -> Result<Self> {
        let mut why = String::from("this system has no `unshare`; private networks are Linux's");
        for way in WAYS {
            let tried = Self(way).command("true").stdin(Stdio::null()).output();
            match tried {
                Ok(output) if output.status.success() => return Ok(Self(way)),
                Ok(output) => why = String::from_utf8_lossy(&output.stderr).trim().to_string(),
                Err(_) => {}
            }
        }
        bail!("cannot make a private network: {why}")
    }

    /// A command that runs `program` in a new private network, with the arguments that follow.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("unshare");
        command.args([self.0, "sh", "-c", SET_UP, "sh"]).arg(program);
        command
    }
}

/// Waits until all connections of this network are over, to the last acknowledgement.
///
/// # Errors
///
/// When they are not within `limit`.
pub fn await_rest(limit: Duration) -> Result<()> {
    let rests = |socket: &Vec<String>| AT_REST.contains(&socket[3].as_str());
    await_that(limit, || Ok(sockets()?.iter().all(rests))).context("a connection does not end")
}

/// The kernel's lines about the TCP sockets of this network, word by word.
pub fn sockets() -> Result<Vec<Vec<String>>> {
    let table = fs::read_to_string("/proc/net/tcp").context("cannot read /proc/net/tcp")?;
    let words = |line: &str| line.split_whitespace().map(String::from).collect();
    Ok(table.lines().skip(1).map(words).collect())
}

/// Asks again until the answer is yes.
///
/// # Errors
///
/// When it is not within `limit`.
pub fn await_that(limit: Duration, holds: impl Fn() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !holds()? {
        if begun.elapsed() > limit {
            bail!("waited {} s in vain", limit.as_secs());
        }
        thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}
