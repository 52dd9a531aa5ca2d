//! `cargo lab author captures`: makes the captures of the course, from the solutions.
//!
//! ```text
//!   cargo lab author captures                            wireshark/captures/
//!     |                                                    captures.toml   what there is to see
//!     +-- in a private network, for each:                  README.md       the same, for people
//!           the solution, a peer, dumpcap  ------------->  NN-NAME.pcapng
//! ```

mod peer;
mod scenes;
mod sheet;
mod stage;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::Answer;
use crate::capture::network::{self, Way};
use crate::capture::program;
use crate::capture::recorder::Recorder;
use crate::catalogue::Course;
use crate::wireshark::questions::Questions;
use peer::LIMIT;
use sheet::{Sheet, Sheets};
use stage::Stage;

/// How many captures are made, or looked at, at the same time. Most of the time dumpcap waits.
const AT_THE_SAME_TIME: usize = 4;

/// Make the captures that the course shows, and check them
#[derive(Args)]
pub struct Arguments {
    /// The captures to make (05-time, or all that begin with 05); all, if none is named
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Make none; only look whether those that are there show what they should
    #[arg(long)]
    check: bool,

    /// Make none; only write the README anew, and check
    #[arg(long, conflicts_with = "check")]
    readme: bool,

    /// We are in a private network already: make this one capture, with this server
    #[arg(long, hide = true, value_name = "PROGRAM")]
    inside: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let sheets = Sheets::of(&course)?;
    let chosen: Vec<&Sheet> = sheets.chosen(&arguments.names)?;
    if let (Some(program), [sheet]) = (&arguments.inside, chosen.as_slice()) {
        record(&course, sheet, program)?;
        return Ok(Answer::Yes);
    }
    if !arguments.check && !arguments.readme {
        make(&course, &chosen)?;
    }
    if !arguments.check {
        fs::write(course.root.join(sheet::README), sheets.readme()?)?;
    }
    check(&course, &sheets, &chosen)
}

/// Makes each capture in a private network of its own, a few at the same time.
fn make(course: &Course, sheets: &[&Sheet]) -> Result<()> {
    let way = Way::find()?;
    let mut programs: BTreeMap<u32, PathBuf> = BTreeMap::new();
    for sheet in sheets.iter().filter(|sheet| sheet.arguments.is_some()) {
        if let Entry::Vacant(place) = programs.entry(sheet.lab) {
            place.insert(program::build(course, &course.number(sheet.lab)?.solution())?);
        }
    }
    let nobody = PathBuf::new();
    on_each(sheets, |sheet| {
        let program = programs.get(&sheet.lab).unwrap_or(&nobody);
        let status = way
            .command(env::current_exe()?)
            .args(["author", "captures", &sheet.name, "--inside"])
            .arg(program)
            .current_dir(&course.root)
            .status();
        if !status.context("cannot start ourselves")?.success() {
            bail!("{}: not made", sheet.name);
        }
        let bytes = fs::metadata(course.root.join(sheet.path()))?.len();
        say!("{}: {bytes} bytes", sheet.path().display());
        Ok(())
    })?;
    Ok(())
}

/// Does something with each sheet, a few at the same time; what came of it, in their order.
fn on_each<T: Send>(
    sheets: &[&Sheet],
    does: impl Fn(&Sheet) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(sheet) = sheets.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((&sheet.name, does(sheet)));
        }
        done
    };
    let mut done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_THE_SAME_TIME).map(|_| scope.spawn(work)).collect();
        let ends = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
        ends.flatten().collect()
    });
    done.sort_by_key(|(name, _)| *name);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Plays the scene, and records it.
fn record(course: &Course, sheet: &Sheet, program: &Path) -> Result<()> {
    let what = || format!("there is no scene {}", sheet.name);
    let script = scenes::called(&sheet.name).with_context(what)?;
    let capture = course.root.join(sheet.path());
    let stage = Stage::new(sheet, program)?;
    let recorder = Recorder::start(&capture, sheet.bytes_of_each)?;
    script(&stage).with_context(|| sheet.name.clone())?;
    network::await_rest(LIMIT)?;
    recorder.finish(&capture)
}

/// Whether the captures show what the sheets say, and the README says what the sheets do.
fn check(course: &Course, sheets: &Sheets, chosen: &[&Sheet]) -> Result<Answer> {
    let mut complaints = sheets.complaints(course)?;
    complaints.extend(Questions::of(course)?.complaints(course)?);
    complaints.extend(on_each(chosen, |sheet| sheet.complaints(course))?.into_iter().flatten());
    for complaint in &complaints {
        say!("{complaint}");
    }
    say!("{} captures looked at, {} complaints", chosen.len(), complaints.len());
    Ok(if complaints.is_empty() { Answer::Yes } else { Answer::No })
}
