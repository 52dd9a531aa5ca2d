//! A server under measurement: started on its core, looked at from outside, ended with all its
//! children.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::contender::{Contender, Way};
use crate::plan::{Plan, say};
use crate::profile::Profile;
use crate::stranger;
use crate::tree::{self, Memory};

/// How long a program may take until it has begun.
const START_LIMIT: Duration = Duration::from_secs(10);

/// How often we look whether somebody has begun who does not say so.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// A server that runs. Dropping it kills its whole process group.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    profile: Option<Profile>,
}

impl Server {
    /// Starts a contender and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it does not start, or says nothing.
    pub fn start(plan: &Plan, contender: &Contender) -> Result<Self> {
        let mut server = match contender.way {
            Way::Says => Self::that_says_where(plan, contender),
            _ => Self::stranger(plan, contender),
        }
        .with_context(|| format!("cannot start {}", contender.name))?;
        if plan.profile {
            server.profile = Some(Profile::begin(plan, &contender.name)?);
        }
        Ok(server)
    }

    fn that_says_where(plan: &Plan, contender: &Contender) -> Result<Self> {
        let mut command = Command::new(&contender.program);
        command.args(&contender.arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut server = Self::spawn(plan, command)?;
        let output = server.child.stdout.take().context("no output")?;
        let mut line = String::new();
        // It says a line or ends: either way this comes back.
        BufReader::new(output.take(1024)).read_line(&mut line)?;
        let place = line.trim().rsplit(' ').next().unwrap_or_default();
        server.address = place.parse().with_context(|| format!("it said {line:?}"))?;
        Ok(server)
    }

    fn stranger(plan: &Plan, contender: &Contender) -> Result<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free.local_addr()?.port());
        drop(free);
        let mut server = Self::spawn(plan, stranger::command(plan, contender, address)?)?;
        server.address = address.into();
        await_start(&mut server.child, || stranger::listens(address))?;
        Ok(server)
    }

    fn spawn(plan: &Plan, mut command: Command) -> Result<Self> {
        command.stderr(Stdio::null()).process_group(0);
        let child = plan.cores.beside(|| command.spawn())?;
        Ok(Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), profile: None })
    }

    /// The CPU time it has taken so far, in seconds.
    pub fn cpu(&self) -> f64 {
        tree::cpu(self.child.id())
    }

    /// What it has in memory.
    pub fn memory(&self) -> Memory {
        tree::memory(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let profile = self.profile.take();
        if let Some(Err(error)) = profile.map(|profile| profile.end(self.child.id())) {
            say(format_args!("no profile: {error:#}"));
        }
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

/// Waits until a program that does not say so has begun.
///
/// # Errors
///
/// When it has ended instead, or takes too long.
pub fn await_start(child: &mut Child, has_begun: impl Fn() -> bool) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    while !has_begun() {
        ensure!(Instant::now() < deadline, "it does not begin");
        ensure!(child.try_wait()?.is_none(), "it has ended");
        thread::sleep(LOOK_PAUSE);
    }
    Ok(())
}
