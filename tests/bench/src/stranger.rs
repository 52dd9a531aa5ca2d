//! Servers that others wrote and many know: how they are told what to serve, and where.

use std::fs::{self, File};
use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use nix::unistd::Uid;

use crate::contender::{Contender, Way};
use crate::plan::Plan;

/// A socket that listens, in the kernel's list.
const LISTENS: &str = "0A";

/// What starts a contender so that it listens at `address`.
///
/// # Errors
///
/// When its settings cannot be written, or it is one of ours.
pub fn command(plan: &Plan, contender: &Contender, address: SocketAddrV4) -> Result<Command> {
    let mut command = Command::new(&contender.program);
    command.args(&contender.arguments).stdin(Stdio::null()).stdout(Stdio::null());
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    match contender.way {
        Way::Nginx => {
            command.arg("-c").arg(nginx_settings(plan, address)?).arg("-p").arg(plan.scratch(""));
            command.args(["-e", "/dev/null"]);
        }
        Way::Ncat(len) => {
            command.args(["--listen", "--send-only", &host, &port]);
            command.stdin(File::open(plan.file(len)?)?);
        }
        Way::Rsync => {
            command.args(["--daemon", "--no-detach", "--address", &host, "--port", &port]);
            command.arg("--config").arg(rsync_settings(plan)?);
        }
        Way::Says | Way::Nobody => bail!("it needs no settings of ours"),
    }
    Ok(command)
}

/// Whether somebody listens at `address`. The kernel says it: to knock would take the only
/// connection that ncat accepts.
pub fn listens(address: SocketAddrV4) -> bool {
    let host = u32::from_ne_bytes(address.ip().octets());
    let local = format!("{host:08X}:{:04X}", address.port());
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    sockets.lines().any(|line| {
        let mut words = line.split_whitespace().skip(1);
        words.next() == Some(&local) && words.nth(1) == Some(LISTENS)
    })
}

/// One worker, no log, files by sendfile.
fn nginx_settings(plan: &Plan, address: SocketAddrV4) -> Result<PathBuf> {
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

/// Our files as the module `files`, to be read.
fn rsync_settings(plan: &Plan) -> Result<PathBuf> {
    // As root it would become nobody, whose the files are not.
    let user = if Uid::effective().is_root() { "uid = root\ngid = root\n" } else { "" };
    let files = plan.files();
    let files = files.display();
    let settings = format!("use chroot = no\n{user}[files]\npath = {files}\n");
    let path = plan.scratch("rsync.conf");
    fs::write(&path, settings)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr, TcpListener};

    use super::*;

    #[test]
    fn who_listens_is_seen_and_who_does_not_is_not() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let SocketAddr::V4(address) = listener.local_addr().unwrap() else { unreachable!() };
        assert!(listens(address));
        drop(listener);
        assert!(!listens(address));
    }
}
