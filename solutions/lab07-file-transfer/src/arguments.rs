//! What the command line may say.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::stress::rows::Operation;

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

/// Lists, gets, uploads and deletes files
#[derive(Args)]
pub struct Client {
    /// The server to talk to
    #[arg(value_name = "HOST:PORT")]
    pub server: String,

    /// The language that it speaks
    #[arg(long, value_enum, default_value_t = Wire::Json)]
    pub wire: Wire,

    /// How long to wait for the server each time
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub time_limit: Duration,

    #[command(subcommand)]
    pub action: Action,
}

#[derive(Subcommand)]
pub enum Action {
    /// Show the names of all files
    List,
    /// Bring a file
    Get {
        name: String,
        /// Where to put it, instead of under its name
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Send a file
    Upload {
        file: PathBuf,
        /// The name under which the server stores it
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// Bring it back, and compare
        #[arg(long)]
        verify: bool,
    },
    /// Delete a file
    Delete { name: String },
    /// Show how many transfers have succeeded and failed on the server
    Stats,
}

/// Measures uploads and downloads with many clients and many workers, in all combinations
#[derive(Args)]
pub struct Stress {
    /// The mode of the servers
    #[arg(long, value_enum, default_value_t = Mode::Thread)]
    pub mode: Mode,

    /// The language that is spoken
    #[arg(long, value_enum, default_value_t = Wire::Json)]
    pub wire: Wire,

    /// What the clients of a row are
    #[arg(long, value_enum, default_value_t = Clients::Threads)]
    pub clients: Clients,

    /// A server that runs already, instead of one for each row
    #[arg(long, value_name = "ADDR:PORT")]
    pub connect: Option<SocketAddr>,

    /// The sizes of the files, in megabytes
    #[arg(long, value_name = "MB,...", value_delimiter = ',', default_value = "10,50,100")]
    pub sizes: Vec<u64>,

    /// How many clients there are
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1,5,50")]
    pub client_workers: Vec<usize>,

    /// How many workers the server has
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1,5,50")]
    pub server_workers: Vec<usize>,

    /// Files of 1 MB only: to see whether it works
    #[arg(long, conflicts_with = "sizes")]
    pub quick: bool,

    /// Keep the rows that are in the CSV file already
    #[arg(long)]
    pub resume: bool,

    /// Where the table goes, row by row
    #[arg(long, value_name = "FILE", default_value = "stress.csv")]
    pub csv: PathBuf,

    /// The language of its headers
    #[arg(long, value_enum, default_value_t = Headers::Id)]
    pub headers: Headers,

    /// Where the picture goes
    #[arg(long, value_name = "FILE", default_value = "stress.svg")]
    pub svg: PathBuf,

    /// Where the servers' files are while it runs, instead of in the folder for temporary files
    #[arg(long, value_name = "FOLDER")]
    pub storage: Option<PathBuf>,

    /// How long to wait for a server each time
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub time_limit: Duration,
}

/// One client of a stress test, as a process of its own
#[derive(Args)]
pub struct StressClient {
    pub server: SocketAddr,
    pub wire: Wire,
    pub operation: Operation,
    pub volume: u64,
    pub number: usize,
    #[arg(value_parser = seconds)]
    pub time_limit: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Clients {
    Threads,
    Processes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Headers {
    /// Indonesian, as in the course's assignment
    Id,
    /// English
    En,
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
