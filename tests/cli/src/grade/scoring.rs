//! From what the judge found out to points.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::grade::{ExerciseGrade, LabGrade, Outcome, PromiseGrade, State};
use super::judging::{self, Court, Hearing};
use super::policy::Policy;
use super::submission::Found;
use crate::catalogue::Lab;
use crate::judge::Verdict;

/// How much of a text that a program or a compiler wrote goes into a report.
const TEXT_LEN_MAX: usize = 8 * 1024;

/// The grade of a lab whose promises could not be judged, for `state` and `message` say why.
pub fn without_hearing(lab: &Lab, policy: &Policy, state: State, message: String) -> LabGrade {
    let exercises = lab.exercises.iter().map(|exercise| ExerciseGrade {
        number: format!("{}.{}", lab.number, exercise.step),
        title: exercise.title.clone(),
        points: 0.0,
        points_max: policy.points(lab, exercise),
        promises: Vec::new(),
    });
    let exercises = exercises.collect();
    let message = (!message.is_empty()).then(|| shortened(&message));
    sum_up(lab, state, message, exercises, Vec::new())
}

/// The grade of a lab whose promises were judged.
pub fn after_hearing(lab: &Lab, policy: &Policy, court: &Court, mut hearing: Hearing) -> LabGrade {
    let mut of_step = |step: u32| {
        let prefix = lab.prefix(step);
        let mine = court.promises.iter().filter(|name| name.starts_with(&prefix));
        let grades = mine.map(|name| promise(lab, name, hearing.outcomes.remove(name)));
        grades.collect::<Vec<PromiseGrade>>()
    };
    let mut exercises = vec![ExerciseGrade {
        number: format!("{}.0", lab.number),
        title: "Given".to_string(),
        points: 0.0,
        points_max: 0.0,
        promises: of_step(0),
    }];
    exercises.retain(|given| !given.promises.is_empty());
    for exercise in &lab.exercises {
        let mut grade = ExerciseGrade {
            number: format!("{}.{}", lab.number, exercise.step),
            title: exercise.title.clone(),
            points: 0.0,
            points_max: policy.points(lab, exercise),
            promises: of_step(exercise.step),
        };
        match grade.held() {
            // What cannot be judged counts neither way.
            (_, 0) => grade.points_max = 0.0,
            (held, judged) => grade.points = policy.earned(grade.points_max, held, judged),
        }
        exercises.push(grade);
    }
    sum_up(lab, State::Judged, None, exercises, hearing.notes)
}

fn sum_up(
    lab: &Lab,
    state: State,
    message: Option<String>,
    exercises: Vec<ExerciseGrade>,
    notes: Vec<String>,
) -> LabGrade {
    LabGrade {
        lab: lab.package(),
        title: lab.title.clone(),
        state,
        message,
        points: exercises.iter().map(|exercise| exercise.points).sum(),
        points_max: exercises.iter().map(|exercise| exercise.points_max).sum(),
        exercises,
        notes,
        seconds: 0.0,
    }
}

fn promise(lab: &Lab, name: &str, outcome: Option<judging::Outcome>) -> PromiseGrade {
    let (tries, is_unstable) =
        outcome.as_ref().map_or((0, false), |outcome| (outcome.tries, outcome.is_unstable));
    let Some(record) = outcome.and_then(|outcome| outcome.record) else {
        return PromiseGrade {
            name: name.to_string(),
            words: name.replace('_', " "),
            outcome: Outcome::DidNotFinish,
            is_unstable,
            tries,
            report: None,
            conversation: Vec::new(),
            seed: None,
            seconds: 0.0,
        };
    };
    let outcome = match record.verdict {
        Verdict::Passed => Outcome::Passed,
        Verdict::Failed if record.unwritten.is_some() => Outcome::NotWritten,
        Verdict::Failed => Outcome::Failed,
        Verdict::NotJudged => Outcome::NotJudged,
        Verdict::JudgeFailed => Outcome::JudgeFailed,
    };
    let is_broken = outcome != Outcome::Passed;
    // The judge was built with our solution; the student knows the lab.
    let own_words = |report: String| shortened(&report.replace(&lab.solution(), &lab.package()));
    PromiseGrade {
        name: name.to_string(),
        words: record.words,
        outcome,
        is_unstable,
        tries,
        report: record.report.map(own_words),
        conversation: if is_broken { record.conversation } else { Vec::new() },
        seed: Some(record.seed),
        seconds: record.seconds,
    }
}

/// What may be shown of a text: no more than is of use, and nothing that a terminal would obey.
fn shortened(text: &str) -> String {
    let visible = |c: char| if c == '\n' || !c.is_control() { c } else { '\u{fffd}' };
    let mut short: String = text.chars().map(visible).take(TEXT_LEN_MAX).collect();
    if short.len() < text.len() && text.chars().count() > TEXT_LEN_MAX {
        short.push_str("\n...");
    }
    short
}

/// A short name for exactly these sources, judged in exactly this way.
pub fn fingerprint(found: &Found, way: &str) -> Result<String> {
    let mut hash = Hash::new();
    hash.add(way.as_bytes());
    for (package, folder) in &found.labs {
        let mut paths = Vec::new();
        list(folder, &mut paths)?;
        paths.sort();
        for path in paths {
            let inside = path.strip_prefix(folder).unwrap_or(&path);
            hash.add(package.as_bytes());
            hash.add(inside.as_os_str().as_encoded_bytes());
            hash.add(&fs::read(&path)?);
        }
    }
    Ok(hash.text())
}

/// FNV-1a: it need only tell apart what somebody has changed; nobody gains by a collision.
pub struct Hash(u64);

impl Hash {
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds some bytes, and where they end.
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.len().to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    pub fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}
