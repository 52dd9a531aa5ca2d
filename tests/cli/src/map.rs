//! `cargo lab`: the map of the course, what is done on it, and what is next.

use anyhow::Result;

use crate::Answer;
use crate::catalogue::{Course, Exercise, Lab};
use crate::progress::{Progress, Standing};
use crate::terminal::{Ink, inked};

/// What has been added up so far, and the first exercise that is not done.
#[derive(Default)]
struct Sum<'a> {
    done: usize,
    all: usize,
    points: u32,
    points_in_all: u32,
    next: Option<(&'a Lab, &'a Exercise, Standing)>,
}

/// Shows the map.
pub fn run() -> Result<Answer> {
    let course = Course::here()?;
    let mut sum = Sum::default();
    say!("Wirelab, the map of the course\n");
    for lab in &course.labs {
        say!("{}  {}: {}", lab.package(), lab.title, lab.idea);
        if lab.exercises.is_empty() {
            say!("         still to come, on port {}\n", lab.port);
            continue;
        }
        say!("         port {}, {} points", lab.port, lab.points());
        let progress = Progress::of(&course, lab)?;
        for exercise in &lab.exercises {
            show_exercise(lab, exercise, &progress, &mut sum);
        }
        say!("");
    }
    let Sum { done, all, points, points_in_all, next } = sum;
    say!("Done: {done} of {all} exercises, {points} of {points_in_all} points.\n");
    match next {
        Some((lab, exercise, standing)) => show_next(lab, exercise, &standing),
        None => say!(
            "Everything that is written is done.\nNext: judge a lab of yours again, whole: cargo lab check 01"
        ),
    }
    Ok(Answer::Yes)
}

fn show_exercise<'a>(
    lab: &'a Lab,
    exercise: &'a Exercise,
    progress: &Progress<'_>,
    sum: &mut Sum<'a>,
) {
    let standing = progress.standing(exercise);
    let (is_done, is_next) = (standing.is_done(), !standing.is_done() && sum.next.is_none());
    let mark = match is_next {
        true => inked(Ink::Bold, "next"),
        false if is_done => inked(Ink::Good, "done"),
        false => "    ".to_string(),
    };
    let Standing { kept, all, is_old } = standing;
    let old = if is_old { ", changed since" } else { "" };
    say!("   {mark}  {}  {}  ({kept} of {all}{old})", lab.name(exercise), exercise.title);
    sum.all += 1;
    sum.done += usize::from(is_done);
    sum.points += if is_done { exercise.points } else { 0 };
    sum.points_in_all += exercise.points;
    if is_next {
        sum.next = Some((lab, exercise, standing));
    }
}

fn show_next(lab: &Lab, exercise: &Exercise, standing: &Standing) {
    let (package, name) = (lab.package(), lab.name(exercise));
    say!("Next: exercise {name}, {}", inked(Ink::Bold, &exercise.title));
    if standing.kept > 0 {
        say!("  begun  {} of its {} promises hold", standing.kept, standing.all);
    }
    for file in &exercise.files {
        say!("  write  {}", lab.place().join(file).display());
    }
    say!("  read   book/src/{}", lab.chapter);
    say!("  check  cargo test -p {package} -- ex{}_{}", lab.number, exercise.step);
    say!("  or     cargo lab check {name}");
    say!("  watch  cargo lab watch {name}    (checks each time you save)");
    say!("  stuck  cargo lab hint {name}");
}
