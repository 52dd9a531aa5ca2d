//! What the course consists of: `tests/exercises.toml`, read once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// Where the catalogue stands, as seen from the root.
const FILE: &str = "tests/exercises.toml";

/// The course, and the folder it stands in.
pub struct Course {
    pub root: PathBuf,
    pub labs: Vec<Lab>,
}

/// A lab; one without exercises is still to come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    pub number: u32,
    /// The name of its folder under `labs/` and under `solutions/`.
    pub folder: String,
    pub title: String,
    /// The one idea it adds.
    pub idea: String,
    pub port: u16,
    /// Where it serves in its other modes.
    #[serde(default)]
    pub more_ports: Vec<u16>,
    /// Its chapter, in `book/src/`.
    #[serde(default)]
    pub chapter: String,
    /// What it has from an earlier lab as it is.
    pub kept: Option<Kept>,
    #[serde(default, rename = "exercise")]
    pub exercises: Vec<Exercise>,
}

/// What a lab has from an earlier one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The earlier lab.
    pub lab: u32,
    /// Files that it has word for word.
    pub files: Vec<PathBuf>,
    /// Files of which the book shows what has changed.
    #[serde(default)]
    pub changed: Vec<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    pub step: u32,
    pub title: String,
    /// What its bodies must do.
    pub task: String,
    /// Where its bodies stand, inside the lab's folder.
    pub files: Vec<PathBuf>,
    pub points: u32,
    /// A question, a direction, the way.
    pub hints: [String; 3],
    /// Arguments with which the finished program shows what this exercise is about.
    #[serde(default)]
    pub arguments: String,
    /// For an anchor, what this one of several bodies must do.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
    /// For an anchor, the body to start from; elsewhere one starts from a `todo!` alone.
    #[serde(default)]
    pub starter: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    lab: Vec<Lab>,
}

impl Course {
    /// Reads the catalogue of the course in which the user stands.
    pub fn here() -> Result<Self> {
        let here = env::current_dir().context("cannot tell which folder this is")?;
        let is_root = |folder: &&Path| folder.join(FILE).is_file();
        let root = here.ancestors().find(is_root);
        let root =
            root.context("this folder is not inside Wirelab; go to your copy of the course")?;
        Self::at(root)
    }

    fn at(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?;
        let file: File = toml::from_str(&text).with_context(|| format!("cannot read {FILE}"))?;
        Ok(Self { root: root.to_path_buf(), labs: file.lab })
    }

    /// The labs that have exercises.
    pub fn written(&self) -> impl Iterator<Item = &Lab> {
        self.labs.iter().filter(|lab| !lab.exercises.is_empty())
    }

    /// The lab with this number.
    pub fn number(&self, number: u32) -> Result<&Lab> {
        let found = self.labs.iter().find(|lab| lab.number == number);
        found.with_context(|| format!("there is no lab {number}"))
    }

    /// The lab that the user calls `5`, `05`, `lab05` or `lab05-time-server`.
    pub fn lab(&self, name: &str) -> Result<&Lab> {
        let found = self.labs.iter().find(|lab| {
            let number = name.strip_prefix("lab").unwrap_or(name).parse();
            lab.folder == name || number == Ok(lab.number)
        });
        match found {
            None => bail!("there is no lab {name}; {}", self.labs_there_are()),
            Some(lab) if lab.exercises.is_empty() => {
                bail!("{} is still to come; {}", lab.package(), self.labs_there_are())
            }
            Some(lab) => Ok(lab),
        }
    }

    /// Which labs one can ask for.
    fn labs_there_are(&self) -> String {
        let numbers: Vec<_> = self.written().map(|lab| format!("{:02}", lab.number)).collect();
        format!("there are {} (`cargo lab` shows them)", numbers.join(", "))
    }
}

impl Lab {
    /// The package that students edit: `lab05`.
    pub fn package(&self) -> String {
        format!("lab{:02}", self.number)
    }

    /// The package that is complete: `solution05`.
    pub fn solution(&self) -> String {
        format!("solution{:02}", self.number)
    }

    /// Where students edit it, as seen from the root.
    pub fn place(&self) -> PathBuf {
        Path::new("labs").join(&self.folder)
    }

    /// Points for all exercises.
    pub fn points(&self) -> u32 {
        self.exercises.iter().map(|exercise| exercise.points).sum()
    }

    /// The exercise with this step.
    pub fn exercise(&self, step: u32) -> Result<&Exercise> {
        let found = self.exercises.iter().find(|exercise| exercise.step == step);
        found.with_context(|| self.has_no(step))
    }

    /// The exercise with this step, as the user wrote it.
    pub fn exercise_called(&self, step: &str) -> Result<&Exercise> {
        step.parse().map_or_else(|_| bail!(self.has_no(step)), |step| self.exercise(step))
    }

    fn has_no(&self, step: impl Display) -> String {
        format!("there is no exercise {}.{step}; {}", self.number, self.exercises_there_are())
    }

    /// Which exercises one can ask for.
    pub fn exercises_there_are(&self) -> String {
        let names: Vec<_> = self.exercises.iter().map(|exercise| self.name(exercise)).collect();
        format!("{} has {}", self.package(), names.join(", "))
    }

    /// What the exercise is called: `5.2`.
    pub fn name(&self, exercise: &Exercise) -> String {
        format!("{}.{}", self.number, exercise.step)
    }

    /// The prefix of every promise of the exercise: `ex5_2_`.
    pub fn prefix(&self, step: u32) -> String {
        format!("ex{}_{step}_", self.number)
    }
}
