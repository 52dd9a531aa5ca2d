//! What the scenes are played on: a server in a private network, and peers that do as told.

use std::cell::Cell;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

use super::peer::{LIMIT, Peer, UdpPeer};
use super::sheet::Sheet;
use crate::capture::network::{self, await_that};
use crate::capture::server::Server;

/// The port of the first peer; the next ones count on. So the same scene has the same ports.
const FIRST_PEER: u16 = 40001;

/// A server, and who comes next.
pub struct Stage {
    server: Option<Server>,
    address: SocketAddr,
    next_peer: Cell<u16>,
    /// What it keeps is gone with it.
    _folder: TempDir,
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
        let folder = tempfile::tempdir()?;
        let start = |arguments: &String| {
            let mut command = Command::new(program);
            command.args(["--listen", &address.to_string()]).args(shell_words::split(arguments)?);
            Server::start(command.current_dir(folder.path()).stderr(Stdio::null()))
        };
        let server = sheet.arguments.as_ref().map(start).transpose()?;
        Ok(Self { server, address, next_peer, _folder: folder })
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
        let server = self.server()?;
        server.signal(Signal::SIGSTOP)?;
        let status = format!("/proc/{}/status", server.pid()?);
        await_that(LIMIT, || Ok(fs::read_to_string(&status)?.contains("State:\tT")))
    }

    /// Lets it go on.
    pub fn thaw(&self) -> Result<()> {
        self.server()?.signal(Signal::SIGCONT)
    }

    /// Waits until two sockets have somebody to send to who takes nothing.
    pub fn await_standstill(&self) -> Result<()> {
        // The kernel's timer 4: when to ask a closed window whether it has opened.
        let stands = |socket: &[String]| socket[5].starts_with("04:");
        await_that(LIMIT, || {
            Ok(network::sockets()?.iter().filter(|socket| stands(socket)).count() == 2)
        })
    }

    fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("there is no server")
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
