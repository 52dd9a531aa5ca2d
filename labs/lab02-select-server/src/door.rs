//! The door through which clients come, and when it stays shut.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::select::FD_SETSIZE;

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
        // Exercise 2.6: Descriptors run out.
        //     Ask about newcomers, but not as long as the door is shut: until somebody has left,
        //     or until the time has come to try again.
        //     check it: cargo test -p lab02 -- ex2_6
        //
        Interest::READABLE
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
        // Exercise 2.6: Descriptors run out.
        //     Tell the errors of accept apart: nobody is at the door any more (that ends the
        //     shortage, and is None), this one has left already or a signal came first (ask
        //     again), or it is worse (`shut` knows what to do).
        //     check it: cargo test -p lab02 -- ex2_6
        //
        // Whatever the reason, nobody comes in.
        Ok(self.listener.accept().ok())
    }

    /// Shuts the door if `error` says that there is no room for another client.
    fn shut(&mut self, clients: usize, error: io::Error) -> io::Result<()> {
        // Exercise 2.6: Descriptors run out.
        //     If `error` says that descriptors or memory have run out, say so in one line, once,
        //     and note the shortage until SHUT_LIMIT from now. Any other error is the listener's
        //     own: return it.
        //     check it: cargo test -p lab02 -- ex2_6
        //
        Err(error)
    }
}

/// Whether select can watch `stream`: a set is a row of FD_SETSIZE bits, and a descriptor is the
/// number of its bit.
pub fn fits_into_a_set(stream: &TcpStream) -> bool {
    // Exercise 2.6: Descriptors run out.
    //     Say whether the descriptor of `stream` is a place in a set: FdSet panics if it is
    //     not.
    //     check it: cargo test -p lab02 -- ex2_6
    //
    true
}
