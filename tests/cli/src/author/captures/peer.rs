//! A peer that does as told.

use std::io;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use socket2::SockRef;

/// How long a peer waits for the server.
pub const LIMIT: Duration = Duration::from_secs(10);

/// The longest datagram that a scene expects.
const DATAGRAM_LEN_MAX: usize = 1500;

/// One end of a connection.
pub struct Peer {
    stream: TcpStream,
}

impl Peer {
    pub fn new(stream: TcpStream) -> Result<Self> {
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self { stream })
    }

    /// Sends `bytes`, as one segment if there is room for them.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<&mut Self> {
        self.stream.write_all(bytes.as_ref()).context("cannot send")?;
        Ok(self)
    }

    /// Goes on sending `bytes` while something else is done.
    pub fn send_meanwhile(&mut self, bytes: Vec<u8>) -> Result<JoinHandle<io::Result<()>>> {
        let mut stream = self.stream.try_clone()?;
        Ok(thread::spawn(move || stream.write_all(&bytes)))
    }

    /// Hears `count` bytes.
    pub fn hear(&mut self, count: usize) -> Result<&mut Self> {
        self.stream.read_exact(&mut vec![0; count]).context("heard too little")?;
        Ok(self)
    }

    /// Hears everything up to the first `end`.
    pub fn hear_until(&mut self, end: &str) -> Result<&mut Self> {
        self.heard_until(end)?;
        Ok(self)
    }

    /// The same, and what it was.
    pub fn heard_until(&mut self, end: &str) -> Result<String> {
        let (mut heard, mut byte) = (String::new(), [0]);
        while !heard.ends_with(end) {
            let context = || format!("heard no {end:?} in {heard:?}");
            self.stream.read_exact(&mut byte).with_context(context)?;
            heard.push(byte[0].into());
        }
        Ok(heard)
    }

    /// Hears everything up to the end of the stream.
    pub fn hear_end(&mut self) -> Result<&mut Self> {
        io::copy(&mut self.stream, &mut io::sink()).context("heard no end")?;
        Ok(self)
    }

    /// Says that nothing more will come, and goes on hearing.
    pub fn end(&mut self) -> Result<&mut Self> {
        self.stream.shutdown(Shutdown::Write).context("cannot end")?;
        Ok(self)
    }

    /// Ends, and hears the other end too.
    pub fn part(&mut self) -> Result<()> {
        self.end()?.hear_end().map(drop)
    }

    /// Tears the connection down.
    pub fn reset(self) -> Result<()> {
        // To close what must not linger is how a program sends a reset.
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).context("cannot set linger")
    }
}

/// Somebody who sends datagrams.
pub struct UdpPeer {
    socket: UdpSocket,
}

impl UdpPeer {
    pub fn new(socket: UdpSocket) -> Result<Self> {
        socket.set_read_timeout(Some(LIMIT))?;
        Ok(Self { socket })
    }

    pub fn send(&self, bytes: impl AsRef<[u8]>) -> Result<&Self> {
        self.socket.send(bytes.as_ref()).context("cannot send")?;
        Ok(self)
    }

    pub fn hear(&self) -> Result<&Self> {
        self.socket.recv(&mut [0; DATAGRAM_LEN_MAX]).context("heard nothing")?;
        Ok(self)
    }
}

/// Whether nobody listened.
pub fn is_refused(outcome: &Result<Peer>) -> Result<()> {
    match outcome {
        Ok(_) => bail!("somebody listened"),
        Err(error) => match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(ErrorKind::ConnectionRefused) => Ok(()),
            other => bail!("not refused, but {other:?}"),
        },
    }
}
