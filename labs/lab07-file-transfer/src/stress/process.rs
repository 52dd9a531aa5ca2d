//! A client that is a process of its own, given complete: what it is told, and what it says.

use std::env;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::arguments::stress::{Clients, StressClient};
use crate::client::remote::Remote;
use crate::stress::rows::Combination;
use crate::stress::run::Run;
use crate::stress::server::name;

impl Run<'_> {
    /// Has client number `number` do its transfer in a process; says how long it took.
    ///
    /// # Errors
    ///
    /// When the transfer fails, or there can be no process.
    pub fn transfer_in_process(&self, number: usize) -> anyhow::Result<Duration> {
        let output = Command::new(env::current_exe()?)
            .args(["stress-client", &self.remote.server.to_string()])
            .args([&name(self.remote.wire), &name(self.row.operation)])
            .args([self.row.volume.to_string(), number.to_string()])
            .arg(self.remote.time_limit.as_secs_f64().to_string())
            .stdin(Stdio::null())
            .output()
            .context("cannot start a client")?;
        let said = String::from_utf8_lossy(&output.stdout);
        match said.trim().parse() {
            Ok(seconds) => Ok(Duration::from_secs_f64(seconds)),
            Err(_) => bail!("{}", String::from_utf8_lossy(&output.stderr).trim()),
        }
    }
}

impl StressClient {
    /// What one client does that is a process of its own.
    ///
    /// # Errors
    ///
    /// When its transfer fails.
    pub fn run(&self) -> anyhow::Result<()> {
        let Self { server, wire, operation, volume, number, time_limit } = *self;
        let row = Combination { number: 0, operation, volume, clients: 1, servers: 0 };
        let remote = Remote { server, wire, time_limit };
        let (folder, stop) = (None, &AtomicBool::new(false));
        let run = Run { row, remote, clients: Clients::Threads, folder, stop };
        println!("{}", run.transfer(number)?.as_secs_f64());
        Ok(())
    }
}
