//! A socketserver of our own: a small framework in which *what a server says* and *how its requests
//! are run* are two choices, and neither knows of the other.

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
