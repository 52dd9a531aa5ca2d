//! A server as its client sees it, given complete: where it is, and what it can be asked.

use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;

use crate::arguments::Wire;
use crate::buffers::Buffers;
use crate::client::{json, raw};
use crate::connection::Connection;
use crate::wire::sums::Sums;

/// Where the content of a file goes, piece after piece.
pub type Sink<'a> = dyn FnMut(&[u8]) -> anyhow::Result<()> + 'a;

/// A server. Each question has a connection of its own: some servers take no second one.
#[derive(Clone, Copy)]
pub struct Remote {
    pub server: SocketAddr,
    pub wire: Wire,
    /// How long to wait for it each time.
    pub time_limit: Duration,
}

impl Remote {
    /// The names of all files.
    ///
    /// # Errors
    ///
    /// When the server does not tell them.
    pub fn list(&self) -> anyhow::Result<Vec<String>> {
        self.talk(|connection| match self.wire {
            Wire::Json => json::list(connection),
            Wire::Raw => raw::list(connection),
        })
    }

    /// Brings the file `name`, all of it.
    ///
    /// # Errors
    ///
    /// When it does not come, or not whole; then what the sink has taken is worth nothing.
    pub fn download(&self, name: &str, sink: &mut Sink<'_>) -> anyhow::Result<()> {
        self.talk(|connection| match self.wire {
            Wire::Json => json::download(connection, name, sink),
            Wire::Raw => raw::download(connection, name, sink),
        })
    }

    /// Sends the `size` bytes of `source`, to be stored as `name`.
    ///
    /// # Errors
    ///
    /// When the server does not say that it has stored them.
    pub fn upload(&self, name: &str, source: &mut dyn Read, size: u64) -> anyhow::Result<()> {
        self.talk(|connection| match self.wire {
            Wire::Json => json::upload(connection, name, source),
            Wire::Raw => raw::upload(connection, name, source, size),
        })
    }

    /// Deletes the file `name`.
    ///
    /// # Errors
    ///
    /// When the server does not say that it has.
    pub fn delete(&self, name: &str) -> anyhow::Result<()> {
        self.talk(|connection| match self.wire {
            Wire::Json => json::delete(connection, name),
            Wire::Raw => raw::delete(connection, name),
        })
    }

    /// How many transfers have succeeded and failed.
    ///
    /// # Errors
    ///
    /// When the server does not tell; not every one counts.
    pub fn stats(&self) -> anyhow::Result<Sums> {
        self.talk(|connection| match self.wire {
            Wire::Json => json::stats(connection),
            Wire::Raw => raw::stats(connection),
        })
    }

    /// Connects, asks `question`, and takes leave.
    fn talk<T>(
        &self,
        question: impl FnOnce(&mut Connection<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut buffers = Buffers::new();
        let answer = self.connect(&mut buffers).map_err(anyhow::Error::from);
        let answer = answer.and_then(|mut connection| {
            let answer = question(&mut connection)?;
            // When the server has closed too, it has counted what we did.
            connection.close();
            Ok(answer)
        });
        answer.map_err(|error| self.explained(error))
    }

    fn connect<'a>(&self, buffers: &'a mut Buffers) -> io::Result<Connection<'a>> {
        let stream = TcpStream::connect_timeout(&self.server, self.time_limit)?;
        Connection::new(Arc::new(stream), buffers, self.time_limit)
    }

    /// Says in one sentence for the user what a failure of the connection means.
    fn explained(&self, error: anyhow::Error) -> anyhow::Error {
        let server = self.server;
        let Some(cause) = error.downcast_ref::<io::Error>() else { return error };
        match cause.kind() {
            ErrorKind::ConnectionRefused => {
                anyhow!("{server} refused the connection: is the server running?")
            }
            ErrorKind::TimedOut => {
                anyhow!("{server} is silent: nothing has moved for {:?}", self.time_limit)
            }
            ErrorKind::UnexpectedEof => {
                anyhow!("{server} closed the connection before the whole reply had come")
            }
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                anyhow!("the connection to {server} was lost: {cause}")
            }
            // It has been said in words already, by whoever reads or takes the content.
            ErrorKind::Other => error,
            _ => error.context(format!("cannot talk to {server}")),
        }
    }
}
