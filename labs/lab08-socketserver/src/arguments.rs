//! What the command line may say.

use std::net::SocketAddr;
use std::process;
use std::time::Duration;

use clap::{CommandFactory, Parser, ValueEnum};

use lab08::Run;

const EXAMPLES: &str = concat!(
    "Examples:\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --run threads --workers 200\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --transport udp --handler time --listen 127.0.0.1:6008",
);

/// How many requests are run at the same time, unless the user says otherwise.
const THREADS: usize = 1024;
const PROCESSES: usize = 64;
const POOL: usize = 8;

/// The longest time limit that makes sense to anybody: a year.
const TIME_LIMIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A server of which every part is a choice: how requests come, what is said to them, and how they
/// are run.
#[derive(Parser)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Where to listen; with port 0 the kernel chooses a free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9999")]
    pub listen: SocketAddr,

    /// How requests come
    #[arg(long, value_enum, default_value_t = Transport::Tcp)]
    pub transport: Transport,

    /// How they are run
    #[arg(long, value_enum, default_value_t = Model::Inline)]
    pub run: Model,

    /// How many are run at the same time; the next one waits its turn [default: 1024 threads, 64
    /// processes, a pool of 8]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub workers: Option<usize>,

    /// What is said to them
    #[arg(long, value_enum, default_value_t = Service::Upper)]
    pub handler: Service,

    /// How long a client may take over a request, or over a reply, before it is let go
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub idle_limit: Duration,

    /// What a server says to a copy of itself: one request is waiting in your standard input
    #[arg(long, hide = true, value_name = "PEER")]
    pub as_child: Option<SocketAddr>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Transport {
    /// A request is a connection
    Tcp,
    /// A request is a datagram
    Udp,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Model {
    /// One after the other
    Inline,
    /// Each in a thread of its own
    Threads,
    /// Each in a process of its own
    Processes,
    /// By a few threads, one after the other
    Pool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Service {
    /// Everything again in capitals; the line BOOM makes it fail
    Upper,
    /// Every byte back
    Echo,
    /// The time server of lab 05
    Time,
}

impl Arguments {
    /// How requests are run.
    pub fn run(&self) -> Run {
        match self.run {
            Model::Inline => Run::Inline,
            Model::Threads => Run::Threads(self.workers.unwrap_or(THREADS)),
            Model::Processes => Run::Processes(self.workers.unwrap_or(PROCESSES)),
            Model::Pool => Run::Pool(self.workers.unwrap_or(POOL)),
        }
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
