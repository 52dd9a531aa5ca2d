//! `cargo lab`: the map of the course, what is done on it, and what is next.
//!
//! Progress is what the judge recorded last; there is nothing else to keep, and nothing to lose.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;

use crate::Answer;
use crate::catalogue::{Course, Exercise, Lab};
use crate::judge::{self, Verdict};

/// How many promises of an exercise hold, of how many.
struct Progress {
    kept: usize,
    all: usize,
    /// The lab was changed after they were judged.
    is_old: bool,
}

impl Progress {
    fn is_done(&self) -> bool {
        self.all > 0 && self.kept == self.all
    }
}

/// Shows the map.
pub fn run() -> Result<Answer> {
    let course = Course::here()?;
    let results = judge::usual_results(&course);
    let mut next = None;
    say!("Wirelab, the map of the course\n");
    for lab in &course.labs {
        say!("{}  {}: {}", lab.package(), lab.title, lab.idea);
        if lab.exercises.is_empty() {
            say!("         still to come, on port {}\n", lab.port);
            continue;
        }
        say!("         port {}, {} points", lab.port, lab.points());
        let promises = judge::promises(&course, lab)?;
        let changed = last_change(&course, lab);
        for exercise in &lab.exercises {
            let progress = progress(lab, exercise, &promises, &results, changed)?;
            let is_next = !progress.is_done() && next.is_none();
            if is_next {
                next = Some((lab, exercise));
            }
            let mark = match is_next {
                true => "next",
                false if progress.is_done() => "done",
                false => "    ",
            };
            let Progress { kept, all, is_old } = progress;
            let old = if is_old { ", changed since" } else { "" };
            let (number, step) = (lab.number, exercise.step);
            say!("   {mark}  {number}.{step}  {}  ({kept} of {all}{old})", exercise.title);
        }
        say!("");
    }
    match next {
        Some((lab, exercise)) => show_next(lab, exercise),
        None => say!("Everything that is written is done."),
    }
    Ok(Answer::Yes)
}

fn show_next(lab: &Lab, exercise: &Exercise) {
    let (package, number, step) = (lab.package(), lab.number, exercise.step);
    say!("Next: exercise {number}.{step}, {}", exercise.title);
    for file in &exercise.files {
        say!("  write  labs/{}/{}", lab.folder, file.display());
    }
    say!("  read   book/src/{}", lab.chapter);
    say!("  check  cargo test -p {package} -- ex{number}_{step}");
    say!("  or     cargo lab check {number}.{step}");
}

fn progress(
    lab: &Lab,
    exercise: &Exercise,
    promises: &[String],
    results: &Path,
    changed: Option<SystemTime>,
) -> Result<Progress> {
    let prefix = lab.prefix(exercise.step);
    let mut progress = Progress { kept: 0, all: 0, is_old: false };
    for promise in promises.iter().filter(|promise| promise.starts_with(&prefix)) {
        let path = results.join(format!("{}.{promise}.json", lab.package()));
        let passed = judge::read(&path)?.is_some_and(|it| it.own && it.verdict == Verdict::Passed);
        progress.all += 1;
        progress.kept += usize::from(passed);
        progress.is_old |= passed && written(&path) < changed;
    }
    Ok(progress)
}

/// When a source file of the student's lab was last written.
fn last_change(course: &Course, lab: &Lab) -> Option<SystemTime> {
    let sources = course.root.join("labs").join(&lab.folder).join("src");
    let entries = fs::read_dir(sources).ok()?.flatten();
    entries.filter_map(|entry| written(&entry.path())).max()
}

fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
