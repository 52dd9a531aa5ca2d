//! `cargo lab author`: what keeps the course true. Students never need it.

mod captures;
mod check;
mod class;
mod diffs;
mod dissect;
mod readme;
mod report;
mod said;
pub mod skeleton;
pub mod skeletons;
mod tally;
pub mod variants;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::Answer;

/// For authors: cut the skeletons, prove the five states
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Skeletons(skeletons::Arguments),
    Readme(readme::Arguments),
    Diffs(diffs::Arguments),
    Check(check::Arguments),
    Class(class::Arguments),
    Captures(captures::Arguments),
    Dissect(dissect::Arguments),
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    match &arguments.command {
        Command::Skeletons(arguments) => skeletons::run(arguments),
        Command::Readme(arguments) => readme::run(arguments),
        Command::Diffs(arguments) => diffs::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Class(arguments) => class::run(arguments),
        Command::Captures(arguments) => captures::run(arguments),
        Command::Dissect(arguments) => dissect::run(arguments),
    }
}
