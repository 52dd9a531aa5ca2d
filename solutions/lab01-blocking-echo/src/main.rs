//! Lab 01: a server that sends every byte back, one client at a time.
//!
//! ```text
//!   client                          server
//!     | -------- connect ----------> |   listen, accept
//!     | -------- "halo\n" ---------> |   read
//!     | <------- "halo\n" ---------- |   write the same bytes
//!     | -------- end of sending ---> |   read says 0: this client has no more to say
//!     | <------- end of sending ---- |   close, and take the next client
//! ```
//!
//! Write it in this order: `listener.rs` (1.1), `server.rs` (1.2 and 1.3), `client.rs` (1.4 to 1.6).
//! Left out on purpose: a second client waits until the first has left. Lab 02 mends that.

mod arguments;
mod client;
mod goodbye;
mod listener;
mod server;

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
    goodbye::on_ctrl_c()?;
    let listener =
        listener::listen(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    println!("listening on {}", listener.local_addr()?);
    server::serve(&listener)?;
    Ok(())
}
