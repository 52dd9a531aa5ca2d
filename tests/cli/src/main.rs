//! `cargo lab`: the companion of the course.
//!
//! Each command is one file: `map`, `check`, and under `author` what keeps the course true.
//! What they share: `catalogue` (what the course consists of) and `judge` (what the judge said).

/// Prints a line, as `println!` does; a reader who has gone (`| head`) is no mistake.
macro_rules! say {
    ($($words:tt)*) => { $crate::say(format_args!($($words)*)) };
}

mod author;
mod catalogue;
mod check;
mod grade;
mod judge;
mod map;

use std::io::{self, Write};
use std::process::{self, ExitCode};
use std::{env, fmt};

use clap::{Parser, Subcommand};

/// The companion of the course: without a command it shows the map.
#[derive(Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab", after_help = "Example: cargo lab check 1.2")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show the map of the course: what is done, and what is next (the default)
    Map,
    Check(check::Arguments),
    Grade(grade::Arguments),
    Author(author::Arguments),
}

/// Whether what was asked holds.
enum Answer {
    Yes,
    No,
}

fn main() -> ExitCode {
    // cargo calls us as it would call the compiler; there is no command line of ours then.
    if let Some(folder) = env::var_os(grade::recipe::LISTENING) {
        return grade::recipe::listen(folder.as_ref());
    }
    let answer = match Arguments::parse().command.unwrap_or(Command::Map) {
        Command::Map => map::run(),
        Command::Check(arguments) => check::run(&arguments),
        Command::Grade(arguments) => grade::run(&arguments),
        Command::Author(arguments) => author::run(&arguments),
    };
    match answer {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) => {
            eprintln!("cargo lab: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn say(words: fmt::Arguments<'_>) {
    if writeln!(io::stdout(), "{words}").is_err() {
        process::exit(0);
    }
}
