//! A server under measurement: started on its core, looked at from outside, ended with all its
//! children.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, Uid};

use crate::contender::{Contender, Way};
use crate::plan::Plan;
use crate::tree::{self, Memory};

/// How long a server may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(10);

/// How often nginx is asked whether it is there yet: it does not say so itself.
const KNOCK_PAUSE: Duration = Duration::from_millis(5);

/// A server that runs. Dropping it kills its whole process group.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts a contender and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it does not start, or says nothing.
    pub fn start(plan: &Plan, contender: &Contender) -> Result<Self> {
        match contender.way {
            Way::Says => Self::that_says_where(plan, contender),
            Way::Nginx => Self::nginx(plan, contender),
        }
        .with_context(|| format!("cannot start {}", contender.name))
    }

    fn that_says_where(plan: &Plan, contender: &Contender) -> Result<Self> {
        let mut command = Command::new(&contender.program);
        command.args(&contender.arguments).stdout(Stdio::piped());
        let mut server = Self::spawn(plan, command)?;
        let output = server.child.stdout.take().context("no output")?;
        let mut line = String::new();
        // It says a line or ends: either way this comes back.
        BufReader::new(output.take(1024)).read_line(&mut line)?;
        let place = line.trim().rsplit(' ').next().unwrap_or_default();
        server.address = place.parse().with_context(|| format!("it said {line:?}"))?;
        Ok(server)
    }

    fn nginx(plan: &Plan, contender: &Contender) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(&contender.program);
        command.arg("-c").arg(nginx_settings(plan, address)?).arg("-p").arg(plan.scratch(""));
        command.arg("-e").arg("/dev/null").stdout(Stdio::null());
        let mut server = Self::spawn(plan, command)?;
        server.address = address;
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < deadline, "it does not listen");
            ensure!(server.child.try_wait()?.is_none(), "it has ended");
            thread::sleep(KNOCK_PAUSE);
        }
        Ok(server)
    }

    fn spawn(plan: &Plan, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let child = plan.cores.beside(|| command.spawn())?;
        Ok(Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) })
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
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

/// Writes the settings of nginx: one worker, no log, files by sendfile.
fn nginx_settings(plan: &Plan, address: SocketAddr) -> Result<PathBuf> {
    let user = if Uid::effective().is_root() { "user root;" } else { "" };
    let folder = plan.scratch("nginx");
    fs::create_dir_all(&folder)?;
    let (folder, files) = (folder.display(), plan.files());
    let files = files.display();
    let settings = format!(
        "daemon off; worker_processes 1; {user} pid {folder}/pid; error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen {address} backlog=1024; root {files}; }}
}}
"
    );
    let path = plan.scratch("nginx.conf");
    fs::write(&path, settings)?;
    Ok(path)
}
