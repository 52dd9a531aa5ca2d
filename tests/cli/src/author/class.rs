//! `cargo lab author class`: proves that a class is graded as it deserves.
//!
//! The class is made of what we know the worth of: solutions in every wrapping, the stages on the
//! way to them, wrong and right variants, and the submissions of `tests/hostile.toml`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, io};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;

use super::skeleton::{self, Files};
use super::{skeletons, variants};
use crate::Answer;
use crate::catalogue::{Course, Lab};
use crate::grade::cell;
use crate::grade::grade::{Grade, LabGrade};

/// A length that no disk here has room for, but a file with nothing in it can have.
const TEN_GIGABYTES: u64 = 10 << 30;

/// What somebody may have who has done nothing: to end in time, for one, is not hard.
const NEXT_TO_NOTHING: f64 = 5.0;

/// How the names of those begin that do not try to be right.
const HOSTILE: &str = "hostile-";

/// Grade a class whose grades are known, hostile submissions among them
#[derive(Args)]
pub struct Arguments {
    /// The lab that is graded; the hostile ones are of lab 01
    #[arg(default_value = "01")]
    lab: String,

    /// How many are judged at the same time
    #[arg(long, default_value = "2")]
    jobs: String,

    /// Leave out the wrong and right variants: `cargo lab author check` shows them to the judge, too
    #[arg(long)]
    few: bool,

    /// Only those whose names contain this
    #[arg(long, default_value = "")]
    only: String,
}

/// What a submission must come to.
enum Worth {
    Whole,
    Nothing,
    /// Less than the whole.
    Some,
    /// The points of the exercises up to this one.
    UpTo(u32),
    /// Not all the points of this exercise.
    LessIn(u32),
}

struct Member {
    name: String,
    worth: Worth,
    /// Part of a note that must be there.
    note: Option<String>,
    path: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hostile {
    id: String,
    #[serde(rename = "about")]
    _about: String,
    expects: String,
    note: Option<String>,
    #[serde(default)]
    base: Option<String>,
    begin: Option<String>,
    program: Option<String>,
    #[serde(default)]
    files: BTreeMap<PathBuf, String>,
    make: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let lab = course.lab(&arguments.lab)?;
    let home = course.root.join("target/wirelab/class");
    // The last class has left.
    let _ = fs::remove_dir_all(&home);
    let mut members = members(&course, lab, &home.join("submissions"))?;
    members.retain(|member| member.name.contains(&arguments.only));
    if arguments.few {
        let is_variant = |name: &str| name.starts_with("wrong-") || name.starts_with("right-");
        members.retain(|member| !is_variant(&member.name));
    }
    let mut sandbox = "--sandbox-only";
    let mut jobs = arguments.jobs.as_str();
    if let Err(why) = cell::is_possible() {
        // Nobody wants these to run with their own rights.
        let count = members.len();
        members.retain(|member| !member.name.starts_with(HOSTILE));
        say!("NOT JUDGED: {} hostile submissions. {why}.", count - members.len());
        (sandbox, jobs) = ("--no-sandbox", "1");
    }
    let out = home.join("grades");
    let started = Instant::now();
    let status = Command::new(env::current_exe()?)
        .arg("grade")
        .args(members.iter().map(|member| &member.path))
        .args(["--lab", &arguments.lab, "--jobs", jobs, "--format", "all", sandbox])
        .arg("--out")
        .arg(&out)
        .status();
    let status = status.context("cannot start the grading")?;
    ensure!(status.code() != Some(2), "the grading did not begin");
    let mut complaints = Vec::new();
    for member in &members {
        let result = out.join(&member.name).join("result.json");
        match Grade::read(&result) {
            Some(grade) => complaints.extend(complaint(lab, member, &grade)),
            None => complaints.push(format!("{}: not graded to its end", member.name)),
        }
    }
    for complaint in &complaints {
        say!("NOT SO  {complaint}");
    }
    let (count, seconds) = (members.len(), started.elapsed().as_secs_f64());
    say!("{count} submissions in {seconds:.0} s, {} graded wrongly.", complaints.len());
    Ok(if complaints.is_empty() { Answer::Yes } else { Answer::No })
}

/// What is wrong with a grade, if anything is.
fn complaint(lab: &Lab, member: &Member, grade: &Grade) -> Option<String> {
    let [own] = grade.labs.as_slice() else { return Some("more labs than one".to_string()) };
    let of_step = |step: u32| {
        let number = format!("{}.{step}", lab.number);
        own.exercises.iter().find(|exercise| exercise.number == number)
    };
    let up_to = |last: u32| {
        let exercises = lab.exercises.iter().filter(|exercise| exercise.step <= last);
        exercises.map(|exercise| f64::from(exercise.points)).sum::<f64>()
    };
    let is_right = match member.worth {
        Worth::Whole => grade.points == up_to(u32::MAX),
        Worth::Nothing => grade.points <= NEXT_TO_NOTHING,
        Worth::Some => grade.points < up_to(u32::MAX),
        Worth::UpTo(step) => grade.points == up_to(step),
        Worth::LessIn(step) => of_step(step).is_some_and(|it| it.points < it.points_max),
    };
    let notes = grade.notes.iter().chain(&own.notes);
    let is_noted =
        member.note.as_ref().is_none_or(|words| notes.clone().any(|note| note.contains(words)));
    let unstable = grade.unstable().count();
    let told = format!(
        "{}: {} of {} points, {}, {unstable} unstable; {}",
        member.name,
        grade.points,
        grade.points_max,
        own.state.words(),
        notes.cloned().collect::<Vec<_>>().join("; ")
    );
    match () {
        () if !is_right => Some(format!("{told}{}", first_broken(own))),
        () if !is_noted => Some(format!("{told}: nothing is noted of it")),
        () => None,
    }
}

fn first_broken(lab: &LabGrade) -> String {
    let reports =
        lab.exercises.iter().flat_map(|it| &it.promises).filter_map(|it| it.report.as_ref());
    reports.take(1).map(|report| format!("\n{report}")).collect()
}

fn members(course: &Course, lab: &Lab, folder: &Path) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    let mut add = |name: &str, worth, files: &Files| {
        let path = folder.join(name);
        put(&path.join("labs").join(&lab.folder), files)?;
        members.push(Member { name: name.to_string(), worth, note: None, path });
        anyhow::Ok(())
    };
    let solution = as_lab(lab, skeleton::solution(course, lab)?);
    add("solution", Worth::Whole, &solution)?;
    add("skeleton", Worth::Nothing, &skeleton::cut(course, lab, 0)?)?;
    for exercise in &lab.exercises {
        let files = skeleton::cut(course, lab, exercise.step)?;
        add(&format!("stage-{}", exercise.step), Worth::UpTo(exercise.step), &files)?;
    }
    for variant in variants::read(course, lab, "wrong")? {
        let (Some(files), Some(step)) = (variant.sources(course, lab)?, variant.exercise) else {
            continue;
        };
        add(&format!("wrong-{}", variant.id), Worth::LessIn(step), &as_lab(lab, files))?;
    }
    for variant in variants::read(course, lab, "right")? {
        let Some(files) = variant.sources(course, lab)? else { continue };
        add(&format!("right-{}", variant.id), Worth::Whole, &as_lab(lab, files))?;
    }
    wrapped(&solution, &lab.folder, folder, &mut members)?;
    if lab.number == 1 {
        hostile(course, lab, folder, &mut members)?;
    }
    Ok(members)
}

/// The solution as students wrap it.
fn wrapped(files: &Files, name: &str, folder: &Path, members: &mut Vec<Member>) -> Result<()> {
    let mut add = |name: &str, path: PathBuf| {
        members.push(Member { name: name.to_string(), worth: Worth::Whole, note: None, path });
    };
    let nested = folder.join("nested/my work (final)/network");
    put(&nested.join(name), files)?;
    add("nested", folder.join("nested"));
    let single = folder.join("single").join(name);
    put(&single, files)?;
    add(name, single);
    let checkout = folder.join("checkout");
    put(&checkout.join("labs").join(name), files)?;
    put(&checkout.join(".git/labs").join(name), &Files::new())?;
    add("checkout", checkout);
    let path = folder.join("zipped.zip");
    let mut zip = zip::ZipWriter::new(File::create(&path)?);
    for (inside, text) in files {
        let inside = Path::new("zipped").join(name).join(inside);
        zip.start_file_from_path(inside, zip::write::SimpleFileOptions::default())?;
        io::Write::write_all(&mut zip, text.as_bytes())?;
    }
    zip.finish()?;
    add("zipped", path);
    let path = folder.join("packed.tar.gz");
    let mut tar = tar::Builder::new(GzEncoder::new(File::create(&path)?, Compression::fast()));
    for (inside, text) in files {
        append(&mut tar, &Path::new("labs").join(name).join(inside).to_string_lossy(), text)?;
    }
    tar.into_inner()?.finish()?;
    add("packed", path);
    Ok(())
}

/// Appends a file under whatever name, also one that the library would refuse.
fn append(tar: &mut tar::Builder<impl io::Write>, name: &str, text: &str) -> Result<()> {
    let mut header = tar::Header::new_gnu();
    let field = &mut header.as_old_mut().name;
    ensure!(name.len() < field.len(), "{name} is too long for a simple archive");
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    Ok(tar.append(&header, text.as_bytes())?)
}

fn hostile(course: &Course, lab: &Lab, folder: &Path, members: &mut Vec<Member>) -> Result<()> {
    #[derive(Deserialize)]
    struct Table {
        hostile: Vec<Hostile>,
    }
    let text = fs::read_to_string(course.root.join("tests/hostile.toml"))?;
    let table: Table = toml::from_str(&text).context("cannot read tests/hostile.toml")?;
    for hostile in table.hostile {
        let name = format!("{HOSTILE}{}", hostile.id);
        let path = folder.join(&name);
        let place = path.join("labs").join(&lab.folder);
        let mut files = match hostile.base.as_deref() {
            Some("skeleton") => skeleton::cut(course, lab, 0)?,
            _ => as_lab(lab, skeleton::solution(course, lab)?),
        };
        let main = files.get_mut(Path::new("src/main.rs")).context("no src/main.rs")?;
        if let Some(program) = &hostile.program {
            main.clone_from(program);
        }
        if let Some(begin) = &hostile.begin {
            let start = "fn main() -> ExitCode {\n";
            ensure!(main.contains(start), "main of {} has changed", lab.package());
            *main = main.replace(start, &format!("{start}{begin}\n"));
        }
        put(&place, &files)?;
        put(&path, &hostile.files)?;
        let path = match &hostile.make {
            Some(what) => make(course, lab, what, &path, &files)?,
            None => path,
        };
        let worth = match hostile.expects.as_str() {
            "whole" => Worth::Whole,
            "nothing" => Worth::Nothing,
            "some" => Worth::Some,
            other => bail!("{name} expects {other:?}"),
        };
        members.push(Member { name, worth, note: hostile.note, path });
    }
    Ok(())
}

/// Does what a text cannot tell to the submission at `path`; returns where it is then.
fn make(course: &Course, lab: &Lab, what: &str, path: &Path, files: &Files) -> Result<PathBuf> {
    let sources = path.join("labs").join(&lab.folder).join("src");
    let main = sources.join("main.rs");
    let ours = course.root.join("solutions").join(&lab.folder).join("src");
    let long = |path: &Path| anyhow::Ok(File::create(path)?.set_len(TEN_GIGABYTES)?);
    match what {
        "include" => fs::write(&main, format!("include!({:?});", ours.join("main.rs")))?,
        "symlink-file" => {
            fs::remove_file(&main)?;
            symlink(ours.join("main.rs"), &main)?;
        }
        "symlink-folder" => {
            fs::remove_dir_all(&sources)?;
            symlink(ours, &sources)?;
        }
        "sparse-source" => long(&sources.join("long.rs"))?,
        "sparse-neighbour" => long(&path.join("long.bin"))?,
        "broken-zip" => {
            fs::remove_dir_all(path)?;
            let archive = path.with_extension("zip");
            fs::write(&archive, "PK and nothing else")?;
            return Ok(archive);
        }
        "tar-that-climbs" => {
            let archive = path.with_extension("tar");
            let mut tar = tar::Builder::new(File::create(&archive)?);
            append(&mut tar, "../../climbed.txt", "out")?;
            append(&mut tar, "/tmp/wirelab-climbed.txt", "out")?;
            for (inside, text) in files {
                let inside = Path::new("labs").join(&lab.folder).join(inside);
                append(&mut tar, &inside.to_string_lossy(), text)?;
            }
            tar.finish()?;
            fs::remove_dir_all(path)?;
            return Ok(archive);
        }
        other => bail!("nobody knows how to make {other:?}"),
    }
    Ok(path.to_path_buf())
}

/// The sources of a solution or a variant of it, as the same lab of a student's.
fn as_lab(lab: &Lab, mut files: Files) -> Files {
    files.retain(|path, _| path.starts_with("src"));
    for text in files.values_mut() {
        *text = text.replace(&lab.solution(), &lab.package());
    }
    files
}

fn put(folder: &Path, files: &Files) -> Result<()> {
    fs::create_dir_all(folder)?;
    files.iter().try_for_each(|(path, text)| skeletons::put(&folder.join(path), text))
}
