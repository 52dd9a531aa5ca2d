//! A server that was started to be recorded.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::{io, thread};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// What a server says when it is ready.
const READY: &str = "listening on ";

/// A server that listens; it ends when this is dropped.
pub struct Server {
    process: Child,
    /// What it has said first: where it listens.
    pub said: String,
}

impl Server {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it does not say so.
    pub fn start(command: &mut Command) -> Result<Self> {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Ctrl+C is for its client.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let mut server = Self { process, said: String::new() };
        let said = server.process.stdout.take().context("its standard output is a pipe")?;
        let mut said = BufReader::new(said);
        said.read_line(&mut server.said).context("cannot read what the server says")?;
        server.said.truncate(server.said.trim_end().len());
        if !server.said.starts_with(READY) {
            bail!("the server should say where it is listening, and says {:?}", server.said);
        }
        // What else it says is for people.
        thread::spawn(move || io::copy(&mut said, &mut io::stdout()));
        Ok(server)
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill(self.pid()?, signal).context("cannot send the server a signal")
    }

    pub fn pid(&self) -> Result<Pid> {
        Ok(Pid::from_raw(self.process.id().try_into()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its workers, if it has any, are in its group.
        if let Ok(pid) = self.pid() {
            let _ = nix::sys::signal::killpg(pid, Signal::SIGKILL);
        }
        let _ = self.process.wait();
    }
}
