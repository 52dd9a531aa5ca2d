//! `cargo lab doctor`: what works on this machine, what does not, and what to do about it.

mod judging;
mod outside;
mod ports;
mod tools;

use std::time::Instant;

use anyhow::Result;
use clap::Args;

use crate::Answer;
use crate::catalogue::Course;
use crate::terminal::{Ink, inked, wrapped};

/// How wide an advice is shown.
const COLUMNS: usize = 96;

/// Tell what works on this machine, what does not, and what to do
#[derive(Args)]
#[command(after_help = "Each line begins with one word:
  works     it is there and does what the course needs
  without   it is not there; the course goes on without it
  missing   the course needs it

It changes nothing, and takes a few seconds.")]
pub struct Arguments {}

/// What was found out about one thing.
pub enum Finding {
    Works(String),
    /// One can do without: what is not there, and what to do.
    Without(String, String),
    /// One cannot.
    Missing(String, String),
}

use Finding::{Missing, Without, Works};

pub fn run(_: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let started = Instant::now();
    say!("This machine, for Wirelab");
    let mut missing = 0;
    missing += show("To write and judge programs", tools::needed(&course));
    missing += show("What the judge needs of the system", judging::all());
    missing += show("To look at the wire, as the chapters do", outside::wire());
    missing += show("To judge what others hand in", outside::isolation());
    missing += show("The ports of the labs", ports::all(&course));
    say!("\n({:.1} s)", started.elapsed().as_secs_f64());
    match missing {
        0 => say!("Everything that the course needs works. Next: cargo lab"),
        1 => say!("One thing is missing. Mend it, then: cargo lab doctor"),
        _ => say!("{missing} things are missing. Mend the first, then: cargo lab doctor"),
    }
    Ok(if missing == 0 { Answer::Yes } else { Answer::No })
}

/// Shows what was found out, and returns how many things are missing.
fn show(title: &str, findings: Vec<Finding>) -> usize {
    say!("\n{title}\n");
    for finding in &findings {
        let (word, what, advice) = match finding {
            Works(what) => (inked(Ink::Good, "works  "), what, None),
            Without(what, advice) => (inked(Ink::Bold, "without"), what, Some(advice)),
            Missing(what, advice) => (inked(Ink::Bad, "missing"), what, Some(advice)),
        };
        say!("  {word}  {what}");
        if let Some(advice) = advice {
            say!("{}", wrapped(&format!("do: {advice}"), "           ", COLUMNS));
        }
    }
    findings.iter().filter(|finding| matches!(finding, Missing(..))).count()
}
