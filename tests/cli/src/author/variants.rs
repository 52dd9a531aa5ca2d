//! Other programs for a lab: its stages on the way to the solution, and wrong and right variants of
//! it. Each is the solution with a few lines changed; all are built together, in a workspace under
//! `target/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use toml::Table;

use super::skeleton::{self, Files};
use super::skeletons;
use crate::catalogue::{Course, Lab};

/// For what is built once, and nobody looks into with a debugger.
pub const BUILT_ONCE: [&str; 4] =
    ["--config", "profile.dev.debug=false", "--config", "profile.dev.incremental=false"];

/// A program that is not the solution, told in a few lines.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    pub id: String,
    /// The step whose promises must catch it, if it is a wrong one.
    pub exercise: Option<u32>,
    /// What is wrong with it, or how it differs, in one line.
    #[serde(alias = "bug", alias = "style")]
    pub about: String,
    /// It ends in the middle: the judge may meet its end in more than one way.
    #[serde(default)]
    pub racy: bool,
    file: Option<PathBuf>,
    #[serde(default)]
    find: String,
    #[serde(default)]
    put: String,
    /// Further texts to find, with what to put there.
    #[serde(default)]
    more: Vec<[String; 2]>,
    /// How to start it, if it is no edit of the solution.
    command: Option<String>,
    client_command: Option<String>,
}

/// How the judge is told of a program.
pub type Environment = Vec<(&'static str, String)>;

/// The variants of `lab` in `kind` (`wrong` or `right`).
pub fn read(course: &Course, lab: &Lab, kind: &str) -> Result<Vec<Variant>> {
    #[derive(Deserialize)]
    struct File {
        variant: Vec<Variant>,
    }
    let file = format!("tests/{kind}/{}.toml", lab.package());
    let text = fs::read_to_string(course.root.join(&file));
    let text = text.with_context(|| format!("cannot read {file}"))?;
    let file: File = toml::from_str(&text).with_context(|| format!("cannot read {file}"))?;
    Ok(file.variant)
}

impl Variant {
    /// The sources of the variant; `None` if it is started by a command of its own.
    pub fn sources(&self, course: &Course, lab: &Lab) -> Result<Option<Files>> {
        let Some(path) = &self.file else { return Ok(None) };
        let mut files = skeleton::solution(course, lab)?;
        let text = files.get_mut(path).with_context(|| format!("{}: no such file", self.id))?;
        let first = [self.find.clone(), self.put.clone()];
        for [find, put] in std::iter::once(&first).chain(&self.more) {
            let count = text.matches(find.as_str()).count();
            ensure!(count == 1, "{}: found {count} times in {}: {find}", self.id, path.display());
            *text = text.replace(find.as_str(), put);
        }
        Ok(Some(files))
    }

    /// How the judge is told of a variant that is started by a command of its own.
    pub fn commands(&self, course: &Course, kind: &str) -> Environment {
        let here = course.root.join("tests").join(kind);
        let filled = |command: &Option<String>| {
            command.as_ref().map(|it| it.replace("{here}", &here.to_string_lossy()))
        };
        let server = filled(&self.command).map(|it| ("WIRELAB_COMMAND", it));
        let client = filled(&self.client_command).map(|it| ("WIRELAB_CLIENT_COMMAND", it));
        server.into_iter().chain(client).collect()
    }
}

/// What cargo made of one program.
#[derive(Default)]
pub struct Built {
    pub program: Option<PathBuf>,
    pub warnings: Vec<String>,
    pub errors: Vec<String>,
}

/// Builds `programs` (their sources by name) and returns what became of each.
pub fn build(
    course: &Course,
    programs: &BTreeMap<String, Files>,
) -> Result<BTreeMap<String, Built>> {
    let workshop = course.root.join("target/wirelab/variants");
    if programs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: Vec<String> = programs.keys().cloned().collect();
    let manifest = root_manifest(course, &names)?;
    put_if_new(&workshop.join("Cargo.toml"), &manifest)?;
    // The same versions as in the course; cargo itself puts other members in.
    put_if_new(&workshop.join("Cargo.lock"), &fs::read_to_string(course.root.join("Cargo.lock"))?)?;
    for (name, files) in programs {
        let manifest = files.get(Path::new("Cargo.toml")).context("no Cargo.toml")?;
        let (manifest, library) = member_manifest(manifest, name)?;
        for (path, text) in files {
            let text = match &library {
                _ if path == Path::new("Cargo.toml") => manifest.clone(),
                Some([then, now]) => text.replace(then, now),
                None => text.clone(),
            };
            put_if_new(&workshop.join(name).join(path), &text)?;
        }
    }
    let output = Command::new("cargo")
        .args(["build", "--quiet", "--workspace", "--keep-going", "--message-format=json"])
        .args(BUILT_ONCE)
        .arg("--target-dir")
        .arg(course.root.join("target"))
        .current_dir(&workshop)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("cannot start cargo")?;
    let mut built: BTreeMap<String, Built> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        take_message(line, &mut built);
    }
    if built.is_empty() {
        bail!("cargo built nothing:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(built)
}

/// Files one of cargo's messages under the package that it is about.
fn take_message(line: &str, built: &mut BTreeMap<String, Built>) {
    let Ok(message) = serde_json::from_str::<Value>(line) else { return };
    // Not by the target: a package may have a library besides its program.
    let manifest = message["manifest_path"].as_str().map(Path::new);
    let Some(folder) = manifest.and_then(Path::parent).and_then(Path::file_name) else { return };
    let name = folder.to_string_lossy();
    let entry = built.entry(name.to_string()).or_default();
    if let Some(program) = message["executable"].as_str() {
        entry.program = Some(PathBuf::from(program));
    }
    let words = message["message"]["rendered"].as_str().unwrap_or_default().to_string();
    match message["message"]["level"].as_str() {
        Some("error") => entry.errors.push(words),
        Some("warning") => entry.warnings.push(words),
        _ => {}
    }
}

/// The course's manifest with other members, and without the judge.
pub fn root_manifest(course: &Course, names: &[String]) -> Result<String> {
    let mut manifest: Table = fs::read_to_string(course.root.join("Cargo.toml"))?.parse()?;
    let workspace = manifest["workspace"].as_table_mut().context("no workspace")?;
    let members: Vec<toml::Value> = names.iter().map(|name| name.clone().into()).collect();
    workspace.insert("members".into(), members.into());
    workspace.remove("default-members");
    if let Some(dependencies) = workspace["dependencies"].as_table_mut() {
        dependencies.remove("wirelab");
    }
    Ok(manifest.to_string())
}

/// The manifest of a lab or solution, for a program called `name` that is not judged by cargo; and
/// how the program calls its library, if it has one, then and now.
pub fn member_manifest(text: &str, name: &str) -> Result<(String, Option<[String; 2]>)> {
    let mut manifest: Table = text.parse()?;
    manifest.remove("dev-dependencies");
    manifest.remove("test");
    let rename = |table: Option<&mut Table>, name: &str| {
        table.map(|table| table.insert("name".into(), name.into())).context("no name to change")
    };
    rename(manifest["package"].as_table_mut(), name)?;
    rename(manifest["bin"].get_mut(0).and_then(toml::Value::as_table_mut), name)?;
    let mut library = None;
    if let Some(table) = manifest.get_mut("lib").and_then(toml::Value::as_table_mut) {
        let now = name.replace('-', "_");
        let then = rename(Some(table), &now)?.context("a library has a name")?;
        let then = then.as_str().context("a name is a text")?;
        library = Some([then, &now].map(|name| format!("{name}::")));
    }
    Ok((manifest.to_string(), library))
}

/// Writes a file, unless it is there already: then cargo need not build it again.
pub fn put_if_new(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    skeletons::put(path, text)
}
