//! What the judge asks of the system: a loopback, descriptors, and what Linux tells of processes.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Finding::{self, Missing, Without, Works};

/// How many descriptors the largest crowd of clients takes, on both sides.
const DESCRIPTORS: u64 = 4096;

/// How long a process may take to stop.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// What happens to promises that need more than the system gives.
const NOT_JUDGED: &str = "some promises will be \"not judged\", which costs nothing; \
    all of them are judged on Linux (on Windows: inside WSL2)";

pub fn all() -> Vec<Finding> {
    vec![loopback(), processes(), stopping(), descriptors()]
}

/// Whether a program here can talk to another one here.
fn loopback() -> Finding {
    let talk = || TcpStream::connect(TcpListener::bind("127.0.0.1:0")?.local_addr()?);
    match talk() {
        Ok(_) => Works("the loopback: a connection to 127.0.0.1".into()),
        Err(error) => Missing(
            format!("the loopback: no connection to 127.0.0.1: {error}"),
            "in a container or sandbox, bring it up: ip link set lo up".into(),
        ),
    }
}

/// Whether the judge can look at a program from outside.
fn processes() -> Finding {
    let needed = ["/proc/self/net/tcp", "/proc/self/fd", "/proc/self/environ", "/proc/self/stat"];
    match needed.iter().find(|path| !Path::new(path).exists()) {
        None => Works("/proc: who listens, who waits, what is left over".into()),
        Some(path) => Without(format!("/proc: there is no {path}"), NOT_JUDGED.into()),
    }
}

/// Whether a program can be frozen: so bytes are made to arrive all at once.
fn stopping() -> Finding {
    let started = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let Ok(mut child) = started else {
        return Without("freezing a program: nothing to try it with".into(), NOT_JUDGED.into());
    };
    let stopped = stops(&child);
    let _ = child.kill();
    let _ = child.wait();
    match stopped {
        true => Works("freezing a program (SIGSTOP)".into()),
        false => Without("freezing a program (SIGSTOP) does nothing".into(), NOT_JUDGED.into()),
    }
}

fn stops(child: &Child) -> bool {
    let pid = i32::try_from(child.id()).expect("a process number fits");
    let is_stopped = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['T', 't']))
    };
    let limit = Instant::now() + STOP_LIMIT;
    let sent = kill(Pid::from_raw(pid), Signal::SIGSTOP).is_ok();
    while sent && !is_stopped() && Instant::now() < limit && Path::new("/proc/self").exists() {
        thread::yield_now();
    }
    is_stopped()
}

fn descriptors() -> Finding {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
    let may = if hard > soft { format!(", and may take {hard}") } else { String::new() };
    let what = format!("descriptors: a program has {soft}{may}");
    match hard < DESCRIPTORS {
        true => Without(
            format!("{what}; the largest crowd takes {DESCRIPTORS}"),
            "raise the hard limit (ulimit -Hn, /etc/security/limits.conf); else the promises with \
             the largest crowds are not judged"
                .into(),
        ),
        false => Works(what),
    }
}
