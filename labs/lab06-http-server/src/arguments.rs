//! What the command line may say.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = concat!(
    "Examples:\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --root ./upload\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --model threads --workers 4 --listen 127.0.0.1:6006\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- client 127.0.0.1:8080 upload notes.txt",
);

/// The longest time limit that makes sense to anybody: a year.
const TIME_LIMIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A server for files, in one of three models; or its client.
#[derive(Parser)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Where to listen; with port 0 the kernel chooses a free port
    ///
    /// Unless you say otherwise, that is 127.0.0.1 and the port of the model: 8080, 8885, 8889.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,

    /// Who waits, and who works
    #[arg(long, value_enum, default_value_t = Model::Events)]
    pub model: Model,

    /// How many threads or processes work at the same time [default: 20 threads, 4 processes]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub workers: Option<usize>,

    /// The folder whose files are served, made when missing
    #[arg(long, value_name = "FOLDER", default_value = "./upload")]
    pub root: PathBuf,

    /// The longest upload that is taken
    #[arg(long, value_name = "BYTES", default_value_t = 1024 * 1024 * 1024)]
    pub upload_limit: u64,

    /// This is a worker of the process pool
    #[arg(long, hide = true)]
    pub as_worker: bool,

    /// How long a client may keep a connection without a request
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub idle_limit: Duration,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    Client(Client),
}

/// Lists, uploads, deletes and gets files
#[derive(Args)]
pub struct Client {
    /// The server to talk to
    #[arg(value_name = "HOST:PORT")]
    pub server: String,

    /// How long to wait for the server each time
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub time_limit: Duration,

    #[command(subcommand)]
    pub action: Action,
}

#[derive(Subcommand)]
pub enum Action {
    /// Show the names in a folder
    List {
        /// The folder; `upload` is the root, as in the course's first server
        #[arg(value_name = "FOLDER", default_value = "upload")]
        folder: String,
    },
    /// Send a file
    Upload {
        file: PathBuf,
        /// The name under which the server stores it
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
    },
    /// Delete a file
    Delete { name: String },
    /// Bring a file
    Get {
        path: String,
        /// Where to put it, instead of showing it
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// One thread waits for all clients, and takes each step itself
    Events,
    /// One thread waits, and a pool of threads takes the steps
    Threads,
    /// Several processes share the listener; each is as in `events`
    Processes,
}

impl Arguments {
    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        let port = match self.model {
            Model::Events => 8080,
            Model::Threads => 8885,
            Model::Processes => 8889,
        };
        self.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// How many work at the same time. A thread is held up by the disk, as the whole of a process
    /// is; but a process has memory of its own, and one for each core would do.
    pub fn workers(&self) -> usize {
        self.workers.unwrap_or(if self.model == Model::Processes { 4 } else { 20 })
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
