//! Records what goes over the loopback interface, with dumpcap.
//!
//! Nothing is lost at either end, and nobody sleeps for that: dumpcap says when it captures, and a
//! datagram of ours is the last packet, which is cut out again.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use super::network::await_that;

/// The port to which the last packet goes: nobody's, and nothing is sent there else.
const LAST_PORT: u16 = 9;

/// What the last packet says.
const LAST_WORDS: &[u8] = b"wirelab: that was all";

/// How long dumpcap may take to begin, or to write what it has.
const LIMIT: Duration = Duration::from_secs(10);

/// A capture that goes on.
pub struct Recorder {
    dumpcap: Child,
    raw: PathBuf,
    /// Takes the last packet, so that no ICMP answers it.
    last: UdpSocket,
}

impl Recorder {
    /// Begins to record, of each packet at most `bytes`, into a file beside `capture`.
    ///
    /// # Errors
    ///
    /// When there is no dumpcap, or it may not capture here.
    pub fn start(capture: &Path, bytes: Option<u32>) -> Result<Self> {
        let_ctrl_c_pass()?;
        let raw = capture.with_extension("raw.pcapng");
        let last = UdpSocket::bind(("127.0.0.1", LAST_PORT)).context("cannot bind UDP port 9")?;
        let mut command = Command::new("dumpcap");
        command.args(["-q", "-i", "lo", "-w"]).arg(&raw);
        command.args(bytes.map(|bytes| format!("-s{bytes}")));
        let mut dumpcap = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("cannot start dumpcap; it comes with tshark")?;
        let said = dumpcap.stderr.take().context("its standard error is a pipe")?;
        let recorder = Self { dumpcap, raw, last };
        await_file(BufReader::new(said))?;
        Ok(recorder)
    }

    /// Ends it, once everything that was sent before is in the file, and writes `capture`.
    ///
    /// # Errors
    ///
    /// When dumpcap does not end, or tshark does not write the file.
    pub fn finish(mut self, capture: &Path) -> Result<()> {
        self.last.send_to(LAST_WORDS, self.last.local_addr()?).context("cannot send")?;
        let has_all = || has_last_words(&self.raw);
        await_that(LIMIT, has_all).context("dumpcap does not write what it has seen")?;
        kill(Pid::from_raw(self.dumpcap.id().try_into()?), Signal::SIGINT)?;
        self.dumpcap.wait().context("cannot wait for dumpcap")?;
        let output = Command::new("tshark")
            .args(["-n", "-Y", &format!("!(udp.dstport == {LAST_PORT})"), "-r"])
            .arg(&self.raw)
            .arg("-w")
            .arg(capture)
            .output()
            .context("cannot start tshark")?;
        if !output.status.success() {
            bail!("tshark: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Most often it has ended long ago.
        let _ = self.dumpcap.kill();
        let _ = self.dumpcap.wait();
        let _ = fs::remove_file(&self.raw);
    }
}

/// Waits for dumpcap to name its file: then it captures.
fn await_file(said: impl BufRead + Send + 'static) -> Result<()> {
    let mut words = Vec::new();
    let mut lines = said.lines();
    for line in lines.by_ref() {
        let line = line.context("cannot read what dumpcap says")?;
        if line.starts_with("File: ") {
            // It must not meet a full pipe, or one that nobody reads.
            thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        words.push(line);
    }
    bail!("dumpcap does not capture: {}", words.join(" "))
}

fn has_last_words(file: &Path) -> Result<bool> {
    match fs::read(file) {
        Ok(bytes) => Ok(bytes.windows(LAST_WORDS.len()).any(|window| window == LAST_WORDS)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).context("cannot read what dumpcap has written"),
    }
}

/// Lets Ctrl+C be for what is recorded: whoever records ends after that, and with a whole file.
pub fn let_ctrl_c_pass() -> Result<()> {
    flag::register(SIGINT, Arc::default()).map(drop).context("cannot take SIGINT")
}
