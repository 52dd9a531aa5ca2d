//! TCP: a request is a connection, with all that will be said on it.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::connection::Connection;
use crate::handler::Handler;
use crate::log;
use crate::transport::{Request, Transport};

/// A listener that never blocks: what the bell has promised may have gone again.
pub struct Tcp(pub(crate) TcpListener);

/// A client that has connected.
pub struct Call {
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) peer: SocketAddr,
}

impl Transport for Tcp {
    type Request = Call;

    fn take(&self) -> io::Result<Call> {
        let (stream, peer) = self.0.accept()?;
        Ok(Call { stream: Arc::new(stream), peer })
    }
}

impl AsFd for Tcp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Request for Call {
    fn peer(&self) -> SocketAddr {
        self.peer
    }

    fn stream(&self) -> Option<Arc<TcpStream>> {
        Some(Arc::clone(&self.stream))
    }

    fn attend(self, handler: &impl Handler, idle_limit: Duration) -> io::Result<()> {
        log::line(format_args!("{}: connected", self.peer));
        let mut connection = Connection::new(self.stream, idle_limit)?;
        handler.converse(&mut connection)?;
        connection.close();
        log::line(format_args!("{}: closed", self.peer));
        Ok(())
    }

    /// As inetd does: the connection is the child's standard input.
    fn give_to_child(self, mut command: Command) -> io::Result<Child> {
        // ANCHOR: ex8_4_connection
        let connection = OwnedFd::from(self.stream.try_clone()?);
        command.stdin(connection).stdout(Stdio::null()).spawn()
        // Our two descriptors of it are dropped here: one with `command`, one with `self`.
        // ANCHOR_END: ex8_4_connection
    }
}
