//! What the scenes are played on: a server in a private network, and peers that do as told.

use std::cell::Cell;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

use super::peer::{LIMIT, Peer, UdpPeer};
use super::sheet::Sheet;
use crate::capture::recorder::await_that;

/// The port of the first peer; the next ones count on. So the same scene has the same ports.
const FIRST_PEER: u16 = 40001;

/// In which states of `/proc/net/tcp` nothing more will be sent: those that listen, and those that
/// only wait for late packets.
const AT_REST: [&str; 2] = ["0A", "06"];

/// A server, and who comes next.
pub struct Stage {
    server: Option<Child>,
    address: SocketAddr,
    next_peer: Cell<u16>,
    folder: TempDir,
}

impl Stage {
    /// Starts `program` as the sheet says, in a folder of its own, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When the server does not say that it listens.
    pub fn new(sheet: &Sheet, program: &Path) -> Result<Self> {
        set_up(sheet)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, sheet.port));
        let next_peer = Cell::new(FIRST_PEER);
        let mut stage = Self { server: None, address, next_peer, folder: tempfile::tempdir()? };
        if let Some(arguments) = &sheet.arguments {
            stage.start(program, arguments)?;
        }
        Ok(stage)
    }

    fn start(&mut self, program: &Path, arguments: &str) -> Result<()> {
        let server = Command::new(program)
            .args(["--listen", &self.address.to_string()])
            .args(shell_words::split(arguments)?)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let server = server.with_context(|| format!("cannot start {}", program.display()))?;
        let said = self.server.insert(server).stdout.take();
        let mut line = String::new();
        BufReader::new(said.context("its standard output is a pipe")?).read_line(&mut line)?;
        if !line.starts_with("listening on ") {
            bail!("the server does not listen: {line:?}");
        }
        Ok(())
    }

    /// A peer that has connected.
    pub fn peer(&self) -> Result<Peer> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&self.next_address().into())?;
        socket.connect_timeout(&self.address.into(), LIMIT).context("cannot connect")?;
        // Each send is a segment of its own, and leaves at once.
        socket.set_tcp_nodelay(true)?;
        Peer::new(TcpStream::from(socket))
    }

    /// Somebody who sends datagrams.
    pub fn udp_peer(&self) -> Result<UdpPeer> {
        let socket = UdpSocket::bind(self.next_address())?;
        socket.connect(self.address)?;
        UdpPeer::new(socket)
    }

    fn next_address(&self) -> SocketAddr {
        let port = self.next_peer.replace(self.next_peer.get() + 1);
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    /// Stops the server's clock: what is sent now, it finds all at once.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)?;
        let status = format!("/proc/{}/status", self.pid()?);
        await_that(|| Ok(fs::read_to_string(&status)?.contains("State:\tT")))
    }

    /// Lets it go on.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// Waits until two sockets have somebody to send to who takes nothing.
    pub fn await_standstill(&self) -> Result<()> {
        // The kernel's timer 4: when to ask a closed window whether it has opened.
        let stands = |socket: &[String]| socket[5].starts_with("04:");
        await_that(|| Ok(self.sockets()?.iter().filter(|socket| stands(socket)).count() == 2))
    }

    /// Waits until all connections are over, to the last acknowledgement.
    pub fn await_rest(&self) -> Result<()> {
        let rests = |socket: &Vec<String>| AT_REST.contains(&socket[3].as_str());
        await_that(|| Ok(self.sockets()?.iter().all(rests)))
    }

    /// The kernel's lines about TCP, word by word; there is nobody else's in this network.
    fn sockets(&self) -> Result<Vec<Vec<String>>> {
        let table = fs::read_to_string("/proc/net/tcp").context("cannot read /proc/net/tcp")?;
        let words = |line: &str| line.split_whitespace().map(String::from).collect();
        Ok(table.lines().skip(1).map(words).collect())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(Pid::from_raw(self.pid()?.try_into()?), signal)?)
    }

    fn pid(&self) -> Result<u32> {
        Ok(self.server.as_ref().context("there is no server")?.id())
    }
}

/// Gives the network, and the sockets that will be made in it, what the sheet wants.
fn set_up(sheet: &Sheet) -> Result<()> {
    if let Some(mtu) = sheet.mtu {
        let status =
            Command::new("ip").args(["link", "set", "lo", "mtu", &mtu.to_string()]).status();
        ensure!(status.context("cannot start ip")?.success(), "cannot set the MTU");
    }
    // Where the way there takes no time, the kernel soon takes a late acknowledgement for a loss.
    set("tcp_early_retrans", "0")?;
    if let Some(room) = sheet.room {
        // The least, the usual, the most.
        let room = format!("{room} {room} {room}");
        set("tcp_rmem", &room)?;
        set("tcp_wmem", &room)?;
    }
    Ok(())
}

/// Sets what TCP does in this network.
fn set(name: &str, value: &str) -> Result<()> {
    fs::write(format!("/proc/sys/net/ipv4/{name}"), value)
        .with_context(|| format!("cannot set {name}"))
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
