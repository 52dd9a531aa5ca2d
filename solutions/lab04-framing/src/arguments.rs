//! What the command line may say.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::framing::Kind;

const EXAMPLES: &str = concat!(
    "Examples:\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --framing prefix --listen 127.0.0.1:6004\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- client 127.0.0.1:6004 --framing prefix --show 'halo' 'dunia'",
);

/// A server that sends each message back reversed; or its client.
#[derive(Parser)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Where to listen; with port 0 the kernel chooses a free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5004")]
    pub listen: SocketAddr,

    /// How the end of a message is marked
    #[arg(long, value_enum, default_value = "close")]
    pub framing: Kind,

    /// How many clients are served at once; the next ones wait
    #[arg(long, value_name = "COUNT", default_value = "256", value_parser = count)]
    pub max_clients: usize,

    /// How long a client may be silent, or take nothing, before it is let go
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub idle_limit: Duration,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    Client(Client),
}

/// Sends messages, and shows each answer on a line
#[derive(Args)]
pub struct Client {
    /// The server [default: 127.0.0.1:5004], then the messages; without messages, each line of
    /// standard input is one
    #[arg(value_name = "ADDR:PORT] [MESSAGE")]
    words: Vec<OsString>,

    /// How the end of a message is marked
    #[arg(long, value_enum, default_value = "close")]
    pub framing: Kind,

    /// Show the bytes that travel, in both directions, on standard error
    #[arg(long)]
    pub show: bool,

    /// How long to wait for the server each time
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub time_limit: Duration,
}

impl Client {
    /// The server, and the messages given on the command line. A first word that is an address is
    /// the server's.
    pub fn words(&self) -> (SocketAddr, Vec<&[u8]>) {
        let first = self.words.first().and_then(|word| word.to_str()?.parse().ok());
        let messages = self.words.iter().skip(usize::from(first.is_some()));
        let usual = SocketAddr::from(([127, 0, 0, 1], 5004));
        (first.unwrap_or(usual), messages.map(|word| word.as_encoded_bytes()).collect())
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

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("must be a number of clients, 1 or more".to_string()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_string())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err("must be more than 0".to_string()),
    }
}
