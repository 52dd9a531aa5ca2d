//! The sandbox: what a submission may see, and how little of the machine it gets.
//!
//! ```text
//!   us ── cell ── judge ── cage ── the student's program
//! ```
//!
//! The *cell* has no network but a loopback interface of its own, and processes of its own. In it
//! the judge starts each program in a *cage* of its own: no file of the course, no result, no other
//! process, nothing to write to but the folders that a promise makes for it. The compiler works in
//! a cell too.
//!
//! Both are made by bubblewrap, with no more rights than any user has. Who grades as root becomes
//! somebody else first.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::Uid;

/// Who runs a student's program, if that must not be root: a number that nobody has. Each place at
/// which submissions are judged at the same time has the next one.
const STRANGER: u32 = 64_100;

/// Who everybody is inside.
const INSIDE: &str = "1000";

/// What a program finds of the system: read only, and the same on every machine.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives"];

/// Where the judge finds what it works with, in its cell.
pub const HOME: &str = "/wirelab";

/// How much memory one process may ask for. More than any right program needs, and less than would
/// hurt before somebody looks.
const ADDRESS_SPACE: u64 = 8 << 30;

/// How many processes and threads a submission may have: a thousand clients need a thousand threads.
const PROCESSES: u32 = 2_048;

/// How long a file may become.
const FILE_LEN: u64 = 256 << 20;

/// How much room there is for files, in all.
const ROOM: u64 = 256 << 20;

/// How much room a program has for itself.
const OWN_ROOM: u64 = 16 << 20;

/// How to start something inside.
pub struct Cell {
    arguments: Vec<OsString>,
    stranger: Option<u32>,
}

impl Cell {
    /// An empty cell for the work at the place `place`.
    pub fn new(place: u32) -> Self {
        let mut cell = Self { arguments: Vec::new(), stranger: None };
        if Uid::effective().is_root() {
            cell.stranger = Some(STRANGER + place);
        }
        cell.push(&["--unshare-all", "--unshare-user", "--uid", INSIDE, "--gid", INSIDE]);
        cell.push(&["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]);
        cell.system();
        cell
    }

    /// The same, for work on files that only we may read: it has our own number.
    pub fn of_ours() -> Self {
        Self { stranger: None, ..Self::new(0) }
    }

    /// Who owns what is made inside, if that is not us.
    pub fn stranger(&self) -> Option<u32> {
        self.stranger
    }

    fn push(&mut self, arguments: &[&str]) -> &mut Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    fn system(&mut self) {
        for path in SYSTEM.map(Path::new) {
            match fs::read_link(path) {
                Ok(target) => self.path("--symlink", &target, path),
                Err(_) if path.exists() => self.path("--ro-bind", path, path),
                Err(_) => self,
            };
        }
        self.push(&["--proc", "/proc", "--dev", "/dev"]);
        // Otherwise there would be room for files in it, as much as half of the memory.
        self.push(&["--remount-ro", "/dev"]);
        self.room("/tmp", OWN_ROOM);
    }

    fn path(&mut self, option: &str, from: &Path, to: &Path) -> &mut Self {
        self.arguments.extend([option.into(), from.into(), to.into()]);
        self
    }

    /// Shows `from` inside, under the name `to`.
    pub fn show(&mut self, from: &Path, to: impl AsRef<Path>) -> &mut Self {
        self.path("--ro-bind", from, to.as_ref())
    }

    /// Shows it, and lets it be changed.
    pub fn lend(&mut self, from: &Path, to: impl AsRef<Path>) -> &mut Self {
        self.path("--bind", from, to.as_ref())
    }

    /// Makes an empty folder for files of so many bytes.
    pub fn room(&mut self, path: &str, size: u64) -> &mut Self {
        self.push(&["--size", &size.to_string(), "--tmpfs", path, "--chmod", "1777", path])
    }

    /// Sets a variable.
    pub fn variable(&mut self, name: &str, value: impl Into<OsString>) -> &mut Self {
        self.push(&["--setenv", name]);
        self.arguments.push(value.into());
        self
    }

    /// The command that runs `program` inside, in `folder`.
    pub fn command(&self, folder: &Path, program: &Path) -> Command {
        let mut command = Command::new("bwrap");
        command.args(&self.arguments).arg("--chdir").arg(folder);
        command.args(["--remount-ro", "/", "--"]).arg(program);
        command.stdin(Stdio::null());
        if let Some(stranger) = self.stranger {
            command.uid(stranger).gid(stranger);
        }
        command
    }
}

/// A cell for the judge: with room for the folders of promises, and a cage to start a program in:
/// `program` itself, or what a command makes of `files`.
///
/// Returns the words, too, by which the judge starts it there.
pub fn for_judge(place: u32, program: Option<&Path>, files: Option<&Path>) -> (Cell, String) {
    let mut cell = Cell::new(place);
    let [own, own_files, folders] =
        ["program", "files", "folders"].map(|it| format!("{HOME}/{it}"));
    let shown = [(program, &own), (files, &own_files)];
    let shown = shown.into_iter().filter_map(|(path, name)| Some((path?, name)));
    for (path, name) in shown.clone() {
        cell.show(path, name);
    }
    cell.room(&folders, ROOM);
    cell.variable("TMPDIR", &folders).variable("PATH", "/usr/bin:/bin");

    let mut cage = Cell { arguments: Vec::new(), stranger: None };
    // The network is that of the cell: there the judge talks to it.
    cage.push(&["--unshare-user", "--uid", INSIDE, "--gid", INSIDE, "--unshare-pid"]);
    cage.push(&["--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]);
    cage.push(&["--cap-drop", "ALL"]);
    cage.system();
    for (_, name) in shown {
        cage.show(Path::new(name), name);
    }
    cage.lend(Path::new(&folders), &folders);
    if files.is_some() {
        cage.push(&["--chdir", &own_files]);
    }
    // Otherwise it starts where the judge starts it: in a promise's folder, or where the judge is.
    cage.push(&["--remount-ro", "/", "--"]);
    cage.push(&["prlimit", "--core=0"]);
    let limits = [
        format!("--nproc={PROCESSES}"),
        format!("--fsize={FILE_LEN}"),
        format!("--as={ADDRESS_SPACE}"),
    ];
    cage.push(&limits.each_ref().map(String::as_str));
    let words = cage.arguments.iter().map(|word| word.to_string_lossy());
    let launcher = shell_words::join(std::iter::once("bwrap".into()).chain(words));
    (cell, launcher)
}

/// Whether this machine lets us make cells; if not, why.
pub fn is_possible() -> Result<(), String> {
    let (cell, launcher) = for_judge(0, None, None);
    let mut command = cell.command(Path::new("/tmp"), &PathBuf::from("sh"));
    let output = command.args(["-c", &format!("{launcher} -- true")]).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(said.lines().last().unwrap_or("bubblewrap fails").to_string())
        }
        Err(error) => Err(format!("bubblewrap (bwrap) cannot be started: {error}")),
    }
}
