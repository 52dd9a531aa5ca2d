//! What the command line may say.

use std::net::SocketAddr;
use std::process;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};

const EXAMPLES: &str = concat!(
    "Examples:\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --listen 127.0.0.1:6005 --max-clients 10\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- client 127.0.0.1:6005",
);

/// How many clients are served at the same time, unless the user says otherwise.
const MAX_CLIENTS: &str = "1024";

/// How many seconds a client may take to finish a request, unless the user says otherwise.
const IDLE_LIMIT: &str = "120";

/// The longest time limit that makes sense to anybody: a year.
const TIME_LIMIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A server that tells the time, with a thread for each client; or its client.
#[derive(Parser)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Where to listen; with port 0 the kernel chooses a free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:45000")]
    pub listen: SocketAddr,

    #[command(flatten)]
    pub limits: Limits,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How much of the server its clients may have.
#[derive(Args)]
pub struct Limits {
    /// How many clients are served at the same time; the next one waits its turn
    #[arg(long, value_name = "N", default_value = MAX_CLIENTS, value_parser = at_least_one)]
    pub max_clients: usize,

    /// How long a client may take to finish a request before it is let go
    #[arg(long, value_name = "SECONDS", default_value = IDLE_LIMIT, value_parser = seconds)]
    pub idle_limit: Duration,
}

#[derive(Subcommand)]
pub enum Command {
    Client(Client),
}

/// Sends what you type and shows what comes back
#[derive(Args)]
pub struct Client {
    /// The server to talk to
    #[arg(value_name = "ADDR:PORT", default_value = "127.0.0.1:45000")]
    pub server: SocketAddr,

    /// How long to wait for the server each time
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub time_limit: Duration,
}

/// Reads the command line; a mistake in it ends the program with usage, examples and exit code 2.
pub fn parse() -> Arguments {
    Arguments::try_parse().unwrap_or_else(|mistake| {
        let words = mistake.render().to_string();
        if mistake.use_stderr() && !words.contains("Usage:") {
            eprint!("{words}\n{}\n", Arguments::command().render_usage());
        } else {
            let _ = mistake.print();
        }
        if mistake.use_stderr() {
            eprintln!("\n{EXAMPLES}");
        }
        process::exit(mistake.exit_code());
    })
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_string()),
        other => other.map_err(|_| "not a whole number".to_string()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_string())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if limit > TIME_LIMIT_MAX => Err("must be at most a year".to_string()),
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err("must be more than 0".to_string()),
    }
}
