//! The server of a row, given complete: another copy of this program, and the folder of its files.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};

use anyhow::Context;
use clap::ValueEnum;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::arguments::{Mode, Wire};

/// A folder that lasts as long as this.
pub struct Folder {
    pub path: PathBuf,
}

/// A server that runs as long as this.
pub struct Server {
    pub address: SocketAddr,
    mode: Mode,
    child: Child,
}

impl Folder {
    /// Makes a folder in `parent`.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn make(parent: &Path) -> anyhow::Result<Self> {
        let path = parent.join(format!("stress-{}", process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("cannot remove {}: {error}", self.path.display());
        }
    }
}

impl Server {
    /// Starts a server with so many workers.
    ///
    /// # Errors
    ///
    /// When it does not say where it listens.
    pub fn start(mode: Mode, workers: usize, wire: Wire, folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["--listen", "127.0.0.1:0", "--mode", &name(mode), "--wire", &name(wire)])
            .args(["--workers", &workers.to_string(), "--storage"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start a server")?;
        let mut line = String::new();
        let output = child.stdout.take().context("the server has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim_end().strip_prefix("listening on ").and_then(|it| it.parse().ok());
        // From here on it is stopped whatever happens.
        let mut server = Self { address: SocketAddr::from(([0; 4], 0)), mode, child };
        server.address = address.context("the server does not say where it listens")?;
        Ok(server)
    }

    /// The most memory that the server has had, in bytes, as far as the system tells. Of a server
    /// with processes nobody knows: they share a part of theirs.
    pub fn memory(&self) -> Option<u64> {
        if self.mode == Mode::Process {
            return None;
        }
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It sees its workers out itself.
        let number = i32::try_from(self.child.id()).map(Pid::from_raw);
        if number.is_ok_and(|number| kill(number, Signal::SIGTERM).is_err()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A value as it is written on the command line.
pub fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
}
