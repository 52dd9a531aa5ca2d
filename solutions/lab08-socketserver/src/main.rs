//! Lab 08: a socketserver of our own, and a program that shows what it can do.
//!
//! ```text
//!                what a server says          how its requests are run
//!   --transport    --handler                   --run
//!     tcp            upper                       inline
//!     udp            echo                        threads
//!                    time                        processes
//!                                                pool
//! ```
//!
//! The framework is `lib.rs` and what stands below it; this program is a few handlers on it.
//! Write it in this order: `handlers/upper.rs`, `handler.rs` and `server.rs` (8.1), `udp.rs` (8.2),
//! `run.rs` and `pool.rs` (8.3), `tcp.rs`, `as_child.rs` and `children.rs` (8.4), `server.rs` and
//! `shutdown.rs` (8.5), `run.rs` (8.6), `handlers/time.rs` (8.7).
//! Left out on purpose: the event loop of lab 03. It would be one more way to run requests, but not
//! for handlers that may wait.

mod arguments;
mod clock;
mod goodbye;
mod handlers;
mod listener;
mod protocol;

use std::process::ExitCode;

use anyhow::{Context, anyhow};

use solution08::{Handler, TcpServer, UdpServer, as_child};

use arguments::{Arguments, Service, Transport};
use handlers::{Echo, TimeServer, Upper};

fn main() -> ExitCode {
    let arguments = arguments::parse();
    let outcome = match arguments.handler {
        Service::Upper => run(&arguments, Upper),
        Service::Echo => run(&arguments, Echo),
        Service::Time => run(&arguments, TimeServer),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error:#}", env!("CARGO_PKG_NAME"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, handler: impl Handler + Send) -> anyhow::Result<()> {
    let not_a_child = "--as-child is for what a server starts";
    match (arguments.transport, arguments.as_child) {
        (Transport::Tcp, None) => serve_connections(arguments, handler),
        (Transport::Udp, None) => serve_datagrams(arguments, handler),
        (Transport::Tcp, Some(peer)) => {
            as_child::converse(handler, peer, arguments.idle_limit).context(not_a_child)
        }
        (Transport::Udp, Some(peer)) => as_child::answer(handler, peer).context(not_a_child),
    }
}

fn serve_connections(arguments: &Arguments, handler: impl Handler + Send) -> anyhow::Result<()> {
    let address = arguments.listen;
    let listener =
        listener::tcp(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    let address = listener.local_addr()?;
    let server = TcpServer::new(listener, handler, arguments.run())?;
    let server = server.with_idle_limit(arguments.idle_limit);
    goodbye::on_ctrl_c(server.shutdown_handle())?;
    println!("listening on {address}");
    server.serve_forever()?;
    goodbye::say();
    Ok(())
}

fn serve_datagrams(arguments: &Arguments, handler: impl Handler + Send) -> anyhow::Result<()> {
    let address = arguments.listen;
    let socket =
        listener::udp(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    let address = socket.local_addr()?;
    let server = UdpServer::new(socket, handler, arguments.run())?;
    goodbye::on_ctrl_c(server.shutdown_handle())?;
    println!("listening on {address}");
    server.serve_forever()?;
    goodbye::say();
    Ok(())
}
