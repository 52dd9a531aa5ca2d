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

/// The same for one that has kept no promise of its first exercise: there are a hundred more, and
/// it will most likely be silent at all of them.
const LITTLE_PATIENCE: &str = "2";

/// How many promises are judged at the same time, and how many where it failed before.
const AT_ONCE: &str = "4";
const AT_ONCE_AGAIN: &str = "2";

/// How often promises that failed are judged again before that counts, as long as they are few: a
/// program that fails at more than this part of them does not fail by chance.
const AGAIN: u32 = 2;
const FEW: usize = 3;

/// The judge of one lab, where every cell finds it.
pub struct Court {
    pub program: PathBuf,
    snapshots: PathBuf,
    /// Where the judge believes the snapshots to be.
    snapshots_inside: PathBuf,
    root: PathBuf,
    package: String,
    pub promises: Vec<String>,
    /// How many of them stand before those of the second exercise.
    first_exercise: usize,
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

/// Variables for the judge.
type Setting = Vec<(&'static str, String)>;

/// One run of the judge.
#[derive(Clone, Copy)]
struct Sitting {
    again: u32,
    patience: &'static str,
    at_once: &'static str,
}

impl Sitting {
    fn first(patience: &'static str) -> Self {
        Self { again: 0, patience, at_once: AT_ONCE }
    }
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
        let second = lab.exercises.get(1).map(|exercise| lab.prefix(exercise.step));
        let is_later = |name: &String| second.as_ref().is_some_and(|it| name.starts_with(it));
        let first_exercise = promises.iter().position(is_later).unwrap_or(promises.len());
        Ok(Self { program, snapshots, snapshots_inside, root, package, promises, first_exercise })
    }

    /// Judges all promises, and those again that were broken; the records stay in `results`.
    pub fn hear(
        &self,
        accused: &Accused<'_>,
        results: &Path,
        conditions: Conditions,
    ) -> Result<Hearing> {
        let mut hearing = Hearing { outcomes: BTreeMap::new(), notes: Vec::new() };
        let (first, others) = self.promises.split_at(self.first_exercise);
        self.sit(&mut hearing, accused, results, first, Sitting::first(PATIENCE), conditions)?;
        let patience = if hearing.nothing_held() { LITTLE_PATIENCE } else { PATIENCE };
        self.sit(&mut hearing, accused, results, others, Sitting::first(patience), conditions)?;
        for again in 1..=AGAIN {
            let doubtful = |promise: &&String| hearing.is_doubtful(promise);
            let left: Vec<String> = self.promises.iter().filter(doubtful).cloned().collect();
            if left.len() * FEW > self.promises.len() {
                break;
            }
            let sitting = Sitting { again, patience: PATIENCE, at_once: AT_ONCE_AGAIN };
            self.sit(&mut hearing, accused, results, &left, sitting, conditions)?;
        }
        hearing.notes.sort();
        hearing.notes.dedup();
        Ok(hearing)
    }

    /// One run of the judge, about `promises`.
    fn sit(
        &self,
        hearing: &mut Hearing,
        accused: &Accused<'_>,
        results: &Path,
        promises: &[String],
        sitting: Sitting,
        conditions: Conditions,
    ) -> Result<()> {
        if promises.is_empty() {
            return Ok(());
        }
        let folder = results.join(format!("try-{}", sitting.again + 1));
        fs::create_dir_all(&folder)?;
        let mut setting = self.setting(accused, conditions);
        setting.push(("WIRELAB_PATIENCE", sitting.patience.to_string()));
        let mut command = if conditions.is_caged {
            self.in_cell(accused, &folder, setting, conditions.place)?
        } else {
            self.in_the_open(accused, &folder, setting)
        };
        command.args(["--exact", "--test-threads", sitting.at_once]).args(promises);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the judge")?;
        hearing.notes.extend(guard::wait(&mut child, conditions.is_caged, conditions.limits)?);
        for promise in promises {
            let record = judge::read(&folder.join(format!("{}.{promise}.json", self.package)));
            // What the judge was writing when it was ended is no record.
            hearing.take(promise, record.ok().flatten());
        }
        Ok(())
    }

    fn in_cell(
        &self,
        accused: &Accused<'_>,
        folder: &Path,
        setting: Setting,
        place: u32,
    ) -> Result<Command> {
        let program = match accused {
            Accused::Program(program) => Some(*program),
            Accused::Commands { .. } => None,
        };
        let files = match accused {
            Accused::Program(_) => None,
            Accused::Commands { folder, .. } => Some(*folder),
        };
        let (mut cell, launcher) = cell::for_judge(place, program, files);
        if let Some(stranger) = cell.stranger() {
            chown(folder, Some(stranger), Some(stranger)).context("cannot give away a folder")?;
        }
        let (judge, results) = (format!("{HOME}/judge"), format!("{HOME}/results"));
        cell.show(&self.program, &judge).lend(folder, &results);
        cell.show(&self.snapshots, &self.snapshots_inside);
        cell.variable("WIRELAB_RESULTS", results).variable("WIRELAB_LAUNCHER", launcher);
        cell.variable("WIRELAB_PROGRAM", format!("{HOME}/program"));
        for (name, value) in setting {
            cell.variable(name, value);
        }
        Ok(cell.command(Path::new("/tmp"), Path::new(&judge)))
    }

    fn in_the_open(&self, accused: &Accused<'_>, results: &Path, setting: Setting) -> Command {
        let mut command = Command::new(&self.program);
        let (program, folder) = match accused {
            Accused::Program(program) => (*program, results),
            Accused::Commands { folder, .. } => (*folder, *folder),
        };
        command.current_dir(folder).env("PWD", folder).env_remove("INSTA_FORCE_PASS");
        command.env("WIRELAB_RESULTS", results).env("WIRELAB_PROGRAM", program).envs(setting);
        command
    }

    fn setting(&self, accused: &Accused<'_>, conditions: Conditions) -> Setting {
        let mut setting = vec![
            ("INSTA_UPDATE", "no".to_string()),
            ("INSTA_WORKSPACE_ROOT", self.root.display().to_string()),
        ];
        setting.extend(conditions.slowness.map(|it| ("WIRELAB_SLOW", it.to_string())));
        if let Accused::Commands { server, client, .. } = accused {
            setting.push(("WIRELAB_COMMAND", (*server).to_string()));
            setting.extend(client.map(|it| ("WIRELAB_CLIENT_COMMAND", it.to_string())));
        }
        setting
    }
}

impl Hearing {
    /// Adds what came of `promise` this time.
    fn take(&mut self, promise: &str, record: Option<Record>) {
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

    /// Whether not a single promise was kept so far.
    fn nothing_held(&self) -> bool {
        !self.outcomes.values().any(|it| held(it.record.as_ref()))
    }

    /// Whether `promise` was broken in a way that may have been chance.
    fn is_doubtful(&self, promise: &str) -> bool {
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

fn held(record: Option<&Record>) -> bool {
    record.is_some_and(|it| matches!(it.verdict, Verdict::Passed | Verdict::NotJudged))
}
