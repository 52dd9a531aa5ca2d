//! Lab 06: an HTTP server, and three ways to serve many clients with it.
mod arguments;
mod client;
mod clients;
mod connection;
mod conversation;
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
