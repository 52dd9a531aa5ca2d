//! `cargo lab wireshark`: questions about a capture of yours; tshark knows the answers.

pub mod questions;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::Answer;
use crate::capture::{tshark, usual_place};
use crate::catalogue::{Course, Lab};
use crate::terminal::{Ink, inked};
use questions::{Question, Questions, Truth};

/// Answer questions about a capture of your own
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab capture 05                            first make a capture
  cargo lab wireshark 05                          then look at it, and answer
  cargo lab wireshark 05 my.pcapng                about another capture, as of `cargo lab tap`
  cargo lab wireshark 05 --answers 45000,2,6,1.5

What you answer is compared with what tshark finds in the capture.")]
pub struct Arguments {
    /// The lab (05)
    lab: String,

    /// The capture [default: the last one of `cargo lab capture 05`]
    #[arg(value_name = "FILE")]
    capture: Option<PathBuf>,

    /// The answers, in the order of the questions, instead of being asked
    #[arg(long, value_name = "ANSWER,...", value_delimiter = ',')]
    answers: Option<Vec<String>>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let lab = course.lab(&arguments.lab)?;
    let questions = Questions::of(&course)?;
    let questions = questions.about(lab);
    let usual = usual_place(&course, lab);
    let capture = arguments.capture.as_deref().unwrap_or(&usual);
    let make = format!("make a capture: cargo lab capture {:02}", lab.number);
    ensure!(capture.is_file(), "there is no file {}; {make}", capture.display());
    if tshark::values(&course, capture, &questions::is_of(lab), "frame.number")?.is_empty() {
        say!("{} has no packet of {}, port {}.", capture.display(), lab.package(), lab.port);
        say!("Next: make one that has: cargo lab capture {:02}", lab.number);
        return Ok(Answer::No);
    }
    if let Some(answers) = &arguments.answers {
        let (all, given) = (questions.len(), answers.len());
        ensure!(all == given, "there are {all} questions, and {given} answers");
    }
    let mut right = 0;
    for (number, question) in questions.iter().enumerate() {
        say!("{}. {}", number + 1, question.text);
        let given = arguments.answers.as_ref().map(|answers| answers[number].clone());
        right += usize::from(ask(&course, lab, question, capture, given)?);
    }
    say!("{right} of {} right.", questions.len());
    Ok(if right == questions.len() { Answer::Yes } else { Answer::No })
}

/// Whether the answer, given already or now, is right.
fn ask(
    course: &Course,
    lab: &Lab,
    question: &Question,
    capture: &Path,
    given: Option<String>,
) -> Result<bool> {
    let Truth::Is(truth) = question.truth(course, lab, capture)? else {
        say!("   This capture cannot tell: {}", question.needs);
        say!("   Make another one: cargo lab capture {:02}\n", lab.number);
        return Ok(false);
    };
    let answer = match given {
        Some(answer) => answer,
        None => answer_of_reader()?,
    };
    if question.accepts(&answer, &truth) {
        say!("   {}: {}\n", inked(Ink::Good, "right"), answer.trim());
        return Ok(true);
    }
    say!("   {}: {:?}", inked(Ink::Bad, "no"), answer.trim());
    say!("   Look again: {}", question.look);
    say!("   with the filter {}\n", questions::filled(&question.filter, lab));
    Ok(false)
}

fn answer_of_reader() -> Result<String> {
    write!(io::stdout(), "   > ").context("cannot ask")?;
    io::stdout().flush().context("cannot ask")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("cannot read the answer")?;
    Ok(answer)
}
