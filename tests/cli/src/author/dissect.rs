//! `cargo lab author dissect`: what Wireshark makes of the course's captures, with the course's
//! dissectors and profile.
//!
//! ```text
//!   wireshark/captures/05-time.pcapng --- tshark ---> fields, frame by frame
//!                                                       = wireshark/expected/05-time.txt ?
//!   many copies, changed and cut      --- tshark ---> no error in any of our scripts ?
//! ```

mod mutants;
mod ports;
mod tshark;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, ensure};
use clap::Args;
use similar::TextDiff;

use crate::Answer;
use crate::catalogue::Course;
use tshark::Tshark;

/// Where the captures are, as seen from the root.
const CAPTURES: &str = "wireshark/captures";

/// Where it is written down what they hold, as seen from the root.
const EXPECTED: &str = "wireshark/expected";

/// Compare what the dissectors make of each capture with what is written down
#[derive(Args)]
pub struct Arguments {
    /// Only the captures whose names begin with this
    #[arg(value_name = "NAME", default_value = "")]
    only: String,

    /// Write down what the dissectors make of them now
    #[arg(long)]
    bless: bool,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let tshark = Tshark::of(&course)?;
    let captures = captures(&course, &arguments.only)?;
    let read = each_at_once(&captures, |capture| tshark.read(capture));
    let read: Vec<String> = read.into_iter().collect::<Result<_>>()?;
    if arguments.bless {
        return bless(&course, &captures, &read, arguments.only.is_empty());
    }
    let mut complaints = ports::complaints(&course, &tshark)?;
    complaints.extend(differences(&course, &captures, &read));
    complaints.extend(unread(&course, &captures, &arguments.only)?);
    complaints.extend(mutants::complaints(&course, &tshark, &captures)?);
    for complaint in &complaints {
        say!("{complaint}");
    }
    say!("{} captures, {} complaints", captures.len(), complaints.len());
    Ok(if complaints.is_empty() { Answer::Yes } else { Answer::No })
}

/// All captures whose names begin with `only`, in order.
fn captures(course: &Course, only: &str) -> Result<Vec<PathBuf>> {
    let captures = files(&course.root.join(CAPTURES), "pcapng")?;
    let is_meant = |path: &PathBuf| name(path).starts_with(only);
    let captures: Vec<_> = captures.into_iter().filter(is_meant).collect();
    ensure!(!captures.is_empty(), "there is no capture {only} in {CAPTURES}");
    Ok(captures)
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()));
    let paths = entries?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let is_one = |path: &PathBuf| path.extension().is_some_and(|it| it == extension);
    let mut paths: Vec<_> = paths.into_iter().filter(is_one).collect();
    paths.sort();
    Ok(paths)
}

/// The name of a capture, or of what is written down of it: `05-time`.
fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn expected(course: &Course, capture: &Path) -> PathBuf {
    course.root.join(EXPECTED).join(name(capture)).with_extension("txt")
}

/// Does `work` with each item, as many at once as this machine has processors; the results are in
/// the order of the items.
fn each_at_once<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let results = Mutex::new(Vec::new());
    let take = || next.lock().expect("nobody panics while taking").next();
    let workers = thread::available_parallelism().map_or(2, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, item)) = take() {
                    let result = (place, work(item));
                    results.lock().expect("nobody panics while storing").push(result);
                }
            });
        }
    });
    let mut results = results.into_inner().expect("everybody is done");
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Writes down what was read; with all captures, also removes what belongs to none.
fn bless(course: &Course, captures: &[PathBuf], read: &[String], is_all: bool) -> Result<Answer> {
    fs::create_dir_all(course.root.join(EXPECTED)).context("cannot make a folder")?;
    for (capture, text) in captures.iter().zip(read) {
        let path = expected(course, capture);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for path in if is_all { leftovers(course, captures)? } else { Vec::new() } {
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    say!("{} captures: written down in {EXPECTED}; read the difference", captures.len());
    Ok(Answer::Yes)
}

fn leftovers(course: &Course, captures: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let names: BTreeSet<String> = captures.iter().map(|capture| name(capture)).collect();
    let written = files(&course.root.join(EXPECTED), "txt")?;
    Ok(written.into_iter().filter(|path| !names.contains(&name(path))).collect())
}

/// Where a capture reads in another way than it is written down.
fn differences(course: &Course, captures: &[PathBuf], read: &[String]) -> Vec<String> {
    let difference = |(capture, text): (&PathBuf, &String)| {
        let written = fs::read_to_string(expected(course, capture)).unwrap_or_default();
        (&written != text).then(|| {
            let diff = TextDiff::from_lines(&written, text);
            let diff =
                diff.unified_diff().context_radius(1).header("written down", "now").to_string();
            format!("{}: not as written down (--bless writes it anew)\n{diff}", name(capture))
        })
    };
    captures.iter().zip(read).filter_map(difference).collect()
}

/// What is written down of captures that are not there.
fn unread(course: &Course, captures: &[PathBuf], only: &str) -> Result<Vec<String>> {
    if !only.is_empty() {
        return Ok(Vec::new());
    }
    let complaint = |path: &PathBuf| format!("{}: written down, but no such capture", name(path));
    Ok(leftovers(course, captures)?.iter().map(complaint).collect())
}
