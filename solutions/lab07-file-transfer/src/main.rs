//! Lab 07: a server that stores files and hands them out, whatever their size.
//!
//! ```text
//!   client                                      server
//!     | -- "LIST\r\n\r\n" --------------------> |
//!     | <- {"status": "OK", "data": ["a.txt"]} -|   and \r\n\r\n
//!     | -- "GET a.txt\r\n\r\n" ---------------> |   read, encode, write; read, encode, write ...
//!     | <- {"status": "OK", ... "aGVsbG8K"} --- |   and \r\n\r\n
//!     | -- "UPLOAD b.bin AAEC" ---------------> |   decode and write what has come
//!     | -- "AwQF\r\n\r\n" --------------------> |   whole: give the file its name
//!     | <- {"status": "OK", "data": "File ..."} |   and \r\n\r\n
//! ```
//!
//! Write it in this order: `wire/request.rs` and `conversation.rs` (7.1), `store/name.rs` and
//! `store/mod.rs` (7.2), `encoded.rs` and `conversation.rs` (7.3), `store/arrival.rs` and
//! `conversation.rs` (7.4), `server.rs` and `processes.rs` (7.5), `client/json.rs` (7.6),
//! `stress/run.rs` (7.7).
//! Left out on purpose: folders, and who may do what.

mod arguments;
mod buffers;
mod client;
mod connection;
mod conversation;
mod counts;
mod encoded;
mod goodbye;
mod guests;
mod host;
mod listener;
mod log;
mod processes;
mod raw_conversation;
mod send_file;
mod server;
mod store;
mod stress;
mod supervisor;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::anyhow;

use arguments::{Arguments, Command, Mode, Server};
use counts::Counts;
use host::Host;
use processes::Line;
use supervisor::Supervisor;

fn main() -> ExitCode {
    match run(arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error:#}", env!("CARGO_PKG_NAME"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    goodbye::survive_file_limit()?;
    match arguments.command {
        Some(Command::Client(client)) => client::run(client),
        Some(Command::Stress(stress)) => stress::run(&stress),
        Some(Command::StressClient(client)) => client.run(),
        None if arguments.server.as_worker => work(&arguments.server),
        None => serve(&arguments.server),
    }
}

/// The server, in whichever mode.
fn serve(settings: &Server) -> anyhow::Result<()> {
    let host = Arc::new(Host::new(settings, Counts::own())?);
    host.store.sweep()?;
    let goodbye = match settings.mode {
        Mode::Process => Some(goodbye::on_ctrl_c()?),
        Mode::Single | Mode::Thread => {
            goodbye::see_out_on_ctrl_c(Arc::clone(&host))?;
            None
        }
    };
    let address = settings.listen.unwrap_or(settings.wire.address());
    let listener =
        listener::listen(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    println!("listening on {}", listener.local_addr()?);
    match goodbye {
        None if settings.mode == Mode::Single => server::serve(&listener, &host)?,
        None => server::serve_with_threads(&listener, &host, settings.workers)?,
        Some(goodbye) => {
            Supervisor::new(&listener, &host.store).supervise(settings.workers, &goodbye)?;
            log::line("goodbye");
        }
    }
    Ok(())
}

/// One worker of the process pool: the mode `single`, with a listener that it shares.
fn work(settings: &Server) -> anyhow::Result<()> {
    processes::leave_signals_to_parent()?;
    let (listener, stream) = processes::take_up()?;
    let (line, answers) = Line::new(stream.try_clone()?);
    let host = Arc::new(Host::new(settings, Counts::Parents(line))?);
    processes::listen(stream, answers, Arc::clone(&host))?;
    Ok(server::serve(&listener, &host)?)
}
