//! Lab 06: an HTTP server for files, with three ways to serve many clients at once.
//!
//! ```text
//!                  who waits for the clients      who takes a step for one of them
//!   events         one loop                       the loop itself
//!   threads        one loop                       one of N threads, to which it is lent
//!   processes      N copies of `events`, which share one listener
//! ```
//!
//! All three share everything else. A conversation is a state machine without sockets: bytes in,
//! bytes or a piece of a file out (`conversation.rs`). It speaks the language of `message/` and
//! answers from `site/`; a connection carries it (`connection.rs`).
//!
//! Write it in this order: `message/request.rs` and `message/response.rs` (6.1), then
//! `message/refusal.rs`, `message/response.rs` and `site/mod.rs` (6.2), `site/path.rs` (6.3),
//! `message/request.rs` and `conversation.rs` (6.4), `site/upload.rs` and `site/delete.rs` (6.5),
//! `pool.rs` (6.6), `processes.rs` (6.7).
//! The loop and what it needs (`watch.rs`, `door.rs`, `interest.rs`, `goodbye.rs`, `listener.rs`,
//! `descriptors.rs`) are those of lab 03.
//! Left out on purpose: TLS, HTTP/2, compression, and a way to write into folders that are not
//! there yet.

mod arguments;
mod client;
mod clients;
mod clock;
mod connection;
mod conversation;
mod descriptors;
mod door;
mod goodbye;
mod inbox;
mod interest;
mod listener;
mod log;
mod message;
mod outbox;
mod pool;
mod processes;
mod server;
mod site;
mod supervisor;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};

use arguments::{Arguments, Command, Model};
use clients::Clients;
use pool::Pool;
use site::Site;
use supervisor::Supervisor;

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
    if let Some(Command::Client(client)) = &arguments.command {
        return client.run();
    }
    let root = &arguments.root;
    let site = Site::new(root, arguments.upload_limit)
        .with_context(|| format!("cannot use the folder {}", root.display()))?;
    if arguments.as_worker { work(arguments, &site) } else { serve(arguments, site) }
}

/// The server, in whichever model.
fn serve(arguments: &Arguments, site: Site) -> anyhow::Result<()> {
    descriptors::raise_limit()?;
    let goodbye = goodbye::on_ctrl_c()?;
    let address = arguments.address();
    let listener =
        listener::listen(address).map_err(|error| anyhow!(listener::why_not(address, &error)))?;
    println!("listening on {}", listener.local_addr()?);
    let (site, idle_limit) = (Arc::new(site), arguments.idle_limit);
    let mut clients = Clients::new(&listener, &goodbye, &site, idle_limit);
    match arguments.model {
        Model::Events => server::serve(&mut clients, None)?,
        Model::Threads => {
            let pool = Pool::start(arguments.workers(), &site)?;
            server::serve(&mut clients, Some(&pool))?;
        }
        Model::Processes => {
            Supervisor::new(&listener)?.supervise(arguments.workers(), &goodbye)?;
        }
    }
    log::line("goodbye");
    Ok(())
}

/// One worker of the process pool: the model `events`, with a listener that it shares.
fn work(arguments: &Arguments, site: &Site) -> anyhow::Result<()> {
    processes::leave_signals_to_parent()?;
    let (listener, line) = processes::take_up()?;
    let mut clients = Clients::new(&listener, &line, site, arguments.idle_limit);
    Ok(server::serve(&mut clients, None)?)
}
