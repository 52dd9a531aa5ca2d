//! What somebody has handed in: a folder, a checkout or an archive, and the sources of labs in it.
//!
//! Nothing else is taken from it: no manifest, no build script, no settings, no tests.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::archive;
use crate::catalogue::{Course, Lab};

/// How deep we look for labs, and how deep the sources of a lab may be.
const DEPTH_MAX: usize = 8;

/// How many entries of folders we look at.
const ENTRIES_MAX: usize = 20_000;

/// How much a lab may have, and how much there may be where commands are started.
const SOURCES: Room = Room { files: 200, bytes: 4 << 20 };
const FILES: Room = Room { files: 2_000, bytes: 64 << 20 };

/// Folders in which nobody keeps a submission: what is built, what git keeps, and a copy of our own
/// solutions.
const SKIPPED: [&str; 3] = ["target", ".git", "solutions"];

/// Something that was handed in.
pub struct Submission {
    /// What it is called in reports: the name of the folder or archive.
    pub name: String,
    pub path: PathBuf,
}

/// The sources of the labs in a submission.
#[derive(Default)]
pub struct Found {
    /// By package: the folder that holds the lab's sources.
    pub labs: BTreeMap<String, PathBuf>,
    /// All that was handed in, where a command is to be started in it.
    pub files: PathBuf,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Submission {
    /// The submission at `path`.
    pub fn new(path: &Path) -> Result<Self> {
        ensure!(path.exists(), "there is no {}", path.display());
        let whole =
            path.canonicalize().with_context(|| format!("cannot read {}", path.display()))?;
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.context("a submission needs a name")?;
        Ok(Self { name: archive::stem(&name).to_string(), path: whole })
    }

    /// Copies the sources of all labs that it has into `into`; and all its files, if `is_whole`.
    pub fn take(&self, course: &Course, into: &Path, is_whole: bool) -> Result<Found> {
        let mut found = Found::default();
        let folder = if self.path.is_dir() {
            self.path.clone()
        } else {
            let unpacked = into.join("unpacked");
            fs::create_dir_all(&unpacked)?;
            found.notes.extend(archive::unpack(&self.path, &unpacked)?);
            unpacked
        };
        if is_whole {
            found.files = into.join("files");
            let mut room = FILES;
            copy_some(&folder, &found.files, DEPTH_MAX, &mut room)?;
        }
        let mut places = BTreeMap::new();
        let mut left = ENTRIES_MAX;
        // It may be a single lab itself.
        consider(course, &folder, &mut places);
        look(course, &folder, DEPTH_MAX, &mut left, &mut places)?;
        if left == 0 {
            found.notes.push(format!("only the first {ENTRIES_MAX} entries were looked at"));
        }
        for (package, mut places) in places {
            places.sort_by_key(|place| (place.components().count(), place.clone()));
            if let [first, _, ..] = places.as_slice() {
                let inside = first.strip_prefix(&folder).unwrap_or(first);
                found.notes.push(format!(
                    "{package} is there {} times; {} was taken",
                    places.len(),
                    inside.display()
                ));
            }
            let sources = into.join(&package);
            match copy(&places[0], &sources) {
                Ok(()) => {
                    found.labs.insert(package, sources);
                }
                Err(error) => found.notes.push(format!("{package} could not be taken: {error:#}")),
            }
        }
        Ok(found)
    }
}

/// Looks for folders of sources, by package.
fn look(
    course: &Course,
    folder: &Path,
    depth: usize,
    left: &mut usize,
    places: &mut BTreeMap<String, Vec<PathBuf>>,
) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        if *left == 0 {
            return Ok(());
        }
        *left -= 1;
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A symlink is none, wherever it leads.
        if !entry.file_type()?.is_dir() || SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = entry.path();
        if !consider(course, &path, places) && depth > 0 {
            look(course, &path, depth - 1, left, places)?;
        }
    }
    Ok(())
}

/// Notes `folder` if it is a lab.
fn consider(course: &Course, folder: &Path, places: &mut BTreeMap<String, Vec<PathBuf>>) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let lab = name.and_then(|name| lab_called(course, &name));
    let sources = folder.join("src");
    let is_plain = fs::symlink_metadata(&sources).is_ok_and(|about| about.is_dir());
    match lab {
        Some(lab) if is_plain => places.entry(lab.package()).or_default().push(sources),
        _ => return false,
    }
    true
}

/// The lab whose folder is called so: `lab05-time-server`, or `lab05` and whatever follows.
fn lab_called<'a>(course: &'a Course, name: &str) -> Option<&'a Lab> {
    course.written().find(|lab| {
        let rest = name.strip_prefix(&lab.package());
        name == lab.folder || rest.is_some_and(|it| !it.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// How many more files are taken, and how many more bytes.
#[derive(Clone, Copy)]
struct Room {
    files: usize,
    bytes: u64,
}

/// Copies the sources of a lab.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut room = SOURCES;
    copy_some(from, to, DEPTH_MAX, &mut room)?;
    ensure!(to.join("main.rs").is_file(), "it has no src/main.rs");
    Ok(())
}

/// Copies plain files, and nothing that only looks like one.
fn copy_some(from: &Path, to: &Path, depth: usize, room: &mut Room) -> Result<()> {
    ensure!(depth > 0, "its folders are too deep");
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if kind.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
            copy_some(&entry.path(), &to.join(name), depth - 1, room)?;
        } else if kind.is_file() {
            room.files = room.files.checked_sub(1).context("it has too many files")?;
            // A sparse file is as long as it says, and costs nothing until it is read.
            let mut source = File::open(entry.path())?.take(room.bytes + 1);
            let len = io::copy(&mut source, &mut File::create(to.join(name))?)?;
            room.bytes = room.bytes.checked_sub(len).context("its files are too long")?;
        }
        // Neither a symlink nor a FIFO is a source.
    }
    Ok(())
}

/// What to call a submission in a path of ours, whatever its name is.
pub fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).take(100).collect();
    let name = name.trim_matches(['.', ' ']).to_string();
    if name.is_empty() { "unnamed".to_string() } else { name }
}

/// Submissions that would have the same name in reports.
pub fn no_twins(submissions: &[Submission]) -> Result<()> {
    let mut names: Vec<String> =
        submissions.iter().map(|submission| plain_name(&submission.name).to_lowercase()).collect();
    names.sort();
    if let Some(twins) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        bail!("two submissions are called {}: rename one of them", twins[0]);
    }
    Ok(())
}
