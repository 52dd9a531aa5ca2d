//! Lab 04: a server that sends each message back reversed, and six ways to say where one ends.
//!
//! ```text
//!   a stream      h a l o d u n i a          where does the first message end?
//!
//!   close         h a l o | FIN              where the stream ends
//!   streams       h a l o … | FIN            the same, for one that is sent while it is made
//!   fixed         h a l o 0 0 0 0 0 0 …      after 16 bytes
//!   delimiter     h a l o LF                 at a byte that stands nowhere else
//!   prefix        0 0 0 4 h a l o            after as many bytes as its header says
//!   blocks        0 0 0 2 h a 0 0 0 2 l o 0 0 0 0    at an empty block
//! ```
//!
//! Write it in this order: `connection.rs` and `framing/close.rs` (4.1, with a part in `client.rs`),
//! then the other files under `framing/` (4.2 to 4.6), from the simplest to the most capable.
//! Left out on purpose: what a message means. Lab 05 gives it a meaning.

mod arguments;
mod client;
mod connection;
mod framing;
mod goodbye;
mod guests;
mod hex;
mod listener;
mod server;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::anyhow;

use arguments::{Arguments, Command};
use guests::Guests;

fn main() -> ExitCode {
    let arguments = arguments::parse();
    let outcome = match arguments.command {
        None => serve(&arguments),
        Some(Command::Client(request)) => client::run(&request),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error:#}", env!("CARGO_PKG_NAME"));
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let guests = Arc::new(Guests::new(arguments.max_clients, arguments.framing));
    goodbye::on_ctrl_c(Arc::clone(&guests))?;
    let listener = listener::listen(arguments.listen)
        .map_err(|error| anyhow!(listener::why_not(arguments.listen, &error)))?;
    println!("listening on {}", listener.local_addr()?);
    server::serve(&listener, &guests, arguments.framing, arguments.idle_limit);
    Ok(())
}
