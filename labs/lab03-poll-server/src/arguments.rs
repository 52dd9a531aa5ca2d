//! What the command line may say.

use std::net::SocketAddr;
use std::process;
use std::time::Duration;

use clap::{CommandFactory, Parser, ValueEnum};

const EXAMPLES: &str = concat!(
    "Examples:\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --backend polling\n  cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- --listen 127.0.0.1:6003 --idle-limit 10",
);

/// A server that sends every byte back, thousands of clients at once.
#[derive(Parser)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Where to listen; with port 0 the kernel chooses a free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5003")]
    pub listen: SocketAddr,

    /// How to wait for the clients
    #[arg(long, value_enum, default_value_t = Backend::Poll)]
    pub backend: Backend,

    /// Let a client go when nothing has moved for so long
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub idle_limit: Duration,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Backend {
    /// The kernel is told everything, every time
    Poll,
    /// The kernel remembers (epoll, kqueue)
    Polling,
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
