//! `cargo lab grade`: judges what students have handed in. Grading is checking with a command.
//!
//! ```text
//!   submission ── only sources ── compiled in a cell ── judged in a cell ── grade ── reports
//!   (folder,       (submission,    (recipe)              (judging)          (grade)   (writers)
//!    archive)       archive)
//! ```
//!
//! Nothing that a submission brings is believed: neither what it prints nor how it ends, and nothing
//! of it takes part in judging but the program that its sources make.

mod archive;
pub mod cell;
#[expect(clippy::module_inception, reason = "a grade is what grading ends in")]
pub mod grade;
mod guard;
mod judging;
mod policy;
pub mod recipe;
mod scoring;
mod submission;
mod writers;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::TempDir;

use self::grade::{Grade, Isolation, LabGrade, SCHEMA, State};
use self::guard::Limits;
use self::judging::{Accused, Conditions, Court};
use self::policy::{Person, Policy};
use self::recipe::{Dish, Kitchen};
use self::submission::{Found, Submission};
use crate::catalogue::{Course, Lab};
use crate::{Answer, edition};

/// What a submission may have, unless the course file says otherwise.
const MEMORY_MIB: u64 = 1024;
const PROCESSES: usize = 512;
const MINUTES: u64 = 15;

/// The result file of a submission, in its folder.
const RESULT: &str = "result.json";

/// Judge what students have handed in, and write reports
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab grade submissions/*
  cargo lab grade handed-in/anna.zip --lab 05
  cargo lab grade submissions/* --course course.toml --roster people.csv --format all

Each submission gets a folder under --out with its result file, whatever happens to it. Who is
graded already is not graded again as long as nothing has changed (--again does it nevertheless).")]
pub struct Arguments {
    /// Folders, checkouts or archives (zip, tar, tar.gz), each with the labs of one student
    #[arg(required = true, value_name = "SUBMISSION")]
    submissions: Vec<PathBuf>,

    /// Where results and reports go
    #[arg(long, default_value = "grades", value_name = "DIR")]
    out: PathBuf,

    /// Reports besides the table: csv, moodle, canvas, json, junit, gradescope, classroom, html, or all
    #[arg(long, value_delimiter = ',', value_name = "FORMAT", default_value = "csv,html")]
    format: Vec<writers::Format>,

    /// Only these labs
    #[arg(long, value_delimiter = ',', value_name = "LAB")]
    lab: Vec<String>,

    /// Points, due labs, patience, commands for other languages (see the book, Grading)
    #[arg(long, value_name = "FILE")]
    course: Option<PathBuf>,

    /// Who has handed in what: a CSV file with the columns id, name and submission
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,

    /// How many submissions are judged at the same time
    #[arg(long, default_value = "1", value_name = "N")]
    jobs: NonZero<u32>,

    /// Grade those again that are graded already
    #[arg(long)]
    again: bool,

    /// Refuse to judge where there can be no sandbox
    #[arg(long, conflicts_with = "no_sandbox")]
    sandbox_only: bool,

    /// Judge without a sandbox, also where there could be one: only what you trust
    #[arg(long)]
    no_sandbox: bool,
}

/// What all submissions have in common.
struct Session<'a> {
    course: &'a Course,
    labs: Vec<&'a Lab>,
    policy: Policy,
    people: BTreeMap<String, Person>,
    isolation: Isolation,
    kitchen: Kitchen,
    courts: BTreeMap<String, Court>,
    out: &'a Path,
    again: bool,
    /// The judge, the course file: whatever has a say in a grade besides the submission.
    way: String,
}

/// Grades, and writes the reports.
pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let is_whole = !edition::is_students(&course);
    ensure!(is_whole, "a student edition cannot grade; do it in a checkout of the whole course");
    let submissions: Vec<Submission> =
        arguments.submissions.iter().map(|path| Submission::new(path)).collect::<Result<_>>()?;
    submission::no_twins(&submissions)?;
    fs::create_dir_all(&arguments.out)
        .with_context(|| format!("cannot make {}", arguments.out.display()))?;
    let stage = stage()?;
    let session = session(&course, arguments, stage.path())?;
    if let Isolation::SelfCheck(why) = &session.isolation {
        say!("No sandbox: {why}.");
        say!("So this is a self-check and no grading: programs run with your rights, and could");
        say!("read and change whatever you can. Grade only what you trust.\n");
        ensure!(arguments.jobs.get() == 1, "without a sandbox only one submission at a time");
    }
    let grades = grade_all(&session, &submissions, arguments.jobs.get(), stage.path());
    writers::write(&arguments.format, &grades, &arguments.out)?;
    let is_whole = grades.iter().all(|grade| grade.is_finished);
    Ok(if is_whole { Answer::Yes } else { Answer::No })
}

/// A folder that also a stranger can look into, but not list.
fn stage() -> Result<TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let stage = tempfile::Builder::new().prefix("wirelab-grade-").tempdir();
    let stage = stage.context("cannot make a folder to work in")?;
    fs::set_permissions(stage.path(), fs::Permissions::from_mode(0o711))?;
    Ok(stage)
}

fn session<'a>(course: &'a Course, arguments: &'a Arguments, stage: &Path) -> Result<Session<'a>> {
    let policy = match &arguments.course {
        Some(path) => Policy::read(course, path)?,
        None => Policy::default(),
    };
    let people = arguments.roster.as_deref().map(policy::roster).transpose()?.unwrap_or_default();
    let mut labs = policy.labs(course);
    if !arguments.lab.is_empty() {
        let named = arguments.lab.iter().map(|name| Ok(course.lab(name)?.number));
        let named = named.collect::<Result<Vec<u32>>>()?;
        labs.retain(|lab| named.contains(&lab.number));
    }
    ensure!(!labs.is_empty(), "no lab is due");
    let isolation = match cell::is_possible() {
        _ if arguments.no_sandbox => Isolation::SelfCheck("you asked for none".to_string()),
        Ok(()) => Isolation::Sandbox,
        Err(why) if arguments.sandbox_only => bail!("there can be no sandbox: {why}"),
        Err(why) => Isolation::SelfCheck(why),
    };
    say!("Building the judge and the labs as they are given ...");
    let kitchen = Kitchen::open(course)?;
    let mut courts = BTreeMap::new();
    for lab in &labs {
        courts.insert(lab.package(), Court::open(course, lab, stage)?);
    }
    let (out, again) = (arguments.out.as_path(), arguments.again);
    let way = way(arguments, &courts)?;
    Ok(Session { course, labs, policy, people, isolation, kitchen, courts, out, again, way })
}

fn way(arguments: &Arguments, courts: &BTreeMap<String, Court>) -> Result<String> {
    let mut hash = scoring::Hash::new();
    for path in arguments.course.iter().chain(courts.values().map(|court| &court.program)) {
        hash.add(&fs::read(path)?);
    }
    Ok(hash.text())
}

/// Grades all submissions, so many at a time; the grades come in the order of the submissions.
fn grade_all(
    session: &Session<'_>,
    submissions: &[Submission],
    jobs: u32,
    stage: &Path,
) -> Vec<Grade> {
    let next = AtomicUsize::new(0);
    let grades: Mutex<BTreeMap<usize, Grade>> = Mutex::default();
    let progress = progress(submissions.len());
    let take_turns = |place: u32| {
        while let Some((number, submission)) = take_next(&next, submissions) {
            progress.set_message(submission.name.clone());
            let grade = session.grade(submission, place, stage);
            progress.suspend(|| say!("{}", writers::table::line(&grade)));
            progress.inc(1);
            grades.lock().expect("nobody panics with it").insert(number, grade);
        }
    };
    thread::scope(|scope| {
        for place in 0..jobs {
            let take_turns = &take_turns;
            scope.spawn(move || take_turns(place));
        }
    });
    progress.finish_and_clear();
    grades.into_inner().expect("nobody panics with it").into_values().collect()
}

fn take_next<'a>(
    next: &AtomicUsize,
    submissions: &'a [Submission],
) -> Option<(usize, &'a Submission)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, submissions.get(number)?))
}

/// A bar on a terminal, and nothing elsewhere.
fn progress(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left  {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

impl Session<'_> {
    /// Grades one submission. There is a result file from the first moment, and it says "not
    /// finished" until it is.
    fn grade(&self, submission: &Submission, place: u32, stage: &Path) -> Grade {
        let started = Instant::now();
        let person = self.people.get(&submission.name);
        let mut grade = Grade {
            schema: SCHEMA,
            submission: submission.name.clone(),
            id: person.map(|person| person.id.clone()),
            person: person.map(|person| person.name.clone()),
            fingerprint: String::new(),
            isolation: self.isolation.clone(),
            is_finished: false,
            labs: Vec::new(),
            points: 0.0,
            points_max: 0.0,
            notes: Vec::new(),
            seconds: 0.0,
        };
        let folder = self.out.join(submission::plain_name(&submission.name));
        let result = folder.join(RESULT);
        let work = stage.join(format!("place-{place}"));
        let outcome = self.fill(&mut grade, submission, place, &work, &result);
        if grade.is_finished {
            // As it was found out before.
            return grade;
        }
        grade.is_finished = outcome.is_ok();
        grade.points = grade.labs.iter().map(|lab| lab.points).sum();
        grade.points_max = grade.labs.iter().map(|lab| lab.points_max).sum();
        grade.seconds = started.elapsed().as_secs_f64();
        if let Err(error) = outcome.and_then(|()| grade.write(&result)) {
            grade.is_finished = false;
            grade.notes.push(format!("the grading itself failed: {error:#}"));
        }
        grade
    }

    /// Finds out about each lab. What stands in `result` already is taken, if it is still true.
    fn fill(
        &self,
        grade: &mut Grade,
        submission: &Submission,
        place: u32,
        work: &Path,
        result: &Path,
    ) -> Result<()> {
        // Whoever was here before has left.
        let _ = fs::remove_dir_all(work);
        fs::create_dir_all(work)?;
        let taken = submission.take(self.course, &work.join("taken"), self.policy.has_commands());
        let found = taken.unwrap_or_else(|error| Found {
            notes: vec![format!("this cannot be read as a submission: {error:#}")],
            ..Found::default()
        });
        grade.fingerprint = scoring::fingerprint(&found, &self.way)?;
        if let Some(before) = Grade::read(result).filter(|it| self.is_still_true(it, grade)) {
            *grade = Grade { id: grade.id.take(), person: grade.person.take(), ..before };
            return Ok(());
        }
        grade.notes.extend(found.notes.iter().cloned());
        grade.write(result)?;
        for lab in &self.labs {
            grade.labs.push(self.grade_lab(lab, &found, place, work));
            grade.write(result)?;
        }
        Ok(())
    }

    /// Whether what was found out `before` about the same sources is what we would find out now.
    fn is_still_true(&self, before: &Grade, now: &Grade) -> bool {
        let labs = before.labs.iter().map(|lab| lab.lab.clone());
        !self.again
            // What a command makes of a folder, its sources do not tell.
            && !self.policy.has_commands()
            && before.fingerprint == now.fingerprint
            && before.isolation == now.isolation
            && labs.eq(self.labs.iter().map(|lab| lab.package()))
            && before.labs.iter().all(|lab| lab.state != State::GraderFailed)
    }

    /// Grades one lab; one that fails costs nothing but itself.
    fn grade_lab(&self, lab: &Lab, found: &Found, place: u32, work: &Path) -> LabGrade {
        let started = Instant::now();
        let judged = self.judge_lab(lab, found, place, work);
        let mut grade = judged.unwrap_or_else(|error| {
            scoring::without_hearing(lab, &self.policy, State::GraderFailed, format!("{error:#}"))
        });
        grade.seconds = started.elapsed().as_secs_f64();
        grade
    }

    fn judge_lab(&self, lab: &Lab, found: &Found, place: u32, work: &Path) -> Result<LabGrade> {
        let unheard = |state, message: String| {
            Ok(scoring::without_hearing(lab, &self.policy, state, message))
        };
        let package = lab.package();
        let folder = work.join(format!("judged-{package}"));
        fs::create_dir_all(&folder)?;
        let is_caged = self.isolation == Isolation::Sandbox;
        let court = &self.courts[&package];
        let conditions = self.conditions(place, is_caged);
        if let Some(commands) = self.policy.commands(lab) {
            let (server, client) = (commands.server.as_str(), commands.client.as_deref());
            let accused = Accused::Commands { server, client, folder: &found.files };
            let hearing = court.hear(&accused, &folder, conditions)?;
            return Ok(scoring::after_hearing(lab, &self.policy, court, hearing));
        }
        let Some(sources) = found.labs.get(&package) else {
            return unheard(State::Missing, String::new());
        };
        let out = folder.join("made");
        fs::create_dir_all(&out)?;
        let program = match self.kitchen.cook(&package, sources, &out, is_caged)? {
            Dish::Program(program) => program,
            Dish::Complaints(words) => return unheard(State::DoesNotCompile, words),
        };
        let hearing = court.hear(&Accused::Program(&program), &folder, conditions)?;
        Ok(scoring::after_hearing(lab, &self.policy, court, hearing))
    }

    fn conditions(&self, place: u32, is_caged: bool) -> Conditions {
        let minutes = self.policy.minutes.unwrap_or(MINUTES);
        let limits = Limits {
            memory: self.policy.memory.unwrap_or(MEMORY_MIB) << 20,
            processes: PROCESSES,
            time: Duration::from_secs(minutes * 60),
        };
        Conditions { place, is_caged, slowness: self.policy.slow, limits }
    }
}

/// Copies the plain files of a folder.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
