//! A process for each request; here seen by the child: one request, and then it has done its work.
//!
//! A child is this program, started anew with the same arguments and `--as-child PEER` behind them.
//! So a program whose requests run in processes looks for that option first, and then calls
//! [`converse`] or [`answer`] with its handler in place of `serve_forever`. What a handler has kept
//! in its fields is not there: a process shares nothing.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::guests::Guests;
use crate::handler::Handler;
use crate::run::Host;
use crate::tcp::Call;
use crate::transport::Request;
use crate::udp::Datagram;

/// Has `handler` talk with the client at `peer`, whose connection is our standard input.
///
/// # Errors
///
/// When the standard input is something else.
pub fn converse(handler: impl Handler, peer: SocketAddr, idle_limit: Duration) -> io::Result<()> {
    let stream = Arc::new(take_up_connection()?);
    attend(handler, Call { stream, peer }, idle_limit)
}

/// Has `handler` answer the datagram of the client at `peer`: it is our standard input, and our
/// standard output is the socket where the reply leaves.
///
/// # Errors
///
/// When the standard streams are something else.
pub fn answer(handler: impl Handler, peer: SocketAddr) -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let socket = Arc::new(UdpSocket::from(io::stdout().as_fd().try_clone_to_owned()?));
    // A child that answers a datagram waits for nobody.
    attend(handler, Datagram { bytes, peer, socket }, Duration::MAX)
}

/// The connection that our parent has left in the standard input.
fn take_up_connection() -> io::Result<TcpStream> {
    todo!(
        "exercise 8.4 of lab08 (A socketserver of our own): Processes, reaped.

    Make a stream of our standard input, with a descriptor of its own.

    check it          cargo test -p lab08 -- ex8_4
    see it finished   cargo run -p solution08 -- --run processes
    read about it     book/src/lab08-socketserver.md
"
    )
}

fn attend(handler: impl Handler, request: impl Request, idle_limit: Duration) -> io::Result<()> {
    let guests = Guests::new()?;
    see_out_on_signal(Arc::clone(&guests))?;
    let guest = guests.let_in(request.stream());
    let host = Host { handler, guests, idle_limit };
    if let Some(guest) = guest {
        host.attend(request, guest);
    }
    Ok(())
}

/// Sees our one guest out when the parent says that it is over, or the user presses Ctrl+C.
fn see_out_on_signal(guests: Arc<Guests>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().spawn(move || {
        if signals.forever().next().is_some() {
            guests.close();
            guests.see_out();
            process::exit(0);
        }
    })?;
    Ok(())
}
