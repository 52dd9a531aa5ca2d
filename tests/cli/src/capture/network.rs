//! A private network: nothing in it but a loopback interface of its own.
//!
//! Who makes it may capture in it, and nobody else's packets are there; ports are free, and what
//! is set there changes nothing outside.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

/// An Ethernet's packets, one write each at most: as they would look between two machines.
const SET_UP: &str = "ip link set lo mtu 1500 gso_max_segs 1 up && exec \"$@\"";

/// The ways to make one: as root, and as anybody where the kernel lets users make namespaces.
const WAYS: [&str; 2] = ["-n", "-rn"];

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
