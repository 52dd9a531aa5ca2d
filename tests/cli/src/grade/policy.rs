//! What an instructor decides: which labs are due, what they are worth, how patient we are, and who
//! is who.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::catalogue::{Course, Exercise, Lab};

/// A course file; each of its fields may be left out.
///
/// ```toml
/// due = [1, 2, 5]             # these labs only
/// whole = true                # all promises of an exercise, or no points for it
/// slow = 2.0                  # twice as patient
/// memory = 1024               # MiB for all programs of a submission
/// minutes = 15                # for the promises of one lab
/// points = { "5.2" = 20 }     # instead of what the catalogue says
///
/// [command.lab05]             # submissions in another language
/// server = "python3 server.py --port {port} {args}"
/// client = "python3 client.py {host} {port} {args}"
/// ```
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    pub due: Option<Vec<u32>>,
    pub whole: bool,
    pub slow: Option<f64>,
    pub memory: Option<u64>,
    pub minutes: Option<u64>,
    points: BTreeMap<String, f64>,
    command: BTreeMap<String, Commands>,
}

/// How submissions in another language are started.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    pub server: String,
    pub client: Option<String>,
}

/// Somebody who hands in.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub name: String,
}

impl Policy {
    /// Reads a course file.
    pub fn read(course: &Course, path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let policy: Self =
            toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))?;
        policy.check(course).with_context(|| format!("in {}", path.display()))?;
        Ok(policy)
    }

    /// Names what the course does not have.
    fn check(&self, course: &Course) -> Result<()> {
        for number in self.due.iter().flatten() {
            course.lab(&number.to_string())?;
        }
        for (number, points) in &self.points {
            let (lab, step) = number.split_once('.').context("an exercise is called \"5.2\"")?;
            course.lab(lab)?.exercise(step.parse().context("an exercise is called \"5.2\"")?)?;
            ensure!(points.is_finite() && *points >= 0.0, "{number} cannot have {points} points");
        }
        for package in self.command.keys() {
            course.lab(package)?;
        }
        let is_sane = self.slow.is_none_or(|slow| slow.is_finite() && slow >= 1.0);
        ensure!(is_sane, "slow is a factor of at least 1");
        Ok(())
    }

    /// The labs that count.
    pub fn labs<'a>(&self, course: &'a Course) -> Vec<&'a Lab> {
        let is_due = |lab: &&Lab| self.due.as_ref().is_none_or(|due| due.contains(&lab.number));
        course.written().filter(is_due).collect()
    }

    /// What an exercise is worth.
    pub fn points(&self, lab: &Lab, exercise: &Exercise) -> f64 {
        let number = format!("{}.{}", lab.number, exercise.step);
        self.points.get(&number).copied().unwrap_or_else(|| f64::from(exercise.points))
    }

    /// How a submission of `lab` is started, if not as a program in Rust.
    pub fn commands(&self, lab: &Lab) -> Option<&Commands> {
        self.command.get(&lab.package())
    }

    /// Whether any submission is started by a command.
    pub fn has_commands(&self) -> bool {
        !self.command.is_empty()
    }

    /// Points for an exercise of which `held` of `judged` promises hold, to a tenth.
    pub fn earned(&self, worth: f64, held: usize, judged: usize) -> f64 {
        match judged {
            _ if held == judged => worth,
            _ if self.whole => 0.0,
            // Downwards: nobody gets the whole points for a part.
            _ => (worth * held as f64 / judged as f64 * 10.0).floor() / 10.0,
        }
    }
}

/// Reads a roster: lines of `id,name,submission`, after one that says so; returns who handed in
/// what, by the name of the submission.
pub fn roster(path: &Path) -> Result<BTreeMap<String, Person>> {
    let place = || format!("cannot read {}", path.display());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path);
    let reader = reader.as_mut().map_err(|error| anyhow::anyhow!("{}: {error}", place()))?;
    let mut people = BTreeMap::new();
    for line in reader.records() {
        let line = line.with_context(place)?;
        let (Some(id), Some(name), Some(submission)) = (line.get(0), line.get(1), line.get(2))
        else {
            bail!("{}: a line has an id, a name and a submission", place())
        };
        // A path or the address of a repository, too, ends in the name.
        let submission = submission.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let submission = submission.trim_end_matches(".git");
        let submission = super::archive::stem(submission);
        let person = Person { id: id.to_string(), name: name.to_string() };
        if people.insert(submission.to_string(), person).is_some() {
            bail!("{}: {submission} is there twice", place());
        }
    }
    Ok(people)
}
