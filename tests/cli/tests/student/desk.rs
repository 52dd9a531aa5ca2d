//! A copy of the course in a folder of its own, and somebody who works with it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::pty::openpty;
use tempfile::TempDir;

/// The folder of the real course.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A record of the judge about a promise that holds.
pub const PASSED: &str = r#"{
  "package": "lab01", "own": true, "promise": "ex1_1_it", "words": "it", "exercise": "1.1",
  "verdict": "passed", "unwritten": null, "report": null, "fact": "",
  "conversation": [], "seed": 1, "seconds": 0.1
}"#;

/// A copy of the course; it goes when this does.
pub struct Desk {
    folder: TempDir,
}

/// What a command has said, and how it ended.
pub struct Said {
    pub out: String,
    pub errors: String,
    pub code: Option<i32>,
}

impl Desk {
    /// A course on which nothing has been done yet, with lab01 and lab05 to work on.
    pub fn new() -> Self {
        let desk = Self { folder: TempDir::new().unwrap() };
        let root = Path::new(ROOT);
        for path in ["Cargo.toml", "tests/exercises.toml"] {
            desk.save(path, &fs::read_to_string(root.join(path)).unwrap());
        }
        // Nobody writes there.
        for path in ["tests/labs", "solutions"] {
            symlink(root.join(path), desk.path(path)).unwrap();
        }
        // Not those of the real course: somebody may have worked on them.
        for lab in ["01", "05"] {
            desk.lab(&["reset", lab, "--yes"]).is(0, &["Done."]);
        }
        desk
    }

    /// A student edition: pristine labs, and no solutions.
    pub fn of_a_student() -> Self {
        let desk = Self::new();
        copy(&desk.path("labs"), &desk.path(".wirelab/pristine"));
        fs::remove_file(desk.path("solutions")).unwrap();
        desk
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    pub fn text(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap()
    }

    /// Saves a file.
    pub fn save(&self, inside: &str, text: &str) {
        fs::create_dir_all(self.path(inside).parent().unwrap()).unwrap();
        fs::write(self.path(inside), text).unwrap();
    }

    pub fn remove(&self, folder: &str) {
        fs::remove_dir_all(self.path(folder)).unwrap();
    }

    /// Records for every promise of `ex1_2_` that it holds.
    pub fn keep_promises(&self, package: &str, prefix: &str) {
        let promises = self.text(&format!("tests/labs/{package}.rs"));
        let names = promises.lines().filter_map(|line| line.strip_prefix("fn ")?.split_once('('));
        for (name, _) in names.filter(|(name, _)| name.starts_with(prefix)) {
            self.save(&format!("target/wirelab/results/{package}.{name}.json"), PASSED);
        }
    }

    /// `cargo lab` with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-lab"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("NO_COLOR");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Gives it, away from any terminal.
    pub fn lab(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command(arguments).output().unwrap())
    }

    /// Gives it on a terminal, and types `input`; standard error is shown there too.
    pub fn lab_on_terminal(&self, arguments: &[&str], input: &str) -> Said {
        self.on_terminal(self.command(arguments), input)
    }

    pub fn on_terminal(&self, mut command: Command, input: &str) -> Said {
        let terminal = openpty(None, None).unwrap();
        let screen = || Stdio::from(terminal.slave.try_clone().unwrap());
        command.stdin(screen()).stdout(screen()).stderr(screen()).env("TERM", "xterm");
        let mut child = command.spawn().unwrap();
        // From here on only the child holds the terminal open.
        drop(command);
        drop(terminal.slave);
        let mut master = File::from(terminal.master);
        master.write_all(input.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        // A terminal that everybody has left ends with an error on Linux.
        let _ = master.read_to_end(&mut bytes);
        let code = child.wait().unwrap().code();
        Said { out: String::from_utf8(bytes).unwrap(), errors: String::new(), code }
    }
}

impl Said {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (out, errors) = (text(&output.stdout), text(&output.stderr));
        Self { out, errors, code: output.status.code() }
    }

    /// Asserts how it ended and that it said all of `words`, away from a terminal without colours.
    #[track_caller]
    pub fn is(&self, code: i32, words: &[&str]) -> &Self {
        let Self { out, errors, .. } = self;
        assert_eq!(self.code, Some(code), "{out}\n{errors}");
        for word in words {
            assert!(out.contains(word) || errors.contains(word), "no {word:?} in\n{out}\n{errors}");
        }
        self
    }

    #[track_caller]
    pub fn never_says(&self, words: &[&str]) -> &Self {
        for word in words {
            let is_there = self.out.contains(word) || self.errors.contains(word);
            assert!(!is_there, "{word:?} in\n{}\n{}", self.out, self.errors);
        }
        self
    }
}

/// How an escape sequence begins: a colour, a cleared screen.
pub const ESCAPE: &str = "\x1b[";

/// Whether `command` has no colours in a pipe, has some on a terminal, and has none there with
/// NO_COLOR.
#[track_caller]
pub fn assert_colours_are_asked_for(desk: &Desk, arguments: &[&str]) {
    desk.lab(arguments).never_says(&[ESCAPE]);
    let coloured = desk.lab_on_terminal(arguments, "");
    assert!(coloured.out.contains(ESCAPE), "{}", coloured.out);
    let mut command = desk.command(arguments);
    command.env("NO_COLOR", "1");
    desk.on_terminal(command, "").never_says(&[ESCAPE]);
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
        return;
    }
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}
