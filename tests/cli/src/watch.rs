//! `cargo lab watch`: judges the current exercise again each time a file of its lab is saved.
//!
//! Each round is a `cargo lab check` of its own. A save in the middle of one ends it and begins
//! the next: nobody waits for a verdict on what is no longer there.

mod desk;
mod round;

use std::env;
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

/// Whether we are a round of somebody's watch, which says itself what comes next.
pub fn is_watching() -> bool {
    env::var_os(round::MARK).is_some()
}

/// What the user wants to be judged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Whatever is next on the map.
    Course,
    /// What is next in one lab.
    Lab,
    Exercise,
}

/// What is judged in one round.
struct Task<'a> {
    lab: &'a Lab,
    /// None: the whole lab, because all of its exercises are done.
    exercise: Option<&'a Exercise>,
    scope: Scope,
}

impl<'a> Task<'a> {
    fn now(course: &'a Course, asked: Option<asked::Asked<'a>>) -> Result<Option<Self>> {
        let task = |lab, exercise, scope| Some(Self { lab, exercise, scope });
        Ok(match asked {
            Some((lab, Some(exercise))) => task(lab, Some(exercise), Scope::Exercise),
            Some((lab, None)) => task(lab, Progress::of(course, lab)?.next(), Scope::Lab),
            None => progress::next(course)?
                .and_then(|(lab, exercise)| task(lab, Some(exercise), Scope::Course)),
        })
    }

    /// How `cargo lab check` calls it.
    fn name(&self) -> String {
        self.exercise.map_or(self.lab.package(), |exercise| self.lab.name(exercise))
    }

    fn title(&self) -> &str {
        self.exercise.map_or(&self.lab.title, |exercise| &exercise.title)
    }

    /// Whether it is, as far as the records go.
    fn is_done(&self, course: &Course) -> Result<bool> {
        let progress = Progress::of(course, self.lab)?;
        Ok(match self.exercise {
            Some(exercise) => progress.standing(exercise).is_done(),
            None => progress.next().is_none(),
        })
    }
}

/// Judges one task, and waits until there is a reason for another round.
fn attend(course: &Course, task: &Task<'_>, number: u32, desk: &Desk) -> Result<Wish> {
    let mut lab = task.lab;
    let mut before = Sources::now(course, lab);
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
        if Sources::now(course, lab) != before {
            return Ok(Wish::Again);
        }
        if let Some(holds) = round.as_mut().and_then(Round::answer) {
            round = None;
            let seconds = started.elapsed().as_secs_f64();
            // What was on record before says nothing of a program that does not compile now.
            let is_done = holds && task.is_done(course)?;
            let (words, next) = if is_done { sequel(course, task)? } else { (not_yet(), task.lab) };
            if next.number != lab.number {
                lab = next;
                before = Sources::now(course, lab);
            }
            say!("\n{words}\n({seconds:.1} s) {}", desk.invitation(lab));
        }
    }
}

fn not_yet() -> String {
    format!("{} Next: change the program, and save.", inked(Ink::Bold, "Not yet."))
}

/// What to do when the task is done, and in which lab.
fn sequel<'a>(course: &'a Course, task: &Task<'a>) -> Result<(String, &'a Lab)> {
    let done = inked(Ink::Good, &format!("{} is done.", task.name()));
    let in_lab = Progress::of(course, task.lab)?.next().map(|exercise| (task.lab, exercise));
    let next = match task.scope {
        Scope::Course => progress::next(course)?,
        Scope::Lab => in_lab,
        Scope::Exercise => in_lab.or(progress::next(course)?),
    };
    let Some((lab, exercise)) = next else {
        return Ok((format!("{done} Nothing is left to do here. Next: cargo lab"), task.lab));
    };
    let (name, title) = (lab.name(exercise), &exercise.title);
    let file = exercise.files.first().map(|file| lab.place().join(file).display().to_string());
    let place = file.unwrap_or_default();
    Ok(match task.scope {
        Scope::Exercise => {
            (format!("{done} Next: {name}, {title}, in {place}; cargo lab watch {name}"), task.lab)
        }
        Scope::Lab | Scope::Course => {
            let how = "it is judged when you save, or press Enter.";
            (format!("{done} Next: {name}, {title}, in {place}; {how}"), lab)
        }
    })
}
