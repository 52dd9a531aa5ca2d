//! Lab 03: the server of lab 02 with poll(2), and then with a kernel that remembers.
//!
//! ```text
//!   select, poll     "tell me about these 10,000" ---> the kernel looks at 10,000, each time
//!   epoll, kqueue    "this one is new" --------------> the kernel remembers,
//!                    "what is ready?" <--------------- and looks at what has happened
//! ```
//!
//! Write it in this order: `wait.rs` (3.1 and 3.2), `watch.rs` and `server.rs` (3.3),
//! `descriptors.rs` and `door.rs` (3.4), `clients.rs` (3.5), `goodbye.rs` and `clients.rs` (3.6).
//! `connection.rs` and `interest.rs` are those of lab 02: only how we wait changes.

mod arguments;
mod client;
mod clients;
mod connection;
mod descriptors;
mod door;
mod goodbye;
mod interest;
mod listener;
mod server;
mod wait;
mod watch;

use std::process::ExitCode;

use anyhow::anyhow;

use arguments::Arguments;
use clients::Clients;

fn main() -> ExitCode {
    match run(&arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error:#}", env!("CARGO_PKG_NAME"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    descriptors::raise_limit()?;
    let goodbye = goodbye::on_ctrl_c()?;
    let address = arguments.listen;
    let listener =
        listener::listen(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    println!("listening on {}", listener.local_addr()?);
    let mut clients = Clients::new(&listener, &goodbye, arguments.idle_limit);
    server::serve(&mut clients, arguments.backend)?;
    match clients.creditors() {
        0 => eprintln!("goodbye"),
        count => eprintln!("goodbye; not all was taken that we owed, by so many clients: {count}"),
    }
    Ok(())
}
