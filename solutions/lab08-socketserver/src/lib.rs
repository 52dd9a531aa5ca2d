//! A socketserver of our own: a small framework in which *what a server says* and *how its requests
//! are run* are two choices, and neither knows of the other.
//!
//! ```text
//! struct Upper;
//!
//! impl Handler for Upper {
//!     fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
//!         Some(request.to_ascii_uppercase())
//!     }
//! }
//!
//! let listener = TcpListener::bind("127.0.0.1:9999")?;
//! let server = TcpServer::new(listener, Upper, Run::Threads(200))?;
//! server.serve_forever()?;
//! ```
//!
//! # The ladder
//!
//! The same three rungs as in every lab since the first. The framework stands on the highest; the
//! lower ones are hooks.
//!
//! ```text
//!   serve_forever             waits, takes a request, has it run          the framework's
//!     └─ converse             talks with one client until it leaves       yours, if you like
//!          └─ answer          one request, one reply                      yours
//! ```
//!
//! A datagram is one request, so UDP goes from the first rung to the third. A handler that only
//! answers can do both.
//!
//! # Layout
//!
//! Three hundred lines are the idea; read them in this order:
//!
//! - `handler`: what a server says. `shutdown`: how it is ended.
//! - `server`: the loop, which waits in one place, takes a request and has it run.
//! - `transport`: what the loop wants of TCP and of UDP. `run`: the four ways to run a request.
//!
//! The others are what they stand on, one thing each:
//!
//! - `tcp`, `udp`: a request of either kind. `connection`: the client's end of a conversation.
//! - `guests`: who is inside, and how they are seen out. `bell`: what wakes the loop.
//! - `pool`, `children`, `as_child`: threads that stay, processes that do not, seen by the parent
//!   and by the child.
//!
//! # Who is meant
//!
//! | for | there is |
//! | --- | --- |
//! | who starts a server | [`TcpServer::new`], [`UdpServer::new`], [`Run`], [`Server::with_idle_limit`], [`Server::serve_forever`] |
//! | who ends it | [`Server::shutdown_handle`], [`ShutdownHandle::shutdown`] |
//! | who writes a handler: must | [`Handler::answer`] |
//! | who writes a handler: may | [`Handler::converse`] with a [`Connection`], [`Handler::verify`], [`Handler::failed`] with a [`Failure`] |
//! | who writes a program whose requests run in processes | [`as_child`] |
//!
//! # The matrix
//!
//! | | [`Run::Inline`] | [`Run::Threads`] | [`Run::Processes`] | [`Run::Pool`] |
//! | --- | --- | --- | --- | --- |
//! | [`TcpServer`] | one client after the other | a thread a client | a process a client; the connection is its standard input | N threads, one client each |
//! | [`UdpServer`] | one datagram after the other | a thread a datagram | a process a datagram, which is its standard input | N threads, one datagram each |
//!
//! In each of the eight: a client that fails, or a handler, ends one request. When all that may run
//! at the same time do run, the next client waits in the kernel's queue (a datagram may be lost
//! there, as anywhere). A connection on which nothing moves is let go.
//!
//! A bad choice, admitted: a process for each *datagram* costs many times what the answer
//! does. It is here because the matrix is easier to remember than the exception.
//!
//! # The same in Python's socketserver, and what Rust's types changed
//!
//! | Python | here | what can no longer be written wrong |
//! | --- | --- | --- |
//! | `TCPServer`, `UDPServer` | [`TcpServer`], [`UdpServer`] | |
//! | `class S(ThreadingMixIn, TCPServer)` | [`Run::Threads`] | the mix-in in the second place: the server is not threaded, and nobody says so |
//! | `ForkingMixIn` | [`Run::Processes`] | a child with everything that its parent had open or locked: it is a new program, not a copy of a running one |
//! | (none) | [`Run::Pool`] | |
//! | `StreamRequestHandler.handle` | [`Handler::converse`] | reading after `finish`: the connection is lent, and the loan ends |
//! | `DatagramRequestHandler.handle` | [`Handler::answer`] | |
//! | `self.rfile`, `self.wfile` | [`Connection`], which is `BufRead` and `Write` | a reply left in a buffer: writing has none |
//! | `setup`, `finish` | the first lines of `converse`; `Drop` | a `finish` that is not called because `setup` failed |
//! | `verify_request`, `handle_error` | [`Handler::verify`], [`Handler::failed`] | |
//! | `self.server.count += 1` | a field of the handler | two threads that count without a lock: [`Handler`] is `Sync`, and its methods have `&self` |
//! | `shutdown()` | [`ShutdownHandle::shutdown`] | to call it before `serve_forever` or from a handler, and to wait for ever |
//! | `server_close()` | the end of `serve_forever`, which takes the server | to serve once more, or to close while somebody serves |
//! | `daemon_threads`, `block_on_close` | scoped threads | a thread that outlives what it works with |
//! | `shutdown_request`, `close_request` | `Drop` | a request that nobody closes |
//! | `max_children = 40`; threads without a limit | a number in [`Run`] | |
//! | `max_packet_size = 8192` | 65 507, which is all that fits | |
//! | `timeout` of a handler, for each call | [`Server::with_idle_limit`], for each request | |
//! | `poll_interval`: half a second until `shutdown` is noticed | a bell in the loop | |
//! | `service_actions` | (none) | work in the loop, for which every client waits: a thread of its own does it better |
//!
//! What no type helps with: a handler that never ends, a protocol that trusts its client, a lock
//! held while one waits. One still has to use one's head.

pub mod as_child;
mod bell;
mod children;
mod connection;
mod guests;
mod handler;
mod log;
mod pool;
mod run;
mod server;
mod shutdown;
mod tcp;
mod transport;
mod udp;

pub use connection::Connection;
pub use handler::{Failure, Handler, LINE_LEN_MAX};
pub use run::Run;
pub use server::{Server, TcpServer, UdpServer};
pub use shutdown::ShutdownHandle;
pub use tcp::Tcp;
pub use udp::Udp;
