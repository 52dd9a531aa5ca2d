//! `cargo lab`: the companion of the course.
//!
//! Each command is one file or folder: `map`, `check`, `watch`, `tap`, `capture`, `wireshark`, `hint`,
//! `solution`, `reset` and `doctor` for students, `grade`, `export` and `update` for instructors, and
//! under `author` and `mdbook` what keeps the course true.
//! What they share: `catalogue` (what the course consists of), `asked` (what the user means),
//! `cargo` (where a program is, once it is built), `judge` (what the judge said), `progress` (how far
//! that goes), `sources` (what was saved when), `edition` (whose copy this is), `terminal` (how words
//! are shown), `page` (how they stand in HTML) and `pcap` (how a conversation becomes a capture).

/// Prints a line, as `println!` does; a reader who has gone (`| head`) is no mistake.
macro_rules! say {
    ($($words:tt)*) => { $crate::say(format_args!($($words)*)) };
}

mod asked;
mod author;
mod capture;
mod cargo;
mod catalogue;
mod check;
mod doctor;
mod edition;
mod export;
mod grade;
mod hint;
mod judge;
mod map;
mod mdbook;
mod page;
mod pcap;
mod progress;
mod reset;
mod solution;
mod sources;
mod tap;
mod terminal;
mod update;
mod watch;
mod wireshark;

use std::io::{self, Write};
use std::process::{self, ExitCode};
use std::{env, fmt};

use clap::{Parser, Subcommand};

/// The companion of the course: without a command it shows the map.
#[derive(Parser)]
#[command(
    name = "cargo lab",
    bin_name = "cargo lab",
    after_help = "Examples:
  cargo lab              what is done, and what is next
  cargo lab watch        judge the exercise you are at, each time you save
  cargo lab check 1.2    judge one exercise
  cargo lab hint 1.2     a question first, then a direction, then the way
  cargo lab tap --listen 7007 --to 5001
                         see what your client and your server say to each other
  cargo lab capture 01   the same as packets, for Wireshark"
)]
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
    Export(export::Arguments),
    Update(update::Arguments),
    Watch(watch::Arguments),
    Capture(capture::Arguments),
    Wireshark(wireshark::Arguments),
    Hint(hint::Arguments),
    Solution(solution::Arguments),
    Reset(reset::Arguments),
    Tap(tap::Arguments),
    Doctor(doctor::Arguments),
    Author(author::Arguments),
    Mdbook(mdbook::Arguments),
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
        Command::Export(arguments) => export::run(&arguments),
        Command::Update(arguments) => update::run(&arguments),
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Capture(arguments) => capture::run(&arguments),
        Command::Wireshark(arguments) => wireshark::run(&arguments),
        Command::Hint(arguments) => hint::run(&arguments),
        Command::Solution(arguments) => solution::run(&arguments),
        Command::Reset(arguments) => reset::run(&arguments),
        Command::Tap(arguments) => tap::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Author(arguments) => author::run(&arguments),
        Command::Mdbook(arguments) => mdbook::run(&arguments),
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
