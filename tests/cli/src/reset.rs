//! `cargo lab reset`: a lab as it was handed out; what was there is kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::author::skeleton::Files;
use crate::author::skeletons::{create_parent, put};
use crate::catalogue::{Course, Exercise, Lab};
use crate::progress::Progress;
use crate::{Answer, asked, edition, sources, terminal};

/// Start a lab again, or the files of one exercise; what you wrote is kept
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab reset 05     everything in labs/lab05-…/src
  cargo lab reset 5.2    only the files in which 5.2 is written

It asks first. What it replaces is kept under .wirelab/kept/, and it says where.")]
pub struct Arguments {
    /// A lab (05), or an exercise (5.2): then the files that it is written in
    #[arg(required = true, num_args = 1..=2, value_name = "LAB or EXERCISE")]
    what: Vec<String>,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let asked = asked::about(&course, &arguments.what)?;
    let (lab, exercise) = asked.context("say which lab: `cargo lab reset 05`")?;
    let sources = lab.place().join("src");
    let fresh = edition::pristine(&course, lab)?;
    let changed = changed(&course.root.join(&sources), &fresh, exercise);
    let name = exercise.map_or(lab.package(), |exercise| lab.name(exercise));
    if changed.is_empty() {
        say!("{name} is as it was handed out: there is nothing to reset.");
        say!("Next: {}", next(lab, exercise));
        return Ok(Answer::Yes);
    }
    say!("To be as they were handed out:");
    for path in &changed {
        say!("  {}{}", sources.join(path).display(), also_in(lab, path, exercise));
    }
    if !may(arguments)? {
        say!("Nothing was changed.");
        return Ok(Answer::No);
    }
    let kept = keep(&course, lab, &changed)?;
    let where_it_is = || format!("what you had is in {}", kept.display());
    for (path, text) in fresh.iter().filter(|(path, _)| changed.contains(*path)) {
        put(&course.root.join(&sources).join(path), text).with_context(where_it_is)?;
    }
    forget(&course, lab, &changed)?;
    say!("Done.");
    if course.root.join(&kept).is_dir() {
        say!("What you had is kept in {}/", kept.display());
        // `cp` and not `mv`: cargo builds only what has been written since it last built.
        say!("To have it back: cp -r {}/. {}/", kept.display(), sources.display());
    }
    say!("Next: {}", next(lab, exercise));
    Ok(Answer::Yes)
}

/// The files that are not as they were handed out, or were not there.
fn changed(sources: &Path, fresh: &Files, only: Option<&Exercise>) -> BTreeSet<PathBuf> {
    let is_asked = |path: &Path| {
        only.is_none_or(|it| it.files.iter().any(|file| file.strip_prefix("src") == Ok(path)))
    };
    let is_other = |path: &Path| match (fs::read(sources.join(path)), fresh.get(path)) {
        (Ok(there), Some(text)) => there != text.as_bytes(),
        (_, text) => text.is_some() || sources.join(path).exists(),
    };
    let paths = fresh.keys().cloned().chain(sources::paths_in(sources));
    paths.filter(|path| is_asked(path) && is_other(path)).collect()
}

/// Which exercises are written in the file, beyond the one that was asked for.
fn also_in(lab: &Lab, path: &Path, asked: Option<&Exercise>) -> String {
    let others =
        written_in(lab, path).filter(|it| asked.is_some_and(|asked| asked.step != it.step));
    let others: Vec<String> = others.map(|exercise| lab.name(exercise)).collect();
    match others.is_empty() {
        true => String::new(),
        false => format!("   (also has {})", others.join(", ")),
    }
}

fn written_in<'a>(lab: &'a Lab, path: &Path) -> impl Iterator<Item = &'a Exercise> {
    let file = Path::new("src").join(path);
    lab.exercises.iter().filter(move |exercise| exercise.files.contains(&file))
}

/// Whether the user agrees.
fn may(arguments: &Arguments) -> Result<bool> {
    if arguments.yes {
        return Ok(true);
    }
    if !terminal::can_ask() {
        bail!("there is nobody to ask here; if it is meant, add --yes");
    }
    terminal::agrees("Reset? What you have now will be kept.")
}

/// Moves the files that are there out of the way; returns where they are, as seen from the root.
fn keep(course: &Course, lab: &Lab, paths: &BTreeSet<PathBuf>) -> Result<PathBuf> {
    let place = |number| Path::new(edition::KEPT).join(format!("{}-{number}", lab.folder));
    let free = (1..).map(place).find(|kept| !course.root.join(kept).exists());
    let kept = free.expect("there is always one more number").join("src");
    let (from, to) = (course.root.join(lab.place()).join("src"), course.root.join(&kept));
    for path in paths.iter().filter(|path| from.join(path).exists()) {
        create_parent(&to.join(path))?;
        fs::rename(from.join(path), to.join(path))
            .with_context(|| format!("cannot keep {}", path.display()))?;
    }
    Ok(kept)
}

/// What the judge said was about what is no longer there.
fn forget(course: &Course, lab: &Lab, changed: &BTreeSet<PathBuf>) -> Result<()> {
    let progress = Progress::of(course, lab)?;
    for exercise in changed.iter().flat_map(|path| written_in(lab, path)) {
        for record in progress.records(exercise) {
            // Most often one is there, and all that hangs on it is a line on the map.
            let _ = fs::remove_file(record);
        }
    }
    Ok(())
}

/// What to do now.
fn next(lab: &Lab, exercise: Option<&Exercise>) -> String {
    match exercise.or(lab.exercises.first()) {
        Some(exercise) => format!("cargo lab check {}", lab.name(exercise)),
        None => "cargo lab".to_string(),
    }
}
