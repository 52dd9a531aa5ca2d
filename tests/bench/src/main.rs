//! `cargo run --release -p bench -- all`: our servers and others side by side, in one run.
//!
//! ```text
//!   core A   one server at a time: ours, a plain loop, tokio, Python, nginx ...
//!   core B   the load: many connections, each asks, waits for the whole answer, and asks again
//! ```
//!
//! A machine that others use too is now fast and now slow, so a number alone says nothing. Here
//! all contenders of a table take turns, round after round, and each is compared with the first
//! one of the same round: what is printed are ratios.

mod compare;
mod contender;
mod cores;
mod load;
mod moved;
mod paper;
mod parts;
mod plan;
mod plot;
mod profile;
mod sample;
mod server;
mod stranger;
mod target;
mod tree;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};

use paper::Paper;
use plan::{Plan, Way};

const EXAMPLES: &str = "Examples:\n  cargo run --release -p bench -- echo --quick\n  \
                        cargo run --release -p bench -- all --book";

/// Measures our servers beside others: ratios of rate and CPU, memory, and the judge's own speed.
#[derive(Parser)]
#[command(after_help = EXAMPLES)]
struct Arguments {
    /// What to measure
    #[arg(value_enum)]
    what: What,

    #[command(flatten)]
    way: Way,

    /// Write the figures into the book, not only under target/
    #[arg(long, conflicts_with = "quick")]
    book: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Byte echo, lines and frames: event loops and threads
    Echo,
    /// What an event costs while many connections say nothing
    Idle,
    /// HTTP: small answers, pools, downloads
    Http,
    /// The file server of lab 07
    Files,
    /// The judge's own speed
    Judge,
    /// Everything
    All,
    /// Nothing: write the book's pages again from its bench.json, with the reasons of now
    Book,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let all = arguments.what == What::All;
    ensure!(
        !arguments.book || (all && !cfg!(debug_assertions)),
        "the book's figures come from one whole run: cargo run --release -p bench -- all --book"
    );
    if arguments.what == What::Book {
        return paper::write_book_again(&plan::course()?);
    }
    let began = Instant::now();
    let plan = Plan::new(arguments.way)?;
    let mut paper = Paper::new(&plan);
    let wants = |what| all || arguments.what == what;
    if wants(What::Echo) {
        paper.add(parts::echo::measure(&plan)?);
    }
    if wants(What::Idle) {
        paper.add(parts::idle::measure(&plan)?);
    }
    if wants(What::Http) {
        paper.add(parts::http::measure(&plan)?);
    }
    if wants(What::Files) {
        paper.add(parts::files::measure(&plan)?);
    }
    // Last, as it builds: nothing is measured beside it.
    if wants(What::Judge) {
        paper.add(parts::judge::measure(&plan)?);
    }
    paper.seconds = began.elapsed().as_secs();
    paper.publish(&plan, arguments.book)
}
