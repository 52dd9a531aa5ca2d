//! How cargo compiles a lab: listened to once, with our own files, and repeated for each submission
//! by the compiler alone, in a cell.
//!
//! So nothing that a submission brings besides its sources has a say in how it is built: no
//! manifest, no build script, no setting of cargo's. And a submission is built in the time that its
//! own few files take.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::submission;
use crate::author::skeleton;
use crate::author::variants::{BUILT_ONCE, member_manifest, put_if_new, root_manifest};
use crate::catalogue::{Course, Lab};

/// Where we, called by cargo in the compiler's place, write down what it wants of the compiler.
pub const LISTENING: &str = "WIRELAB_RECIPES";

/// Where a cell puts what it compiles.
const OUT: &str = "/out";

/// How much memory the compiler may ask for, how long it may compute, and how much it may write.
const COMPILER_LIMITS: [&str; 4] = ["--as=8589934592", "--cpu=60", "--fsize=268435456", "--core=0"];

/// How much room it has for what it needs in between.
const TEMPORARY: u64 = 512 << 20;

/// How long it may take in all.
const COMPILER_SECONDS: &str = "180";

/// One call of the compiler.
#[derive(Deserialize, Serialize)]
struct Call {
    /// The program.
    compiler: PathBuf,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
}

/// A workspace with all labs as we have them, compiled: what their dependencies are made of is
/// there, and how each lab itself is made is known.
pub struct Kitchen {
    folder: PathBuf,
    /// The folder of the compiler, with its libraries.
    sysroot: PathBuf,
    recipes: BTreeMap<String, Vec<Call>>,
}

/// What became of a submission's sources.
pub enum Dish {
    /// The program.
    Program(PathBuf),
    /// What the compiler says.
    Complaints(String),
}

impl Kitchen {
    /// Compiles all labs as they are cut from the solutions, and listens.
    pub fn open(course: &Course) -> Result<Self> {
        let folder = course.root.join("target/wirelab/grade/kitchen");
        let labs: Vec<&Lab> = course.written().collect();
        let names: Vec<String> = labs.iter().map(|lab| lab.package()).collect();
        put_if_new(&folder.join("Cargo.toml"), &root_manifest(course, &names)?)?;
        put_if_new(
            &folder.join("Cargo.lock"),
            &fs::read_to_string(course.root.join("Cargo.lock"))?,
        )?;
        for (lab, name) in labs.iter().zip(&names) {
            for (path, text) in skeleton::cut(course, lab, 0)? {
                let is_manifest = path == Path::new("Cargo.toml");
                let text = if is_manifest { member_manifest(&text, name)?.0 } else { text };
                put_if_new(&folder.join(name).join(path), &text)?;
            }
        }
        let recipes = folder.join("target/recipes");
        fs::create_dir_all(&recipes).context("cannot make a folder for recipes")?;
        let status = Command::new("cargo")
            .args(["build", "--quiet", "--workspace"])
            .args(BUILT_ONCE)
            .arg("--target-dir")
            .arg(folder.join("target"))
            .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?)
            .env(LISTENING, &recipes)
            .current_dir(&folder)
            .stdin(Stdio::null())
            .status()
            .context("cannot start cargo")?;
        ensure!(status.success(), "the labs as we have them do not compile");
        let mut found = BTreeMap::new();
        for name in names {
            found.insert(name.clone(), calls(&recipes.join(&name))?);
        }
        Ok(Self { folder, sysroot: sysroot()?, recipes: found })
    }

    /// Compiles `sources`, the files of the folder `src` of `package`, into `out`.
    ///
    /// In a cell, if `is_caged`; else with nothing but a limit of time.
    pub fn cook(&self, package: &str, sources: &Path, out: &Path, is_caged: bool) -> Result<Dish> {
        let calls = self.recipes.get(package).context("there is no recipe")?;
        let place = if is_caged { Path::new(OUT) } else { out };
        let mut made = Vec::new();
        for call in calls {
            let (name, suffix) = (call.value("--crate-name"), call.codegen("extra-filename="));
            let (Some(name), Some(suffix)) = (name, suffix) else { continue };
            let mut command = if is_caged {
                self.caged(call, package, sources, out)
            } else {
                self.free(call, package, sources)?
            };
            command.args(self.arguments(call, place, &made)).arg("--color=never");
            let output = command.output().context("cannot start the compiler")?;
            if !output.status.success() {
                return Ok(Dish::Complaints(complaints(&output)));
            }
            made.push(format!("lib{name}{suffix}."));
            let program = out.join(format!("{name}{suffix}"));
            if program.is_file() {
                return Ok(Dish::Program(program));
            }
        }
        Ok(Dish::Complaints("The compiler made no program of it.".to_string()))
    }

    /// The arguments of `call`, so that what it makes goes to `place`, and what was `made` before
    /// is found there.
    fn arguments(&self, call: &Call, place: &Path, made: &[String]) -> Vec<String> {
        let place = place.to_string_lossy();
        let theirs = self.folder.join("target/debug/deps").display().to_string();
        let mut arguments = Vec::new();
        let mut is_place = false;
        for word in &call.arguments {
            // How cargo wants to be told; people read what the compiler says to people.
            let is_for_cargo = ["--error-format=", "--json="].iter().any(|it| word.starts_with(it));
            let is_made = made.iter().any(|name| word.contains(name.as_str()));
            match word {
                _ if is_for_cargo => {}
                word if is_place || is_made => arguments.push(word.replace(&theirs, &place)),
                word => arguments.push(word.clone()),
            }
            is_place = word == "--out-dir";
        }
        arguments
    }

    fn caged(&self, call: &Call, package: &str, sources: &Path, out: &Path) -> Command {
        let mut cell = Cell::of_ours();
        cell.room("/tmp", TEMPORARY);
        cell.show(&self.sysroot, &self.sysroot).show(&self.folder, &self.folder);
        cell.show(sources, self.folder.join(package).join("src")).lend(out, OUT);
        cell.variable("PATH", "/usr/bin:/bin");
        for (name, value) in &call.environment {
            cell.variable(name, value);
        }
        let mut command = cell.command(&self.folder, Path::new("prlimit"));
        command.args(COMPILER_LIMITS).args(["timeout", "-k", "5", COMPILER_SECONDS]);
        command.arg(self.sysroot.join("bin/rustc"));
        command
    }

    /// Without a sandbox: the sources stand where our own did.
    fn free(&self, call: &Call, package: &str, sources: &Path) -> Result<Command> {
        let place = self.folder.join(package).join("src");
        fs::remove_dir_all(&place).context("cannot clear the kitchen")?;
        submission::copy(sources, &place)?;
        let mut command = Command::new("prlimit");
        command.args(COMPILER_LIMITS).args(["timeout", "-k", "5", COMPILER_SECONDS]);
        command.arg(&call.compiler).envs(&call.environment).current_dir(&self.folder);
        command.stdin(Stdio::null());
        Ok(command)
    }
}

impl Call {
    /// The value of the option `name`.
    fn value(&self, name: &str) -> Option<&str> {
        let place = self.arguments.iter().position(|argument| argument == name)?;
        self.arguments.get(place + 1).map(String::as_str)
    }

    /// The value of `-C name`.
    fn codegen(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find_map(|argument| argument.strip_prefix(name))
    }
}

/// Does what cargo wants of the compiler in whose place we are called, and writes it down.
pub fn listen(folder: &Path) -> ExitCode {
    let mut words = env::args_os().skip(1);
    let Some(compiler) = words.next() else { return ExitCode::FAILURE };
    let arguments: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let status = Command::new(&compiler).args(&arguments).status();
    // Also how cargo shares out the processors; nobody shares anything in a cell.
    let is_of_the_package = |name: &str| name.starts_with("CARGO_") && name != "CARGO_MAKEFLAGS";
    let environment = env::vars().filter(|(name, _)| is_of_the_package(name));
    let call = Call { compiler: compiler.into(), arguments, environment: environment.collect() };
    let written = call.value("--out-dir").is_none() || write(folder, &call).is_ok();
    match status {
        Ok(status) if status.success() && written => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn write(folder: &Path, call: &Call) -> Result<()> {
    let package = call.environment.get("CARGO_PKG_NAME").context("no package")?;
    let kind = call.value("--crate-type").context("no type")?;
    // The library of a package is compiled before its program.
    let order = if kind == "bin" { 2 } else { 1 };
    let path = folder.join(package).join(format!("{order}-{kind}.json"));
    put_if_new(&path, &serde_json::to_string_pretty(call)?)
}

/// The calls that were written down in `folder`, in their order.
fn calls(folder: &Path) -> Result<Vec<Call>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("no recipe: {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    paths.sort();
    let read = |path: PathBuf| Ok(serde_json::from_str(&fs::read_to_string(path)?)?);
    paths.into_iter().map(read).collect()
}

fn sysroot() -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    let output = output.context("cannot start rustc")?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

fn complaints(output: &std::process::Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(124 | 137) => format!("{said}\nThe compiler was stopped: it took too long."),
        _ => said,
    }
}
