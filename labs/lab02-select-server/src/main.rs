//! Lab 02: one thread, many clients. The server waits for all of them at once, with select(2).
//!
//! ```text
//!   client A ---+
//!               |            +-- ready: A has sent something --> echo it
//!   client B ---+--> select -+-- ready: somebody new ---------> accept
//!               |            +-- ready: B takes more ---------> send what we owe
//!   listener ---+
//! ```
//!
//! Write it in this order: `server.rs`, `wait.rs` and `connection.rs` (2.1), `clients.rs` (2.2),
//! `connection.rs` again (2.3 to 2.5), `door.rs` (2.6), `client.rs` (2.7).
//! Left out on purpose: select looks at every client each time. Lab 03 mends that.

mod arguments;
mod client;
mod clients;
mod connection;
mod door;
mod goodbye;
mod interest;
mod listener;
mod server;
mod wait;

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::anyhow;

use arguments::{Client, Command};

fn main() -> ExitCode {
    let arguments = arguments::parse();
    let outcome = match arguments.command {
        None => serve(arguments.listen),
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

fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let goodbye = goodbye::on_ctrl_c()?;
    let listener =
        listener::listen(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    println!("listening on {}", listener.local_addr()?);
    server::serve(&listener, &goodbye)?;
    eprintln!("goodbye");
    Ok(())
}
