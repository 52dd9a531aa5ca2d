//! `cargo lab author check`: proves the five states of every lab.
//!
//! 1. The skeleton is fresh, and compiles without a warning.
//! 2. The skeleton fails, and names the exercise that is not written yet with file and line.
//! 3. The solution keeps every promise.
//! 4. Each wrong variant is caught by the exercise it names; each right variant is accepted.
//! 5. The staircase: with the bodies of exercises 1 to k filled in, exactly the promises of 1 to k
//!    hold, for every k.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::report::{self, Report};
use super::skeleton::{self, Files};
use super::tally::{self, Kind};
use super::variants::{self, Built, Environment, Variant};
use super::{diffs, readme, said, skeletons};
use crate::Answer;
use crate::catalogue::{Course, Lab};
use crate::judge::{Judge, Record, Records, Verdict};

/// How many seconds of silence the judge bears from programs that are expected to be silent.
const SHORT_PATIENCE: &str = "1";

/// How many promises such a program is asked at once. Most of the time the judge waits for one that
/// will never speak: it may as well wait for several.
const SHORT_THREADS: &str = "6";

/// How many programs are judged at once.
const AT_ONCE: usize = 3;

/// Prove the five states of every lab
#[derive(Args)]
pub struct Arguments {
    /// Only this lab
    lab: Option<String>,

    /// Judge wrong variants by all promises, not only by those of the exercise they name
    #[arg(long)]
    all: bool,

    /// Record the failures of the wrong variants as they read now (tests/wrong/said)
    #[arg(long)]
    bless: bool,

    /// Only this wrong or right variant, and no more of its lab (may be given more than once)
    #[arg(long = "variant", value_name = "ID")]
    variants: Vec<String>,

    /// Write what became of every variant to FILE, as a table (.md) and as data (.json); what FILE
    /// says of variants that are not judged this time stays
    #[arg(long, value_name = "FILE", requires = "all")]
    report: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let mut complaints = 0;
    let mut rows = Vec::new();
    let labs = labs(&course, arguments)?;
    let begin = |file: &PathBuf| Report::begin(file, report::names(&course, course.written())?);
    let report = arguments.report.as_ref().map(begin).transpose()?;
    if arguments.is_about_all() && readme::stale(&course)?.is_some() {
        say!("README.md is not as the catalogue has it: cargo lab author readme\n");
        complaints += 1;
    }
    if arguments.is_about_all() && report.is_none() && tally::is_stale(&course)? {
        say!("book/src/figures/judge.md is not what judge.json beside it says\n");
        complaints += 1;
    }
    for lab in labs {
        let started = Instant::now();
        say!("{} ({})", lab.package(), lab.title);
        let Proof { complaints: found, rows: of_lab } = prove(&course, lab, arguments)?;
        rows.extend(of_lab);
        for complaint in &found {
            say!("  NOT SO  {complaint}");
        }
        complaints += found.len();
        say!("  {:.1} s\n", started.elapsed().as_secs_f64());
    }
    if let Some(report) = report {
        report.finish(rows)?;
    }
    match complaints {
        0 if arguments.is_about_all() => say!("All five states hold."),
        0 => say!("It is as it should be."),
        _ => say!("{complaints} things do not hold."),
    }
    Ok(if complaints == 0 { Answer::Yes } else { Answer::No })
}

impl Arguments {
    /// Whether nothing is left out of a lab.
    fn is_about_all(&self) -> bool {
        self.variants.is_empty()
    }

    /// Whether the variant `id` is to be judged.
    fn mean(&self, id: &String) -> bool {
        self.is_about_all() || self.variants.contains(id)
    }
}

/// The labs that are asked for; with `--variant`, those that have such a variant.
fn labs<'a>(course: &'a Course, arguments: &Arguments) -> Result<Vec<&'a Lab>> {
    let one = arguments.lab.as_ref().map(|name| course.lab(name)).transpose()?;
    let is_meant = |lab: &&Lab| one.is_none_or(|one| one.number == lab.number);
    let labs: Vec<&Lab> = course.written().filter(is_meant).collect();
    if arguments.is_about_all() {
        return Ok(labs);
    }
    let names = report::names(course, labs.iter().copied())?;
    for wanted in &arguments.variants {
        if !names.iter().any(|(_, _, id)| id == wanted) {
            let place = one.map_or("any lab".to_string(), Lab::package);
            bail!("there is no variant {wanted} of {place} in tests/wrong or tests/right");
        }
    }
    let has_one =
        |lab: &&Lab| names.iter().any(|(of, _, id)| *of == lab.number && arguments.mean(id));
    Ok(labs.into_iter().filter(has_one).collect())
}

/// A program to be judged, and what must come of it.
#[derive(Clone)]
struct Defendant {
    /// `stage-2`, `wrong-eof-spin`.
    name: String,
    state: State,
    environment: Environment,
    /// Which promises are judged.
    prefix: String,
}

impl Defendant {
    /// Its environment for a judge that waits as long for it as for a student's program.
    fn with_all_patience(&self) -> Environment {
        let is_kept = |name: &str| name != "WIRELAB_PATIENCE" && name != "RUST_TEST_THREADS";
        self.environment.iter().filter(|(name, _)| is_kept(name)).cloned().collect()
    }
}

#[derive(Clone)]
enum State {
    Solution,
    /// The bodies up to this step are filled in.
    Stage(u32),
    Wrong(Box<Variant>),
    Right(Box<Variant>),
}

/// What does not hold, and what became of each variant.
struct Proof {
    complaints: Vec<String>,
    rows: Vec<tally::Row>,
}

/// Proves the states of one lab.
fn prove(course: &Course, lab: &Lab, arguments: &Arguments) -> Result<Proof> {
    let mut complaints = early_complaints(course, lab, arguments)?;
    let (mut defendants, programs) = defendants(course, lab, arguments)?;
    let mut built = variants::build(course, &programs)?;
    for defendant in defendants.iter_mut().filter(|it| programs.contains_key(&it.name)) {
        let Built { program, warnings, errors } = built.remove(&defendant.name).unwrap_or_default();
        let is_stage = matches!(defendant.state, State::Stage(_));
        let warnings = warnings.into_iter().filter(|_| is_stage);
        complaints.extend(warnings.chain(errors).map(|it| format!("{}: {it}", defendant.name)));
        let program = program.with_context(|| format!("{} does not compile", defendant.name));
        match program {
            Ok(path) => {
                defendant.environment.push(("WIRELAB_PROGRAM", path.display().to_string()));
            }
            Err(error) => bail!("{error}\n{}", complaints.join("\n")),
        }
    }
    let Some(judge) = Judge::build(course, lab, &lab.solution())? else {
        bail!("{} does not compile", lab.solution());
    };
    let mut rows = Vec::new();
    for (defendant, mut records, time) in judged(course, &judge, defendants)? {
        let complain = |records: &Records| match &defendant.state {
            State::Solution | State::Right(_) => Ok(not_accepted(records)),
            State::Stage(filled) => Ok(stage_complaints(lab, *filled, records)),
            State::Wrong(variant) => wrong_complaints(course, lab, variant, records, arguments),
        };
        let mut found = complain(&records)?;
        let was_as_expected = found.is_empty();
        for environment in [defendant.environment.clone(), defendant.with_all_patience()] {
            if found.is_empty() {
                break;
            }
            // A busy machine can make it so; what is really so will be so again, and alone.
            say!("  {}: once more, alone, because {}", defendant.name, first_line(&found));
            records = judge_one(course, &judge, &Defendant { environment, ..defendant.clone() })?;
            found = complain(&records)?;
        }
        let unstable = !was_as_expected && found.is_empty();
        rows.extend(row(lab, &defendant, &records).map(|row| tally::Row {
            unstable,
            seconds: (time.as_secs_f64() * 10.0).round() / 10.0,
            ..row
        }));
        complaints.extend(found.into_iter().map(|it| format!("{}: {it}", defendant.name)));
    }
    Ok(Proof { complaints, rows })
}

/// What the report says of a variant.
fn row(lab: &Lab, defendant: &Defendant, records: &Records) -> Option<tally::Row> {
    let (kind, variant) = match &defendant.state {
        State::Wrong(variant) => (Kind::Wrong, variant),
        State::Right(variant) => (Kind::Right, variant),
        State::Solution | State::Stage(_) => return None,
    };
    let (caught_by, promises) = tally::counted(lab, records);
    let exercise = variant.exercise.map(|step| format!("{}.{step}", lab.number));
    let as_expected = match &exercise {
        Some(exercise) => caught_by.contains_key(exercise),
        None => not_accepted(records).is_empty(),
    };
    Some(tally::Row {
        lab: lab.number,
        id: variant.id.clone(),
        kind,
        about: variant.about.clone(),
        exercise,
        as_expected,
        caught_by,
        promises,
        unstable: false,
        seconds: 0.0,
    })
}

fn first_line(complaints: &[String]) -> &str {
    complaints.first().and_then(|it| it.lines().next()).unwrap_or_default()
}

/// What does not hold before anything is built.
fn early_complaints(course: &Course, lab: &Lab, arguments: &Arguments) -> Result<Vec<String>> {
    if !arguments.is_about_all() {
        return Ok(Vec::new());
    }
    let mut complaints = file_complaints(course, lab)?;
    if arguments.report.is_none() {
        let way = "--all --variant ID --report book/src/figures/judge";
        let complaint = |id| format!("the book's report of variants lacks {id}: {way}");
        complaints.extend(tally::unknown(course, lab)?.into_iter().map(complaint));
    }
    Ok(complaints)
}

/// What does not hold about the files of a lab.
fn file_complaints(course: &Course, lab: &Lab) -> Result<Vec<String>> {
    let mut complaints: Vec<String> = skeletons::stale(course, lab)?
        .keys()
        .map(|path| format!("{} is not as it would be cut from the solution", path.display()))
        .collect();
    complaints.extend(catalogue_complaints(lab));
    complaints.extend(skeleton::not_kept(course, lab)?);
    let stale = diffs::stale(course, lab)?;
    let complaint = |(path, _): &(PathBuf, String)| {
        format!("{} is stale: cargo lab author diffs", path.display())
    };
    complaints.extend(stale.iter().map(complaint));
    Ok(complaints)
}

/// What the catalogue says that cannot be meant.
fn catalogue_complaints(lab: &Lab) -> Vec<String> {
    let mut complaints = Vec::new();
    for exercise in &lab.exercises {
        let number = format!("exercise {}.{}", lab.number, exercise.step);
        if exercise.points == 0 {
            complaints.push(format!("{number} is worth nothing"));
        }
        if exercise.hints.iter().any(|hint| hint.trim().is_empty()) {
            complaints.push(format!("{number} has an empty hint"));
        }
    }
    complaints
}

/// All programs that are judged, and the sources of those that must be built.
type Programs = (Vec<Defendant>, BTreeMap<String, Files>);

fn defendants(course: &Course, lab: &Lab, arguments: &Arguments) -> Result<Programs> {
    let (mut defendants, mut programs) = match arguments.is_about_all() {
        true => way_to_the_solution(course, lab)?,
        false => Programs::default(),
    };
    let (variants, of_variants) = variants_of(course, lab, arguments)?;
    defendants.extend(variants);
    programs.extend(of_variants);
    Ok((defendants, programs))
}

/// The solution, and the stages on the way to it.
fn way_to_the_solution(course: &Course, lab: &Lab) -> Result<Programs> {
    let mut programs = BTreeMap::new();
    let mut defendants = vec![Defendant {
        name: lab.solution(),
        state: State::Solution,
        environment: Vec::new(),
        prefix: every_promise(lab),
    }];
    let last = lab.exercises.iter().map(|exercise| exercise.step).max().unwrap_or_default();
    for filled in 0..=last {
        let name = format!("{}-stage-{filled}", lab.package());
        programs.insert(name.clone(), skeleton::cut(course, lab, filled)?);
        let (state, environment) = (State::Stage(filled), impatient());
        defendants.push(Defendant { name, state, environment, prefix: every_promise(lab) });
    }
    Ok((defendants, programs))
}

/// The variants that are to be judged.
fn variants_of(course: &Course, lab: &Lab, arguments: &Arguments) -> Result<Programs> {
    let (mut defendants, mut programs) = Programs::default();
    for kind in ["right", "wrong"] {
        let meant = |variant: &Variant| arguments.mean(&variant.id);
        for variant in variants::read(course, lab, kind)?.into_iter().filter(meant) {
            let name = format!("{}-{kind}-{}", lab.package(), variant.id);
            programs.extend(variant.sources(course, lab)?.map(|sources| (name.clone(), sources)));
            defendants.push(match kind {
                "right" => right(course, lab, name, variant),
                _ => wrong(lab, name, variant, arguments)?,
            });
        }
    }
    Ok((defendants, programs))
}

fn right(course: &Course, lab: &Lab, name: String, variant: Variant) -> Defendant {
    let environment = variant.commands(course, "right");
    let prefix = every_promise(lab);
    Defendant { name, state: State::Right(Box::new(variant)), environment, prefix }
}

fn wrong(lab: &Lab, name: String, variant: Variant, arguments: &Arguments) -> Result<Defendant> {
    let step = variant.exercise.with_context(|| format!("{name} names no exercise"))?;
    let prefix = if arguments.all { every_promise(lab) } else { lab.prefix(step) };
    let mut environment = impatient();
    environment.push(("WIRELAB_SEED", "1".to_string()));
    Ok(Defendant { name, state: State::Wrong(Box::new(variant)), environment, prefix })
}

fn every_promise(lab: &Lab) -> String {
    format!("ex{}_", lab.number)
}

/// For programs that are expected to be silent.
fn impatient() -> Environment {
    let settings = [("WIRELAB_PATIENCE", SHORT_PATIENCE), ("RUST_TEST_THREADS", SHORT_THREADS)];
    settings.map(|(name, value)| (name, value.to_string())).into()
}

/// Judges all, several at once, and shows them as they come.
fn judged(
    course: &Course,
    judge: &Judge,
    defendants: Vec<Defendant>,
) -> Result<Vec<(Defendant, Records, Duration)>> {
    let waiting = Mutex::new(defendants.into_iter());
    let next = || waiting.lock().expect("no worker panics while it takes one").next();
    let work = || {
        let mut done = Vec::new();
        while let Some(it) = next() {
            let started = Instant::now();
            let records = judge_one(course, judge, &it)?;
            say!("  {}", line(&it, &records));
            done.push((it, records, started.elapsed()));
        }
        Ok(done)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for worker in workers {
            let done: Result<Vec<_>> = worker.join().expect("a worker does not panic");
            all.extend(done?);
        }
        Ok(all)
    })
}

/// Judges one program.
fn judge_one(course: &Course, judge: &Judge, defendant: &Defendant) -> Result<Records> {
    let results = course.root.join("target/wirelab/author").join(&defendant.name);
    let environment = &defendant.environment;
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    judge.run(&defendant.prefix, &results, &environment)
}

/// One line for one program.
fn line(defendant: &Defendant, records: &Records) -> String {
    let passed = records.iter().filter(|(_, record)| passed(record.as_ref())).count();
    let caught: Vec<&str> = records
        .iter()
        .filter(|(_, record)| verdict(record.as_ref()) == Some(Verdict::Failed))
        .map(|(name, _)| name.as_str())
        .collect();
    let name = &defendant.name;
    match &defendant.state {
        State::Wrong(variant) => {
            format!("{name}: caught by {} ({})", caught.len(), variant.about)
        }
        _ => format!("{name}: {passed} of {} hold", records.len()),
    }
}

/// Complaints about a program that must keep every promise.
fn not_accepted(records: &Records) -> Vec<String> {
    let fine = |record: Option<&Record>| {
        matches!(verdict(record), Some(Verdict::Passed | Verdict::NotJudged))
    };
    let broken = records.iter().filter(|(_, record)| !fine(record.as_ref()));
    broken.map(|(name, record)| format!("{name} does not hold\n{}", report(record))).collect()
}

/// Complaints about the stage at which the bodies up to `filled` are written: exactly their
/// promises hold, and every other names an exercise that is not written yet, unless it starts
/// from something that works.
fn stage_complaints(lab: &Lab, filled: u32, records: &Records) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, record) in records {
        let step = step(name);
        let holds = passed(record.as_ref());
        if step <= filled && !holds {
            complaints.push(format!("{name} does not hold yet\n{}", report(record)));
        } else if step > filled && holds {
            complaints.push(format!("{name} holds too early"));
        } else if step > filled && !starts(lab, step) && !names_unwritten(filled, step, record) {
            complaints.push(format!("{name} names no exercise to write\n{}", report(record)));
        }
    }
    complaints
}

/// Whether the exercise starts from something that works, and may fail in its own words.
fn starts(lab: &Lab, step: u32) -> bool {
    lab.exercises.iter().any(|exercise| exercise.step == step && !exercise.starter.is_empty())
}

/// Whether the report names an unwritten exercise beyond `filled` and not beyond `own`, with the
/// place of its `todo!`.
fn names_unwritten(filled: u32, own: u32, record: &Option<Record>) -> bool {
    let unwritten = record.as_ref().and_then(|record| record.unwritten.as_ref());
    let step = unwritten.and_then(|exercise| exercise.rsplit_once('.')?.1.parse().ok());
    let is_due = step.is_some_and(|step| (filled + 1..=own).contains(&step));
    let report = report(record);
    is_due && report.contains(" is not written yet: ") && report.contains(".rs:")
}

/// Complaints about a wrong variant: a promise of the exercise it names must fail, in the words
/// that are on record.
fn wrong_complaints(
    course: &Course,
    lab: &Lab,
    variant: &Variant,
    records: &Records,
    arguments: &Arguments,
) -> Result<Vec<String>> {
    let prefix = lab.prefix(variant.exercise.unwrap_or_default());
    let caught = |(name, record): &&(String, Option<Record>)| {
        name.starts_with(&prefix) && verdict(record.as_ref()) == Some(Verdict::Failed)
    };
    let reports: Vec<String> =
        records.iter().filter(caught).map(|(_, record)| report(record)).collect();
    if reports.is_empty() {
        return Ok(vec![format!("is not caught by {prefix}*")]);
    }
    said::compare(course, lab, variant, &reports, arguments.bless)
}

fn step(promise: &str) -> u32 {
    promise.split('_').nth(1).and_then(|step| step.parse().ok()).unwrap_or_default()
}

fn verdict(record: Option<&Record>) -> Option<Verdict> {
    record.map(|record| record.verdict)
}

fn passed(record: Option<&Record>) -> bool {
    verdict(record) == Some(Verdict::Passed)
}

fn report(record: &Option<Record>) -> String {
    match record {
        Some(record) => record.report.clone().unwrap_or_default(),
        None => "the judge did not finish it".to_string(),
    }
}
