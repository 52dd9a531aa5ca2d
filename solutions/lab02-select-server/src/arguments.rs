//! What the command line may say.

use std::net::SocketAddr;
use std::process;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};

const EXAMPLES: &str = concat!(
    "Examples:\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --listen 127.0.0.1:6001\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- client 127.0.0.1:6001",
);

/// A server that sends every byte back, all clients at once; or its client.
#[derive(Parser)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Where to listen; with port 0 the kernel chooses a free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5000")]
    pub listen: SocketAddr,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    Client(Client),
}

/// Sends what you type and shows what comes, both at once
#[derive(Args)]
pub struct Client {
    /// The server to talk to
    #[arg(value_name = "ADDR:PORT", default_value = "127.0.0.1:5000")]
    pub server: SocketAddr,

    /// How long to wait for the connection
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

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_string())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err("must be more than 0".to_string()),
    }
}
