//! What TCP and UDP have in common, seen from the loop: something that requests come out of.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

use crate::handler::Handler;

/// Where requests come from. The framework has two, and nobody else need write one.
pub trait Transport: AsFd + Sync {
    type Request: Request + 'static;

    /// Takes the next request, which has come already.
    ///
    /// # Errors
    ///
    /// When there is none after all, or the socket itself has failed.
    fn take(&self) -> io::Result<Self::Request>;
}

/// One request: a connection with all that will be said on it, or a datagram.
pub trait Request: Send {
    /// Where it comes from.
    fn peer(&self) -> SocketAddr;

    /// The connection, if it has one that may have to be woken.
    fn stream(&self) -> Option<Arc<TcpStream>>;

    /// Has `handler` attend to it, in this process and thread.
    ///
    /// # Errors
    ///
    /// When the client is lost, or idle for too long.
    fn attend(self, handler: &impl Handler, idle_limit: Duration) -> io::Result<()>;

    /// Gives it to a child that is started by `command`, and keeps nothing of it.
    ///
    /// # Errors
    ///
    /// When the system gives out no more processes or descriptors.
    fn give_to_child(self, command: Command) -> io::Result<Child>;
}
