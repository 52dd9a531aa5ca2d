//! Lab 05: a server that tells the time, with a thread for each client.
//!
//! ```text
//!   client                             server
//!     | -------- connect ------------> |   accept, and a thread of its own
//!     | -------- "TIME\r\n" ---------> |   read, until a line is whole
//!     | <------- "JAM 13:27:45\r\n" -- |   answer, in one write
//!     | -------- "HALO\r\n" ---------> |
//!     | <------- "Invalid command\r\n" |
//!     | -------- "QUIT\r\n" ---------> |
//!     | <------- end of stream ------- |   close; the thread ends
//! ```
//!
//! Write it in this order: `protocol.rs` and `server.rs` (5.1), `protocol.rs` (5.2 and 5.3),
//! `server.rs` and `guests.rs` (5.4), `client.rs` (5.5), `guests.rs` (5.6).
//! Left out on purpose: a thread for each client costs memory even when the client says nothing.
//! Lab 03 has the other way, and lab 08 makes the choice between them a setting.

mod arguments;
mod client;
mod clock;
mod connection;
mod goodbye;
mod guests;
mod listener;
mod log;
mod protocol;
mod server;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::anyhow;

use arguments::{Client, Command, Limits};
use guests::Guests;

fn main() -> ExitCode {
    let arguments = arguments::parse();
    let outcome = match arguments.command {
        None => serve(arguments.listen, &arguments.limits),
        Some(Command::Client(Client { server, time_limit })) => client::run(server, time_limit),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error:#}", env!("CARGO_PKG_NAME"));
            ExitCode::FAILURE
        }
    }
}

fn serve(address: SocketAddr, limits: &Limits) -> anyhow::Result<()> {
    let guests = Arc::new(Guests::new(limits.max_clients));
    goodbye::on_ctrl_c(Arc::clone(&guests))?;
    let listener =
        listener::listen(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    println!("listening on {}", listener.local_addr()?);
    server::serve(&listener, &guests, limits.idle_limit)?;
    Ok(())
}
