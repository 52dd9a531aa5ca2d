//! How far the student has come: what the judge recorded last, exercise by exercise.
//!
//! There is nothing else to keep, and nothing to lose.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;

use crate::catalogue::{Course, Exercise, Lab};
use crate::judge::{self, Verdict};
use crate::sources::Sources;

/// How many promises of an exercise hold, of how many.
pub struct Standing {
    pub kept: usize,
    pub all: usize,
    /// The lab was changed after they were judged.
    pub is_old: bool,
}

impl Standing {
    pub fn is_done(&self) -> bool {
        self.all > 0 && self.kept == self.all
    }
}

/// The progress in one lab.
pub struct Progress<'a> {
    lab: &'a Lab,
    results: PathBuf,
    promises: Vec<String>,
    changed: Option<SystemTime>,
}

impl<'a> Progress<'a> {
    pub fn of(course: &Course, lab: &'a Lab) -> Result<Self> {
        Ok(Self {
            lab,
            results: judge::usual_results(course),
            promises: judge::promises(course, lab)?,
            changed: Sources::now(course, lab).last_change(),
        })
    }

    /// How it stands with one exercise.
    pub fn standing(&self, exercise: &Exercise) -> Standing {
        let mut standing = Standing { kept: 0, all: 0, is_old: false };
        for path in self.records(exercise) {
            // A record that cannot be read says nothing; the next run writes it anew.
            let record = judge::read(&path).ok().flatten();
            let passed = record.is_some_and(|it| it.own && it.verdict == Verdict::Passed);
            standing.all += 1;
            standing.kept += usize::from(passed);
            standing.is_old |= passed && written(&path) < self.changed;
        }
        standing
    }

    /// The first exercise that is not done.
    pub fn next(&self) -> Option<&'a Exercise> {
        self.lab.exercises.iter().find(|exercise| !self.standing(exercise).is_done())
    }

    /// Where the promises of an exercise are recorded.
    pub fn records(&self, exercise: &Exercise) -> impl Iterator<Item = PathBuf> {
        let prefix = self.lab.prefix(exercise.step);
        let mine = self.promises.iter().filter(move |promise| promise.starts_with(&prefix));
        mine.map(|promise| self.results.join(format!("{}.{promise}.json", self.lab.package())))
    }
}

/// The first exercise of the course that is not done.
pub fn next(course: &Course) -> Result<Option<(&Lab, &Exercise)>> {
    for lab in course.written() {
        if let Some(exercise) = Progress::of(course, lab)?.next() {
            return Ok(Some((lab, exercise)));
        }
    }
    Ok(None)
}

fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
