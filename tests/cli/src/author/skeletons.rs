//! `cargo lab author skeletons`: writes `labs/` from `solutions/`, or checks that it is fresh.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::skeleton::{self, Files};
use crate::Answer;
use crate::catalogue::{Course, Lab};

/// Cut the labs from the solutions; what this replaces is kept under target/wirelab/replaced
#[derive(Args)]
pub struct Arguments {
    /// Write nothing; say which labs are not as they would be written
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let mut answer = Answer::Yes;
    for lab in course.written() {
        let stale = stale(&course, lab)?;
        if stale.is_empty() {
            say!("{}: fresh", lab.package());
        } else if arguments.check {
            answer = Answer::No;
            for path in stale.keys() {
                say!("{}: not as it would be cut: {}", lab.package(), path.display());
            }
            say!("write them anew: cargo lab author skeletons");
        } else {
            for (path, text) in &stale {
                replace(&course, path, text.as_deref())?;
                say!("{}: written: {}", lab.package(), path.display());
            }
        }
    }
    Ok(answer)
}

/// Files under `labs/` that are not as they would be cut, with the text that they should have
/// (none: they should not be there).
type Stale = std::collections::BTreeMap<PathBuf, Option<String>>;

/// What of a lab is not as it would be cut, by paths as seen from the root.
pub fn stale(course: &Course, lab: &Lab) -> Result<Stale> {
    let folder = Path::new("labs").join(&lab.folder);
    let fresh = skeleton::cut(course, lab, 0)?;
    let mut stale = Stale::new();
    for (path, text) in &fresh {
        let path = folder.join(path);
        if fs::read_to_string(course.root.join(&path)).ok().as_ref() != Some(text) {
            stale.insert(path, Some(text.clone()));
        }
    }
    let sources = course.root.join(&folder).join("src");
    let there = if sources.is_dir() { skeleton::files_in(&sources)? } else { Files::new() };
    for path in there.into_keys().map(|path| Path::new("src").join(path)) {
        if !fresh.contains_key(&path) {
            stale.insert(folder.join(path), None);
        }
    }
    Ok(stale)
}

/// Puts `text` at `path`; what was there is kept: it may be somebody's evening.
fn replace(course: &Course, path: &Path, text: Option<&str>) -> Result<()> {
    let target = course.root.join(path);
    if target.exists() {
        let kept = course.root.join("target/wirelab/replaced").join(path);
        create_parent(&kept)?;
        fs::rename(&target, &kept).with_context(|| format!("cannot keep {}", path.display()))?;
    }
    if let Some(text) = text {
        put(&target, text)?;
    }
    Ok(())
}

/// Makes the folder of `path`.
pub fn create_parent(path: &Path) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Writes a file, with the folders that it is in.
pub fn put(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    create_parent(path)?;
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
