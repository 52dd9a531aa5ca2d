//! The loop: it waits for requests, takes them, and has them run.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::guests::Guests;
use crate::handler::Handler;
use crate::log;
use crate::run::{Crew, Host, Run};
use crate::shutdown::ShutdownHandle;
use crate::tcp::Tcp;
use crate::transport::{Request, Transport};
use crate::udp::Udp;

/// How long a client may be idle, unless the server says otherwise.
const IDLE_LIMIT: Duration = Duration::from_secs(120);

/// How long we wait for better times when the system gives out no more descriptors or threads.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(500);

/// How long we wait for a datagram that was there a moment ago.
const GONE_LIMIT: Duration = Duration::from_millis(1);

/// What a call fails with when descriptors run out: ENFILE and EMFILE, the same on every Unix.
const NO_DESCRIPTORS: [i32; 2] = [23, 24];

/// A server whose requests are connections.
pub type TcpServer<H> = Server<Tcp, H>;

/// A server whose requests are datagrams.
pub type UdpServer<H> = Server<Udp, H>;

/// Requests of one kind, what is said to them, and how they are run.
pub struct Server<T, H> {
    transport: T,
    host: Host<H>,
    run: Run,
}

impl<H: Handler + Send> TcpServer<H> {
    /// A server for those who connect to `listener`.
    ///
    /// # Errors
    ///
    /// When the listener takes no settings, or there are no descriptors left.
    pub fn new(listener: TcpListener, handler: H, run: Run) -> io::Result<Self> {
        // A client that is gone again before we take it must not hold us up.
        listener.set_nonblocking(true)?;
        Self::over(Tcp(listener), handler, run)
    }
}

impl<H: Handler + Send> UdpServer<H> {
    /// A server for those who send datagrams to `socket`.
    ///
    /// # Errors
    ///
    /// When the socket takes no settings, or there are no descriptors left.
    pub fn new(socket: UdpSocket, handler: H, run: Run) -> io::Result<Self> {
        // Replies may wait for room, so the socket blocks; but nobody waits for what has gone.
        socket.set_read_timeout(Some(GONE_LIMIT))?;
        Self::over(Udp(Arc::new(socket)), handler, run)
    }
}

impl<T: Transport, H: Handler + Send> Server<T, H> {
    fn over(transport: T, handler: H, run: Run) -> io::Result<Self> {
        let host = Host { handler, guests: Guests::new()?, idle_limit: IDLE_LIMIT };
        Ok(Self { transport, host, run })
    }

    /// The same server, which lets clients be idle for `limit` and no longer.
    #[must_use]
    pub fn with_idle_limit(mut self, limit: Duration) -> Self {
        self.host.idle_limit = limit;
        self
    }

    /// What ends this server, from another thread.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle { guests: Arc::clone(&self.host.guests) }
    }

    /// Serves until somebody calls [`ShutdownHandle::shutdown`]; when this returns, no request is
    /// run any more.
    ///
    /// # Errors
    ///
    /// When the socket itself fails. What happens to one request is not an error of the server.
    pub fn serve_forever(self) -> io::Result<()> {
        let _serving = self.host.guests.serving();
        // Dropped before that: who has waited for the end finds nobody at this address any more.
        let server = self;
        thread::scope(|scope| {
            let mut crew = Crew::new(server.run, scope, &server.host)?;
            let outcome = server.take_requests(&mut crew);
            server.host.guests.close();
            crew.see_out(&server.host.guests);
            outcome
        })
    }

    /// Takes requests and has them run, until it is time to stop.
    fn take_requests<'env>(&'env self, crew: &mut Crew<'_, 'env, T::Request>) -> io::Result<()> {
        // ANCHOR: ex8_5_loop
        while !self.host.guests.is_closing() {
            if self.wait(crew)? {
                self.take_one(crew)?;
            }
        }
        Ok(())
        // ANCHOR_END: ex8_5_loop
    }

    /// Waits until a request has come that there is room for, or the bell has rung; says which. This
    /// is the one place where the server waits.
    fn wait(&self, crew: &mut Crew<'_, '_, T::Request>) -> io::Result<bool> {
        let guests = &self.host.guests;
        let has_room = crew.has_room(guests);
        guests.bell.wait(has_room.then_some(self.transport.as_fd()), None)
    }

    /// Takes one request that has come, and has it run if it is welcome.
    fn take_one<'env>(&'env self, crew: &mut Crew<'_, 'env, T::Request>) -> io::Result<()> {
        // ANCHOR: ex8_1_take
        let request = match self.transport.take() {
            Ok(request) => request,
            Err(error) if is_passing(&error) => return Ok(()),
            // The client keeps its place in the queue; somebody may leave and make room.
            Err(error) if is_shortage(&error) => return self.pause("take a request", &error),
            Err(error) => return Err(error),
        };
        if !self.verify(request.peer()) {
            return Ok(());
        }
        match crew.run(&self.host, request) {
            Ok(()) => Ok(()),
            Err(error) => self.pause("run a request", &error),
        }
        // ANCHOR_END: ex8_1_take
    }

    /// Whether the handler welcomes `peer`; one that panics over the question does not.
    fn verify(&self, peer: SocketAddr) -> bool {
        let verify = || self.host.handler.verify(peer);
        panic::catch_unwind(AssertUnwindSafe(verify)).unwrap_or(false)
    }

    /// Says what could not be done, and waits a little: somebody may leave and make room.
    fn pause(&self, what: &str, error: &io::Error) -> io::Result<()> {
        log::line(format_args!("cannot {what} just now: {error}"));
        self.host.guests.bell.wait(None, Some(SHORTAGE_PAUSE))?;
        Ok(())
    }
}

/// Whether a request was not there after all, or an earlier one has failed: some systems tell of a
/// datagram that nobody took (ICMP) at the next call, whatever that is. Linux keeps it to itself,
/// as long as the socket is not connected.
fn is_passing(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock => true,
        kind => matches!(kind, ConnectionAborted | ConnectionRefused | ConnectionReset),
    }
}

/// Whether a call has failed for want of descriptors, which may come back.
fn is_shortage(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|number| NO_DESCRIPTORS.contains(&number))
}
