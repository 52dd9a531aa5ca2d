//! `cargo lab watch`: judges the current exercise again each time a file of its lab is saved.
//!
//! Each round is a `cargo lab check` of its own. A save in the middle of one ends it and begins
//! the next: nobody waits for a verdict on what is no longer there.

mod desk;
mod round;

use std::time::Instant;

use anyhow::Result;
use clap::Args;

use crate::catalogue::{Course, Exercise, Lab};
use crate::progress::Progress;
use crate::sources::Sources;
use crate::terminal::{self, Ink, inked};
use crate::{Answer, asked, progress};
use desk::{Desk, Wish};
use round::Round;

/// Judge an exercise again each time you save
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab watch        the exercise that is next on the map, then the next one
  cargo lab watch 05     the same, and stays in lab05
  cargo lab watch 5.2    this exercise

While it runs: Enter judges again; q and Enter, or Ctrl+C, ends it.
A save during a run ends that run and begins a new one.
On a terminal each run has a screen of its own; elsewhere, or with TERM=dumb, it writes plain lines.")]
pub struct Arguments {
    /// A lab (05) or an exercise (5.2)
    #[arg(num_args = 0..=2, value_name = "LAB or EXERCISE")]
    what: Vec<String>,

    /// Look at the files twice a second, for folders whose system does not tell of changes
    #[arg(long)]
    poll: bool,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let asked = asked::about(&course, &arguments.what)?;
    let desk = Desk::open(&course, arguments.poll)?;
    let mut number = 0;
    while let Some(task) = Task::now(&course, asked)? {
        number += 1;
        if let Wish::End = attend(&course, &task, number, &desk)? {
            say!("\nEnded. Next: cargo lab");
            return Ok(Answer::Yes);
        }
    }
    say!("Every exercise is done. Next: cargo lab check 01, or any other lab, whole");
    Ok(Answer::Yes)
}

/// What is judged in one round.
struct Task<'a> {
    lab: &'a Lab,
    /// None: the whole lab, because all of its exercises are done.
    exercise: Option<&'a Exercise>,
    /// The user chose the exercise; else it is the next that is not done.
    is_chosen: bool,
}

impl<'a> Task<'a> {
    fn now(course: &'a Course, asked: Option<asked::Asked<'a>>) -> Result<Option<Self>> {
        let task = |lab, exercise| Self { lab, exercise, is_chosen: false };
        Ok(match asked {
            Some((lab, Some(exercise))) => {
                Some(Self { is_chosen: true, ..task(lab, Some(exercise)) })
            }
            Some((lab, None)) => Some(task(lab, Progress::of(course, lab)?.next())),
            None => progress::next(course)?.map(|(lab, exercise)| task(lab, Some(exercise))),
        })
    }

    /// How `cargo lab check` calls it.
    fn name(&self) -> String {
        self.exercise.map_or(self.lab.package(), |exercise| self.lab.name(exercise))
    }

    fn title(&self) -> &str {
        self.exercise.map_or(&self.lab.title, |exercise| &exercise.title)
    }
}

/// Judges one task, and waits until there is a reason for another round.
fn attend(course: &Course, task: &Task<'_>, number: u32, desk: &Desk) -> Result<Wish> {
    let judged = Sources::now(course, task.lab);
    let started = Instant::now();
    terminal::clear();
    say!("Run {number}: {}, {}", task.name(), inked(Ink::Bold, task.title()));
    let mut round = Some(Round::start(course, &task.name(), number)?);
    loop {
        match desk.wish(round.is_some()) {
            Wish::Look => {}
            // What still runs is ended when `round` goes.
            wish => return Ok(wish),
        }
        if Sources::now(course, task.lab) != judged {
            return Ok(Wish::Again);
        }
        if round.as_mut().is_some_and(Round::is_over) {
            round = None;
            let seconds = started.elapsed().as_secs_f64();
            say!("\n{}", sequel(course, task)?);
            say!("({seconds:.1} s) {}", desk.invitation(task.lab));
        }
    }
}

/// What to do after the verdict.
fn sequel(course: &Course, task: &Task<'_>) -> Result<String> {
    let progress = Progress::of(course, task.lab)?;
    let name = task.name();
    let Some(exercise) = task.exercise else {
        return Ok(format!("All exercises of {name} have been done. Next: cargo lab"));
    };
    if !progress.standing(exercise).is_done() {
        return Ok(format!("{} Next: change the program, and save.", inked(Ink::Bold, "Not yet.")));
    }
    let done = inked(Ink::Good, &format!("{name} is done."));
    let Some(next) = progress.next() else {
        return Ok(format!("{done} So is all of {}. Next: cargo lab", task.lab.package()));
    };
    let (name, title) = (task.lab.name(next), &next.title);
    let how = match task.is_chosen {
        true => format!("cargo lab watch {name}"),
        false => "it is judged when you save, or press Enter".to_string(),
    };
    let file = next.files.first().map(|file| task.lab.place().join(file).display().to_string());
    Ok(format!("{done} Next: {name}, {title}, in {}; {how}.", file.unwrap_or_default()))
}
