//! A program before the judge: in a cell, again where it failed, and the records read.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::cell::{self, HOME};
use super::guard::{self, Limits};
use crate::catalogue::{Course, Lab};
use crate::judge::{self, Judge, Record, Verdict};

/// How long a program may be silent, in seconds. A right one never takes so long.
const PATIENCE: &str = "10";

/// How many promises are judged at the same time, and how many where it failed before.
const AT_ONCE: &str = "4";
const AT_ONCE_AGAIN: &str = "2";

/// How often a promise that failed is judged again before it counts.
const AGAIN: u32 = 2;

/// The judge of one lab, where every cell finds it.
pub struct Court {
    pub program: PathBuf,
    snapshots: PathBuf,
    /// Where the judge believes the snapshots to be.
    snapshots_inside: PathBuf,
    root: PathBuf,
    package: String,
    pub promises: Vec<String>,
}

/// Who is judged.
pub enum Accused<'a> {
    Program(&'a Path),
    /// A program in another language: commands, and the folder that it stands in.
    Commands {
        server: &'a str,
        client: Option<&'a str>,
        folder: &'a Path,
    },
}

/// How they are judged.
#[derive(Clone, Copy)]
pub struct Conditions {
    /// Which of the submissions judged at the same time this is.
    pub place: u32,
    /// In a cell, or as in a self-check.
    pub is_caged: bool,
    /// How many times slower than measured the machine is to be taken for.
    pub slowness: Option<f64>,
    pub limits: Limits,
}

/// What came of one promise.
pub struct Outcome {
    pub record: Option<Record>,
    /// Judged more than once, and not each time alike.
    pub is_unstable: bool,
    pub tries: u32,
}

/// What came of all.
pub struct Hearing {
    pub outcomes: BTreeMap<String, Outcome>,
    pub notes: Vec<String>,
}

impl Court {
    /// Builds the judge of `lab`, and puts it into `stage` together with what it needs.
    pub fn open(course: &Course, lab: &Lab, stage: &Path) -> Result<Self> {
        let package = lab.solution();
        let Some(judge) = Judge::build(course, lab, &package)? else {
            bail!("the judge of {} does not compile", lab.package())
        };
        let program = stage.join(format!("judge-{}", lab.package()));
        fs::copy(judge.program(), &program).context("cannot set up the judge")?;
        let snapshots = stage.join("snapshots");
        let snapshots_inside = course.root.join("tests/snapshots");
        if !snapshots.exists() {
            super::copy_folder(&snapshots_inside, &snapshots)?;
        }
        let root = course.root.clone();
        let promises = judge::promises(course, lab)?;
        Ok(Self { program, snapshots, snapshots_inside, root, package, promises })
    }

    /// Judges all promises, and those again that were broken; the records stay in `results`.
    pub fn hear(
        &self,
        accused: &Accused<'_>,
        results: &Path,
        conditions: Conditions,
    ) -> Result<Hearing> {
        let mut hearing = Hearing { outcomes: BTreeMap::new(), notes: Vec::new() };
        let mut left = self.promises.clone();
        for again in 0..=AGAIN {
            if left.is_empty() {
                break;
            }
            let folder = results.join(again.to_string());
            fs::create_dir_all(&folder)?;
            let threads = if again == 0 { AT_ONCE } else { AT_ONCE_AGAIN };
            let notes = self.sit(accused, &folder, &left, threads, conditions)?;
            hearing.notes.extend(notes);
            for promise in &left {
                let record = judge::read(&folder.join(format!("{}.{promise}.json", self.package)));
                // What the judge was writing when it was ended is no record.
                hearing.take(promise, record.ok().flatten());
            }
            left.retain(|promise| hearing.is_worth_another_try(promise));
        }
        hearing.notes.dedup();
        Ok(hearing)
    }

    /// One run of the judge; says what had to be ended.
    fn sit(
        &self,
        accused: &Accused<'_>,
        folder: &Path,
        promises: &[String],
        threads: &str,
        conditions: Conditions,
    ) -> Result<Vec<String>> {
        let mut command = if conditions.is_caged {
            self.in_cell(accused, folder, conditions)?
        } else {
            self.in_the_open(accused, folder, conditions)
        };
        command.args(["--exact", "--test-threads", threads]).args(promises);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the judge")?;
        let (_, notes) = guard::wait(&mut child, conditions.limits)?;
        Ok(notes)
    }

    fn in_cell(
        &self,
        accused: &Accused<'_>,
        folder: &Path,
        conditions: Conditions,
    ) -> Result<Command> {
        let program = match accused {
            Accused::Program(program) => Some(*program),
            Accused::Commands { .. } => None,
        };
        let files = match accused {
            Accused::Program(_) => None,
            Accused::Commands { folder, .. } => Some(*folder),
        };
        let (mut cell, launcher) = cell::for_judge(conditions.place, program, files);
        if let Some(stranger) = cell.stranger() {
            chown(folder, Some(stranger), Some(stranger)).context("cannot give away a folder")?;
        }
        let (judge, results) = (format!("{HOME}/judge"), format!("{HOME}/results"));
        cell.show(&self.program, &judge).lend(folder, &results);
        cell.show(&self.snapshots, &self.snapshots_inside);
        cell.variable("WIRELAB_RESULTS", results).variable("WIRELAB_LAUNCHER", launcher);
        for (name, value) in
            self.variables(accused, Path::new(&format!("{HOME}/program")), conditions)
        {
            cell.variable(name, value);
        }
        Ok(cell.command(Path::new(HOME), Path::new(&judge)))
    }

    fn in_the_open(
        &self,
        accused: &Accused<'_>,
        results: &Path,
        conditions: Conditions,
    ) -> Command {
        let mut command = Command::new(&self.program);
        let (program, folder) = match accused {
            Accused::Program(program) => (*program, results),
            Accused::Commands { folder, .. } => (*folder, *folder),
        };
        command.env("WIRELAB_RESULTS", results).current_dir(folder).env("PWD", folder);
        command.envs(self.variables(accused, program, conditions));
        command.env_remove("INSTA_FORCE_PASS");
        command
    }

    fn variables(
        &self,
        accused: &Accused<'_>,
        program: &Path,
        conditions: Conditions,
    ) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("INSTA_UPDATE", "no".to_string()),
            ("INSTA_WORKSPACE_ROOT", self.root.display().to_string()),
            ("WIRELAB_PATIENCE", PATIENCE.to_string()),
        ];
        variables.extend(conditions.slowness.map(|it| ("WIRELAB_SLOW", it.to_string())));
        match accused {
            Accused::Program(_) => {
                variables.push(("WIRELAB_PROGRAM", program.display().to_string()));
            }
            Accused::Commands { server, client, .. } => {
                variables.push(("WIRELAB_COMMAND", (*server).to_string()));
                variables.extend(client.map(|it| ("WIRELAB_CLIENT_COMMAND", it.to_string())));
            }
        }
        variables
    }
}

impl Hearing {
    /// Adds what came of `promise` this time.
    fn take(&mut self, promise: &str, record: Option<Record>) {
        let held = |record: Option<&Record>| {
            record.is_some_and(|it| matches!(it.verdict, Verdict::Passed | Verdict::NotJudged))
        };
        match self.outcomes.get_mut(promise) {
            None => {
                let outcome = Outcome { record, is_unstable: false, tries: 1 };
                self.outcomes.insert(promise.to_string(), outcome);
            }
            Some(before) => {
                before.tries += 1;
                if held(record.as_ref()) {
                    // It counts as kept; but somebody should look into it.
                    before.is_unstable = true;
                    before.record = record;
                }
            }
        }
    }

    /// Whether `promise` was broken in a way that may have been chance.
    fn is_worth_another_try(&self, promise: &str) -> bool {
        match &self.outcomes[promise].record {
            // What is not written does not get written by asking again.
            Some(record) => {
                record.verdict == Verdict::Failed && record.unwritten.is_none()
                    || record.verdict == Verdict::JudgeFailed
            }
            None => true,
        }
    }
}
