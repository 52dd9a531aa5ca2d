//! The door through which clients come, and when it stays shut.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;

use crate::interest::Interest;

/// How long the door stays shut when descriptors have run out and nobody leaves.
const SHUT_LIMIT: Duration = Duration::from_secs(1);

/// Where clients are let in.
pub struct Door<'a> {
    listener: &'a TcpListener,
    shortage: Option<Shortage>,
}

/// There was no descriptor for one client more.
struct Shortage {
    /// How many clients were here.
    clients: usize,
    /// Until when the door stays shut, unless one of them leaves.
    until: Instant,
}

impl<'a> Door<'a> {
    /// A door that is open.
    pub fn new(listener: &'a TcpListener) -> Self {
        Self { listener, shortage: None }
    }

    /// What we want to be told about newcomers when so many `clients` are here: nothing, as long
    /// as there is no room for them.
    pub fn interest(&self, clients: usize, now: Instant) -> Interest {
        match &self.shortage {
            Some(it) if clients >= it.clients && now < it.until => Interest::NONE,
            _ => Interest::READABLE,
        }
    }

    /// What to wait for.
    pub fn listener(&self) -> BorrowedFd<'a> {
        self.listener.as_fd()
    }

    /// When it opens again, if it is shut.
    pub fn opens(&self, clients: usize, now: Instant) -> Option<Instant> {
        let shortage = self.shortage.as_ref()?;
        (self.interest(clients, now) == Interest::NONE).then_some(shortage.until)
    }

    /// Lets one client in, if one stands there; so many `clients` are here already.
    ///
    /// # Errors
    ///
    /// When the listener itself fails.
    pub fn let_in(&mut self, clients: usize) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        loop {
            match self.listener.accept() {
                Ok(newcomer) => return Ok(Some(newcomer)),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => {
                        // Nobody is left outside.
                        self.shortage = None;
                        return Ok(None);
                    }
                    // That one has left already, or a signal came first: the next, please.
                    ErrorKind::ConnectionAborted | ErrorKind::Interrupted => {}
                    _ => return self.shut(clients, error).map(|()| None),
                },
            }
        }
    }

    /// Shuts the door if `error` says that there is no room for another client.
    fn shut(&mut self, clients: usize, error: io::Error) -> io::Result<()> {
        match Errno::from_raw(error.raw_os_error().unwrap_or_default()) {
            Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM => {
                if self.shortage.is_none() {
                    eprintln!("no room for another client: {error}; newcomers wait");
                }
                let until = Instant::now() + SHUT_LIMIT;
                self.shortage = Some(Shortage { clients, until });
                Ok(())
            }
            _ => Err(error),
        }
    }
}
