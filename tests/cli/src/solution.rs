//! `cargo lab solution`: what the course itself wrote for an exercise, once yours holds.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;

use crate::author::skeleton;
use crate::catalogue::{Course, Exercise, Lab};
use crate::progress::Progress;
use crate::terminal::{Ink, inked};
use crate::{Answer, asked, edition};

/// Show what the course wrote for an exercise, once yours holds
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab solution 5.2             once its promises hold
  cargo lab solution 5.2 --anyway    before that

A student edition has no solutions; it says who has.")]
pub struct Arguments {
    /// The exercise (5.2)
    #[arg(required = true, num_args = 1..=2, value_name = "EXERCISE")]
    what: Vec<String>,

    /// Show it, whether yours holds or not
    #[arg(long)]
    anyway: bool,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let asked = asked::exercise(&course, &arguments.what)?;
    let (lab, exercise) = asked.context("say which exercise: `cargo lab solution 1.2`")?;
    let name = lab.name(exercise);
    if edition::is_students(&course) {
        say!("This is a student edition: it has no solutions.");
        say!("Who has that of {name}: {}", edition::instructor(&course));
        say!("Next: a hint may do: cargo lab hint {name}");
        return Ok(Answer::No);
    }
    let standing = Progress::of(&course, lab)?.standing(exercise);
    if !standing.is_done() && !arguments.anyway {
        say!("{name} does not hold yet: {} of its {} promises do.", standing.kept, standing.all);
        say!("Next: a hint       cargo lab hint {name}");
        say!("      judge it     cargo lab check {name}");
        say!("      or see it    cargo lab solution {name} --anyway");
        return Ok(Answer::No);
    }
    say!("Exercise {name}, {}, as the course wrote it\n", inked(Ink::Bold, &exercise.title));
    show(&course, lab, exercise)?;
    say!("Next: compare it with yours, in {}/", lab.place().display());
    say!("      the whole program stands in solutions/{}/", lab.folder);
    Ok(Answer::Yes)
}

/// Shows the bodies of the exercise, with the file and the line of each.
fn show(course: &Course, lab: &Lab, exercise: &Exercise) -> Result<()> {
    for file in &exercise.files {
        let path = Path::new("solutions").join(&lab.folder).join(file);
        let text = fs::read_to_string(course.root.join(&path));
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        for (line, body) in skeleton::bodies(lab, exercise, &text)? {
            say!("{}", inked(Ink::Bold, &format!("{}, from line {line}:", path.display())));
            say!("\n{body}");
        }
    }
    Ok(())
}
