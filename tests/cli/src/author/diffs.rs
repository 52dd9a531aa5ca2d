//! `cargo lab author diffs`: writes for the book what has changed in a file from one lab to the next.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use similar::TextDiff;

use super::skeleton;
use super::skeletons::create_parent;
use crate::Answer;
use crate::catalogue::{Course, Kept, Lab};

/// How many lines that are the same are shown around a change.
const LINES_AROUND: usize = 3;

/// Write for the book what has changed in a file from one lab to the next
#[derive(Args)]
pub struct Arguments {}

pub fn run(_: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    for lab in course.written() {
        for (path, text) in stale(&course, lab)? {
            create_parent(&course.root.join(&path))?;
            fs::write(course.root.join(&path), text)
                .with_context(|| format!("cannot write {}", path.display()))?;
            say!("{}: written", path.display());
        }
    }
    Ok(Answer::Yes)
}

/// The diffs of `lab` that are not as they should be, by paths as seen from the root.
pub fn stale(course: &Course, lab: &Lab) -> Result<Vec<(PathBuf, String)>> {
    let Some(kept) = &lab.kept else { return Ok(Vec::new()) };
    let fresh = kept.changed.iter().map(|file| fresh(course, lab, kept, file));
    let fresh: Vec<_> = fresh.collect::<Result<_>>()?;
    let is_stale = |(path, text): &(PathBuf, String)| {
        fs::read_to_string(course.root.join(path)).ok().as_ref() != Some(text)
    };
    Ok(fresh.into_iter().filter(is_stale).collect())
}

/// Where the diff of `file` belongs, and how it reads.
fn fresh(course: &Course, lab: &Lab, kept: &Kept, file: &Path) -> Result<(PathBuf, String)> {
    let earlier = course.number(kept.lab)?;
    let code = |lab: &Lab| {
        let path = course.root.join("solutions").join(&lab.folder).join(file);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        anyhow::Ok(skeleton::without_markers(&text))
    };
    let (old, new) = (code(earlier)?, code(lab)?);
    let name = |lab: &Lab| format!("{}/{}", lab.folder, file.display());
    let diff = TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(LINES_AROUND)
        .header(&name(earlier), &name(lab))
        .to_string();
    let stem = file.file_stem().context("a file has a name")?.to_string_lossy();
    let path = format!("book/src/diffs/{}-{}-{stem}.diff", earlier.package(), lab.package());
    Ok((path.into(), diff))
}
