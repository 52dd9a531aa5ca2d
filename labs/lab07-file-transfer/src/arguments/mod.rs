//! What the command line may say, given complete.

pub mod client;
pub mod stress;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use client::Client;
use stress::{Stress, StressClient};

const EXAMPLES: &str = concat!(
    "Examples:\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --mode thread --workers 5 --storage ./storage\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- client 127.0.0.1:5666 upload notes.txt\n  cargo run --release -p ",
    env!("CARGO_PKG_NAME"),
    " -- stress --quick",
);

/// The longest time limit that makes sense to anybody: a year.
const TIME_LIMIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A server for files, in one of three modes; or its client; or a stress test of it.
#[derive(Parser)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(flatten)]
    pub server: Server,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    Client(Client),
    Stress(Stress),
    #[command(hide = true)]
    StressClient(StressClient),
}

#[derive(Args)]
pub struct Server {
    /// Where to listen; with port 0 the kernel chooses a free port
    ///
    /// Unless you say otherwise, that is 127.0.0.1 and the port of the protocol: 5666, or 9000 for
    /// raw.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,

    /// Who serves
    #[arg(long, value_enum, default_value_t = Mode::Single)]
    pub mode: Mode,

    /// How many threads or processes serve at the same time
    #[arg(long, value_name = "N", default_value = "5", value_parser = at_least_one)]
    pub workers: usize,

    /// The folder in which the files are stored, made when missing
    #[arg(long, value_name = "FOLDER", default_value = "./storage")]
    pub storage: PathBuf,

    /// The language that is spoken
    #[arg(long, value_enum, default_value_t = Wire::Json)]
    pub wire: Wire,

    /// The longest upload that is stored
    #[arg(long, value_name = "BYTES", default_value_t = 16 * 1024 * 1024 * 1024)]
    pub upload_limit: u64,

    /// How long a client may make no progress before it is let go
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub idle_limit: Duration,

    /// This is a worker of the process pool
    #[arg(long, hide = true)]
    pub as_worker: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// One client after the other
    Single,
    /// A pool of threads
    Thread,
    /// A pool of processes
    Process,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wire {
    /// Files as base64, replies as JSON
    Json,
    /// Files as they are, after their size
    Raw,
}

impl Wire {
    /// Where a server of this language listens, unless it is told otherwise.
    pub fn address(self) -> SocketAddr {
        let port = match self {
            Self::Json => 5666,
            Self::Raw => 9000,
        };
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }
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

pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_string()),
        other => other.map_err(|_| "not a whole number".to_string()),
    }
}

pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_string())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if limit > TIME_LIMIT_MAX => Err("must be at most a year".to_string()),
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err("must be more than 0".to_string()),
    }
}
