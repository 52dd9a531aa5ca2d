//! `cargo lab update`: brings what is new in the course to an edition that students work in. What
//! they edit, it does not touch.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::author::skeletons::put;
use crate::catalogue::Course;
use crate::export::{self, About, Edition};
use crate::{Answer, edition};

/// Bring new tests and texts to a student edition; what students write stays as it is
#[derive(Args)]
#[command(after_help = "Example: cargo lab update ../wirelab-2027

Nothing under labs/*/src is touched; a lab that is not there yet is added whole. Whatever else
somebody has changed is replaced, and kept under .wirelab/kept/.")]
pub struct Arguments {
    /// The folder that `cargo lab export` has written, or a copy of it
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    #[command(flatten)]
    about: About,
}

/// What an update does to an edition.
#[derive(Default)]
struct Plan {
    /// New, or not as it was.
    written: Vec<PathBuf>,
    /// No longer a part of the edition.
    removed: Vec<PathBuf>,
    /// Labs of which students would start from something else today.
    restarted: BTreeSet<String>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let folder = &arguments.folder;
    let is_edition = folder.join(edition::PRISTINE).is_dir();
    ensure!(is_edition, "{} is no student edition", folder.display());
    let files = export::of(&course, &about(&arguments.about, folder))?;
    let plan = plan(folder, &files)?;
    let kept = folder.join(edition::KEPT).join(next_number(folder));
    for path in plan.written.iter().chain(&plan.removed) {
        keep(folder, path, &kept)?;
    }
    for path in &plan.written {
        put(&folder.join(path), &files[path])?;
    }
    for path in &plan.removed {
        let gone = fs::remove_file(folder.join(path));
        gone.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    export::keep_lock_small(folder);
    tell(folder, &plan, &kept);
    Ok(Answer::Yes)
}

/// Who and where, as the edition says it, unless the user says something else now.
fn about(now: &About, folder: &Path) -> About {
    let before = |path: &str| {
        let text = fs::read_to_string(folder.join(path)).unwrap_or_default();
        (!text.trim().is_empty()).then(|| text.trim().to_string())
    };
    About {
        instructor: now.instructor.clone().or_else(|| before(edition::INSTRUCTOR)),
        book: now.book.clone().or_else(|| before(edition::BOOK)),
    }
}

fn plan(folder: &Path, files: &Edition) -> Result<Plan> {
    let mut plan = Plan::default();
    for (path, bytes) in files {
        let there = fs::read(folder.join(path)).ok();
        if there.as_deref() == Some(bytes) || path == Path::new("Cargo.lock") && there.is_some() {
            continue;
        }
        match students_lab(path) {
            // What a student has deleted stays deleted, too.
            Some(lab) if folder.join("labs").join(lab).is_dir() => {}
            _ => plan.written.push(path.clone()),
        }
        if let Ok(inside) = path.strip_prefix(edition::PRISTINE) {
            let lab = inside.iter().next().map(|name| name.to_string_lossy().into_owned());
            plan.restarted.extend(lab.filter(|lab| folder.join("labs").join(lab).is_dir()));
        }
    }
    // What we write, we also take away; everything else in an edition is the student's.
    for part in ["tests", edition::PRISTINE] {
        let mut there = Edition::new();
        if folder.join(part).is_dir() {
            export::take(folder, Path::new(part), &mut there)?;
        }
        let is_ours = |path: &PathBuf| !files.contains_key(path) && is_known(path);
        plan.removed.extend(there.into_keys().filter(is_ours));
    }
    Ok(plan)
}

/// The folder of the lab whose sources `path` belongs to, if it does.
fn students_lab(path: &Path) -> Option<&Path> {
    let inside = path.strip_prefix("labs").ok()?;
    let mut parts = inside.iter();
    let (lab, next) = (parts.next()?, parts.next()?);
    (next == "src").then(|| Path::new(lab))
}

/// Whether `path` is of a kind that the edition brings, and not a file that somebody put there.
fn is_known(path: &Path) -> bool {
    let kinds = ["tests/src", "tests/labs", "tests/snapshots", "tests/judge", "tests/cli"];
    kinds.iter().any(|kind| path.starts_with(kind)) || path.starts_with(edition::PRISTINE)
}

/// The first number that no earlier update has: `update-1`.
fn next_number(folder: &Path) -> String {
    let kept = folder.join(edition::KEPT);
    let mut names = (1..).map(|number| format!("update-{number}"));
    names.find(|name| !kept.join(name).exists()).unwrap_or_default()
}

/// Keeps a file that is going to be replaced, unless it is one that nobody edits: it comes from us,
/// and there will be a newer one in its place.
fn keep(folder: &Path, path: &Path, kept: &Path) -> Result<()> {
    let bytes = match fs::read(folder.join(path)) {
        Ok(bytes) if !path.starts_with(".wirelab") => bytes,
        _ => return Ok(()),
    };
    put(&kept.join(path), &bytes)
}

fn tell(folder: &Path, plan: &Plan, kept: &Path) {
    if plan.written.is_empty() && plan.removed.is_empty() {
        say!("{} is as new as the course: nothing was changed.", folder.display());
        return;
    }
    say!("{} files written, {} removed.", plan.written.len(), plan.removed.len());
    if kept.is_dir() {
        say!("What they replace is in {}.", kept.display());
    }
    for lab in &plan.restarted {
        say!("{lab}: what one starts from has changed. What is written there stays; who wants the");
        say!("new beginning says `cargo lab reset {lab}`.");
    }
    say!("Next: cd {} && cargo lab", folder.display());
}
