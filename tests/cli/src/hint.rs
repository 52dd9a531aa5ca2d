//! `cargo lab hint`: the three hints of an exercise, one at a time.
//!
//! How many were shown is kept in one small text file; without it, one begins with the first again.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::author::skeletons::create_parent;
use crate::catalogue::{Course, Exercise, Lab};
use crate::terminal::{Ink, inked, wrapped};
use crate::{Answer, asked, progress};

/// What each of the three hints is.
const KINDS: [&str; 3] = ["a question", "a direction", "the way"];

/// How wide a hint is shown.
const COLUMNS: usize = 88;

/// Show the next hint for an exercise: a question, then a direction, then the way
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab hint 5.2            the next of its three hints
  cargo lab hint 5.2 --again    those that you have seen
  cargo lab hint                for the exercise that is next on the map

Which hints you have seen stands in target/wirelab/hints; remove it to begin again.")]
pub struct Arguments {
    /// The exercise (5.2); without it, the one that is next on the map
    #[arg(num_args = 0..=2, value_name = "EXERCISE")]
    what: Vec<String>,

    /// Show the hints that you have seen, and no new one
    #[arg(long)]
    again: bool,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let asked = match asked::exercise(&course, &arguments.what)? {
        None => progress::next(&course)?,
        some => some,
    };
    let Some((lab, exercise)) = asked else {
        say!("Every exercise is done. For a hint all the same, name one: cargo lab hint 1.2");
        return Ok(Answer::Yes);
    };
    let name = lab.name(exercise);
    let mut memory = Memory::read(&course);
    let seen = memory.seen(&name);
    say!("Exercise {name}, {}", inked(Ink::Bold, &exercise.title));
    if arguments.again {
        (0..seen).for_each(|hint| show(exercise, hint));
        say!("\n{}", after_those(lab, exercise, seen));
        return Ok(Answer::Yes);
    }
    if let Some(hint) = (seen < KINDS.len()).then_some(seen) {
        show(exercise, hint);
        memory.remember(&course, &name, hint + 1)?;
    }
    say!("\n{}", after_this(lab, exercise, seen));
    Ok(Answer::Yes)
}

fn show(exercise: &Exercise, hint: usize) {
    say!("\nHint {} of {} ({}):\n", hint + 1, KINDS.len(), KINDS[hint]);
    say!("{}", wrapped(&exercise.hints[hint], "    ", COLUMNS));
}

/// What to do when those seen have been shown again.
fn after_those(lab: &Lab, exercise: &Exercise, seen: usize) -> String {
    let name = lab.name(exercise);
    match seen {
        0 => format!("You have not seen one yet. The first: cargo lab hint {name}"),
        _ if seen < KINDS.len() => {
            format!("Next: try it; if that does not help, cargo lab hint {name}")
        }
        _ => no_more(lab, exercise),
    }
}

/// What to do after a new hint, when `before` had been shown before it.
fn after_this(lab: &Lab, exercise: &Exercise, before: usize) -> String {
    let name = lab.name(exercise);
    match before {
        0 | 1 => format!(
            "Next: try it, and cargo lab check {name}. The next hint: cargo lab hint {name}"
        ),
        2 => format!("Next: write it, and cargo lab check {name}. This was the last hint."),
        _ => no_more(lab, exercise),
    }
}

fn no_more(lab: &Lab, exercise: &Exercise) -> String {
    let name = lab.name(exercise);
    format!(
        "You have seen all three.\n\
         Next: read them once more   cargo lab hint {name} --again\n\
         \x20     read the chapter      book/src/{}\n\
         \x20     see it done           cargo lab solution {name} --anyway",
        lab.chapter
    )
}

/// How many hints were shown for which exercise: lines like `5.2 1`.
struct Memory(BTreeMap<String, usize>);

impl Memory {
    /// What cannot be read, or makes no sense, is forgotten.
    fn read(course: &Course) -> Self {
        let text = fs::read(place(course)).unwrap_or_default();
        let line = |line: &str| {
            let (name, count) = line.split_once(' ')?;
            Some((name.to_string(), count.trim().parse().ok()?))
        };
        Self(String::from_utf8_lossy(&text).lines().filter_map(line).collect())
    }

    fn seen(&self, name: &str) -> usize {
        self.0.get(name).map_or(0, |count| KINDS.len().min(*count))
    }

    fn remember(&mut self, course: &Course, name: &str, count: usize) -> Result<()> {
        self.0.insert(name.to_string(), count);
        let lines: String =
            self.0.iter().map(|(name, count)| format!("{name} {count}\n")).collect();
        let path = place(course);
        create_parent(&path)?;
        fs::write(&path, lines).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn place(course: &Course) -> PathBuf {
    course.root.join("target/wirelab/hints")
}
