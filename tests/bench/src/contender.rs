//! Who takes part: our solutions, plain programs, the course's Python way, nginx.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::plan::{Plan, say};

/// A server that can be started.
#[derive(Clone)]
pub struct Contender {
    /// As it stands in the tables.
    pub name: String,
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub way: Way,
}

/// How a server learns where to listen.
#[derive(Clone, PartialEq, Eq)]
pub enum Way {
    /// It chooses a port, and says so on its first line.
    Says,
    /// By a file of settings that we write.
    Nginx,
    /// By its arguments; it sends the file of so many bytes to whoever is first, and ends.
    Ncat(usize),
    /// By a file of settings that we write, and its arguments.
    Rsync,
    /// It does not listen: the load talks to itself.
    Nobody,
}

impl Contender {
    fn new(name: &str, program: PathBuf, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Self { name: name.to_string(), program, arguments, way: Way::Says }
    }
}

/// No server at all: what remains is the load.
pub fn nobody() -> Contender {
    let contender = Contender::new("no server, the load alone", PathBuf::new(), &[]);
    Contender { way: Way::Nobody, ..contender }
}

/// Our server of a lab.
pub fn ours(plan: &Plan, lab: &str, name: &str, arguments: &[&str]) -> Contender {
    let mut all = vec!["--listen", "127.0.0.1:0"];
    all.extend(arguments);
    let name = format!("lab{lab} {name}").trim_end().to_string();
    Contender::new(&name, plan.programs.join(plan.package(lab)), &all)
}

/// One of the plain programs of `src/bin/peer.rs`.
pub fn plain(plan: &Plan, name: &str, arguments: &[&str]) -> Contender {
    Contender::new(name, plan.programs.join("peer"), arguments)
}

/// The same on tokio.
pub fn tokio(plan: &Plan) -> Contender {
    let lock = include_str!("../../../Cargo.lock");
    let package = lock.split("[[package]]").find(|text| text.contains("name = \"tokio\"\n"));
    let version = package.and_then(|text| text.split('"').nth(3)).unwrap_or("?");
    Contender::new(&format!("tokio {version}"), plan.programs.join("peer-tokio"), &[])
}

/// A program of `peers/`, if there is a Python to run it.
pub fn python(plan: &Plan, name: &str, script: &str, arguments: &[&str]) -> Option<Contender> {
    static FOUND: OnceLock<Option<(PathBuf, String)>> = OnceLock::new();
    let (python, version) = FOUND.get_or_init(find_python).as_ref()?;
    let script = plan.course.join("tests/bench/peers").join(script);
    let mut all = vec![script.to_str()?];
    all.extend(arguments);
    Some(Contender::new(&format!("Python {version} {name}"), python.clone(), &all))
}

/// nginx with one worker, if it is here.
pub fn nginx() -> Option<Contender> {
    static FOUND: OnceLock<Option<Contender>> = OnceLock::new();
    FOUND.get_or_init(|| found("nginx", "-v", "nginx/", Way::Nginx)).clone()
}

/// ncat as people send a file of so many bytes with it, if it is here.
pub fn ncat(len: usize) -> Option<Contender> {
    found("ncat", "--version", "Version ", Way::Ncat(len))
}

/// rsync as its own server, if it is here.
pub fn rsync() -> Option<Contender> {
    found("rsync", "--version", "version ", Way::Rsync)
}

/// A program that others wrote, with the version that it names after `before`.
fn found(name: &str, ask: &str, before: &str, way: Way) -> Option<Contender> {
    // Servers are not on everybody's path.
    let places = ["", "/usr/sbin/", "/usr/local/sbin/"].map(|place| format!("{place}{name}"));
    let version = |place: &String| {
        let said = said_by(Path::new(place), &[ask])?;
        Some(said.split_once(before)?.1.split_whitespace().next()?.to_string())
    };
    let found = places.iter().find_map(|place| Some((place, version(place)?)));
    let Some((place, version)) = found else {
        say(format_args!("{name} is not here: it is left out."));
        return None;
    };
    let contender = Contender::new(&format!("{name} {version}"), place.into(), &[]);
    Some(Contender { way, ..contender })
}

/// The program itself: what is found by name may be a script that looks for it.
fn find_python() -> Option<(PathBuf, String)> {
    let ask = "import platform, sys; print(sys.executable, platform.python_version())";
    let said = said_by(Path::new("python3"), &["-c", ask]);
    let found = said.as_deref().and_then(|line| line.trim().rsplit_once(' '));
    if found.is_none() {
        say("python3 is not here: the course's Python way is left out.");
    }
    found.map(|(path, version)| (path.into(), version.to_string()))
}

/// What a program says of itself, wherever it says it.
pub fn said_by(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    output.status.success().then(|| String::from_utf8_lossy(&said).into_owned())
}
