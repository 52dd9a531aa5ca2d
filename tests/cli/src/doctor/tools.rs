//! Rust, cargo, a linker, room on the disk; and how other programs are asked and installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use nix::sys::statvfs::statvfs;

use super::Finding::{self, Missing, Without, Works};
use crate::catalogue::Course;
use crate::sources::silent_system;

/// How long a program may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// How soon we look again whether it has.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// What all labs and their judges take when they are built, generously, in MiB.
const ROOM: u64 = 3 * 1024;

/// What students need before anything else.
pub fn needed(course: &Course) -> Vec<Finding> {
    let mut findings = vec![rust(course), cargo(), linker(course), room(course)];
    findings.extend(slow_disk(course));
    findings
}

fn rust(course: &Course) -> Finding {
    let needed = rust_version(course).unwrap_or_default();
    let advice = "install Rust with rustup, https://rust-lang.org/tools/install, or: rustup update";
    let said = answer(Command::new("rustc").arg("--version"));
    let Some(version) = said.as_deref().and_then(|said| said.split(' ').nth(1)) else {
        return Missing("Rust: rustc does not answer".into(), advice.into());
    };
    if parts(version) < parts(&needed) {
        return Missing(format!("Rust {version}: the course needs {needed}"), advice.into());
    }
    Works(format!("Rust {version}; the course needs {needed} or newer"))
}

/// The oldest Rust that the course is for.
fn rust_version(course: &Course) -> Option<String> {
    let manifest: toml::Table =
        fs::read_to_string(course.root.join("Cargo.toml")).ok()?.parse().ok()?;
    let package = manifest.get("workspace")?.get("package")?;
    Some(package.get("rust-version")?.as_str()?.to_string())
}

/// The first two numbers of a version.
fn parts(version: &str) -> Vec<u32> {
    version.split('.').take(2).map_while(|part| part.parse().ok()).collect()
}

fn cargo() -> Finding {
    match answer(Command::new("cargo").arg("--version")) {
        Some(version) => Works(version),
        None => Missing("cargo does not answer".into(), "install Rust with rustup".into()),
    }
}

/// Whether a small program can be built and run.
fn linker(course: &Course) -> Finding {
    let folder = course.root.join("target/wirelab/doctor");
    let advice = || install("build-essential", "gcc", "base-devel", "xcode-select --install");
    let source = folder.join("small.rs");
    if let Err(error) =
        fs::create_dir_all(&folder).and_then(|()| fs::write(&source, "fn main() {}\n"))
    {
        let why = format!("cannot write to {}: {error}", folder.display());
        return Missing(why, "make the folder yours: sudo chown -R \"$USER\" target".into());
    }
    let mut compile = Command::new("rustc");
    compile.args(["--edition", "2024", "-o", "small", "small.rs"]).current_dir(&folder);
    let Some(output) = output(&mut compile) else {
        return Missing("a linker: rustc does not answer".into(), advice());
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let why = said.lines().find(|line| line.contains("error")).unwrap_or("it says nothing");
        return Missing(format!("a linker: a small program does not build: {why}"), advice());
    }
    match runs(&folder.join("small")) {
        true => Works("a linker: a small program was built, and runs".into()),
        false => Missing(
            "a small program was built, and does not run".into(),
            "is this folder on a disk from which nothing may be started (noexec)? Move the course"
                .into(),
        ),
    }
}

fn runs(program: &Path) -> bool {
    output(&mut Command::new(program)).is_some_and(|output| output.status.success())
}

fn room(course: &Course) -> Finding {
    let Ok(disk) = statvfs(&course.root) else {
        return Works("room on the disk: nobody can tell".into());
    };
    let free = wide(disk.blocks_available()) * wide(disk.fragment_size()) / (1024 * 1024);
    let what = format!("room on the disk: {free} MiB; all labs take up to {ROOM}");
    let advice = "make room; `cargo clean` removes what was built here".to_string();
    match free {
        0..256 => Missing(what, advice),
        _ if free < ROOM => Without(what, advice),
        _ => Works(what),
    }
}

/// Building is slow where every file comes from afar, and a save is noticed late.
fn slow_disk(course: &Course) -> Option<Finding> {
    let system = silent_system(&course.root)?;
    let what =
        format!("a disk of this system: the course is on {system}, which is slow to build on");
    let advice = "move it into your home folder here (under WSL: not below /mnt)".to_string();
    Some(Without(what, advice))
}

/// These numbers are not of one width on every system.
fn wide(number: impl Into<u64>) -> u64 {
    number.into()
}

/// The first line that the program answers, if it succeeds.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = output(command).filter(|output| output.status.success())?;
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    Some(String::from_utf8_lossy(&said).lines().next().unwrap_or_default().trim().to_string())
}

/// Runs a program that says little, and not for long; `None` if it is not there or never ends.
pub fn output(command: &mut Command) -> Option<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let limit = Instant::now() + ANSWER_LIMIT;
    while let Ok(None) = child.try_wait() {
        if Instant::now() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(LOOK_AGAIN);
    }
    child.wait_with_output().ok()
}

/// Whether there is a program of this name.
pub fn is_here(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// How to install something here: its names for apt, dnf and pacman, and what to do on a Mac.
pub fn install(apt: &str, dnf: &str, pacman: &str, mac: &str) -> String {
    let managers = [
        ("apt-get", format!("sudo apt install {apt}")),
        ("dnf", format!("sudo dnf install {dnf}")),
        ("pacman", format!("sudo pacman -S {pacman}")),
        ("brew", mac.to_string()),
    ];
    let mine = managers.iter().find(|(manager, _)| is_here(manager));
    mine.map_or_else(|| format!("install it (Debian calls it {apt})"), |(_, how)| how.clone())
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(parts("1.100.0") > parts("1.88"));
        assert!(parts("1.88.0-nightly") >= parts("1.88"));
        assert!(parts("1.87.0") < parts("1.88"));
    }
}
