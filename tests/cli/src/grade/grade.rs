//! What came of a submission: the one thing that every report is made from. Written as JSON, this is
//! the result file; `book/src/grading.md` describes its fields.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::author::skeletons::put;
use crate::judge::Step;

/// The version of these fields: a number that changes when one of them changes its meaning.
pub const SCHEMA: u32 = 1;

/// What came of one submission.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Grade {
    pub schema: u32,
    /// What the submission is called.
    pub submission: String,
    /// Who handed it in, where a roster tells.
    pub id: Option<String>,
    pub person: Option<String>,
    /// Of what was taken from it: who has handed in the same has the same.
    pub fingerprint: String,
    /// How it was judged.
    pub isolation: Isolation,
    /// Whether the grading came to its end.
    pub is_finished: bool,
    pub labs: Vec<LabGrade>,
    pub points: f64,
    pub points_max: f64,
    /// What a person should know.
    pub notes: Vec<String>,
    pub seconds: f64,
}

/// How the programs of a submission were kept apart from the machine.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// In a sandbox: nothing that they did could change a verdict.
    Sandbox,
    /// Not at all, and why: as reliable as what a student finds out at home.
    SelfCheck(String),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LabGrade {
    /// `lab05`.
    pub lab: String,
    pub title: String,
    pub state: State,
    /// What the compiler said, or what went wrong on our side.
    pub message: Option<String>,
    pub exercises: Vec<ExerciseGrade>,
    pub points: f64,
    pub points_max: f64,
    pub notes: Vec<String>,
    pub seconds: f64,
}

/// How far a lab came.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its promises were judged.
    Judged,
    /// The submission does not have it.
    Missing,
    DoesNotCompile,
    /// Our fault: no points are lost for that until a person has looked.
    GraderFailed,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ExerciseGrade {
    /// `5.2`; `5.0` is what was given.
    pub number: String,
    pub title: String,
    pub points: f64,
    pub points_max: f64,
    pub promises: Vec<PromiseGrade>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PromiseGrade {
    /// The name of the test.
    pub name: String,
    /// The same as a sentence.
    pub words: String,
    pub outcome: Outcome,
    /// It failed at first and held later: it counts as kept.
    pub is_unstable: bool,
    pub tries: u32,
    /// What was seen, and why it matters.
    pub report: Option<String>,
    /// The conversation, if the promise was broken.
    pub conversation: Vec<Step>,
    pub seed: Option<u64>,
    pub seconds: f64,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
    /// The exercise is not written yet.
    NotWritten,
    /// There was no way to tell: it counts neither way.
    NotJudged,
    /// The judge did not come to an end with it.
    DidNotFinish,
    /// Our fault.
    JudgeFailed,
}

impl Outcome {
    /// As a person says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotWritten => "not written",
            Self::NotJudged => "not judged",
            Self::DidNotFinish => "did not finish",
            Self::JudgeFailed => "judge failed",
        }
    }
}

impl State {
    /// As a person says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::Missing => "not handed in",
            Self::DoesNotCompile => "does not compile",
            Self::GraderFailed => "could not be graded",
        }
    }
}

impl ExerciseGrade {
    /// How many promises hold, of how many that were judged.
    pub fn held(&self) -> (usize, usize) {
        let count = |outcome| self.promises.iter().filter(|it| it.outcome == outcome).count();
        let passed = count(Outcome::Passed);
        (passed, self.promises.len() - count(Outcome::NotJudged))
    }
}

impl Grade {
    /// All promises that are counted as kept although they did not hold each time.
    pub fn unstable(&self) -> impl Iterator<Item = &PromiseGrade> {
        let exercises = self.labs.iter().flat_map(|lab| &lab.exercises);
        exercises.flat_map(|exercise| &exercise.promises).filter(|promise| promise.is_unstable)
    }

    /// Reads the result file at `path`; `None` if there is none that was finished.
    pub fn read(path: &Path) -> Option<Self> {
        let grade: Self = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        (grade.schema == SCHEMA && grade.is_finished).then_some(grade)
    }

    /// Puts the result file in place, whole.
    pub fn write(&self, path: &Path) -> Result<()> {
        write_whole(path, &(serde_json::to_string_pretty(self)? + "\n"))
    }
}

/// Puts a file in place from one moment to the next, so that nobody reads half of it.
pub fn write_whole(path: &Path, text: &str) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    put(&unfinished, text)?;
    fs::rename(&unfinished, path).with_context(|| format!("cannot write {}", path.display()))
}
