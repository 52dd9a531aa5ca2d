//! How a run is done: the programs, the cores, how often and how long.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use signal_hook::consts::TERM_SIGNALS;
use tempfile::TempDir;

use crate::cores::Cores;

/// Descriptors for ten thousand connections and a few more.
const DESCRIPTORS: u64 = 11_000;

/// What the user may choose about the way it is done.
#[derive(clap::Args)]
pub struct Way {
    /// Short and few rounds: to see that it works, under a minute
    #[arg(long)]
    quick: bool,

    /// Measure what you have written in the labs, in place of the solutions
    #[arg(long, conflicts_with = "book")]
    labs: bool,

    /// Let perf look at the servers: one long turn each, and a list of what it was doing
    #[arg(long, conflicts_with_all = ["quick", "book"])]
    profile: bool,

    /// How often each contender has its turn [default: 15, quick: 2, profile: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    rounds: Option<u16>,
}

/// What every measurement needs to know.
pub struct Plan {
    pub cores: Cores,
    pub quick: bool,
    /// Whether the labs are measured, as their reader has written them, and not the solutions.
    pub labs: bool,
    /// Whether `perf` looks at the servers: then times say little, and what they do is written down.
    pub profile: bool,
    pub rounds: usize,
    /// How long a contender works before it is measured, and while.
    pub warm: Duration,
    pub time: Duration,
    /// How many idle connections are possible.
    pub idle_max: usize,
    /// The root of the course.
    pub course: PathBuf,
    /// Where cargo puts the programs.
    pub programs: PathBuf,
    /// Files to serve, and whatever else goes when we go.
    folder: TempDir,
    interrupted: Arc<AtomicBool>,
}

impl Plan {
    /// Builds what is measured, and prepares the machine.
    ///
    /// # Errors
    ///
    /// When something does not build, or the system refuses.
    pub fn new(way: Way) -> Result<Self> {
        let course = course()?;
        let programs = env::current_exe()?.parent().context("no folder")?.to_path_buf();
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in TERM_SIGNALS {
            signal_hook::flag::register(*signal, Arc::clone(&interrupted))?;
        }
        let cores = Cores::choose()?;
        if cores.are_shared() {
            say("There is only one core: the load takes its time from the servers.");
        }
        if cfg!(debug_assertions) {
            say("This is a debug build: it shows that the bench works, and nothing else.");
        }
        let Way { quick, labs, profile, rounds } = way;
        let (rounds_usual, warm, time) = match (profile, quick) {
            (true, _) => (1, 100, 2000),
            (_, true) => (2, 50, 150),
            // Many short ones: who is compared should come soon after whom it is compared with.
            _ => (15, 50, 200),
        };
        let plan = Self {
            cores,
            quick,
            labs,
            profile,
            rounds: rounds.map_or(rounds_usual, usize::from),
            warm: Duration::from_millis(warm),
            time: Duration::from_millis(time),
            idle_max: descriptors()?.saturating_sub(1000),
            course,
            programs,
            folder: TempDir::new()?,
            interrupted,
        };
        fs::create_dir(plan.files())?;
        Ok(plan)
    }

    /// The package of a lab that is measured.
    pub fn package(&self, lab: &str) -> String {
        format!("{}{lab}", if self.labs { "lab" } else { "solution" })
    }

    /// Builds our servers of these labs and the plain programs, in the profile in which this
    /// program was built.
    ///
    /// # Errors
    ///
    /// When one does not build.
    pub fn build(&self, labs: &[&str]) -> Result<()> {
        let mut cargo = self.cargo();
        cargo.args(["build", "--quiet", "--bins", "-p", env!("CARGO_PKG_NAME")]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        for lab in labs {
            cargo.args(["-p", &self.package(lab)]);
        }
        let built = self.cores.with_both(|| cargo.status())?;
        ensure!(built.success(), "what is to be measured does not build");
        Ok(())
    }

    /// Cargo, at the root of the course.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(&self.course).stdin(Stdio::null());
        cargo
    }

    /// Where what we find out is written down.
    pub fn output(&self) -> PathBuf {
        self.programs.with_file_name("bench")
    }

    /// A file of so many bytes, named by their number, among the files that are served.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn file(&self, len: usize) -> Result<PathBuf> {
        let path = self.files().join(len.to_string());
        if !path.exists() {
            let mut file = fs::File::create(&path)?;
            let piece: Vec<u8> = (0..=255).cycle().take(64 * 1024).collect();
            for left in (0..len).step_by(piece.len()) {
                file.write_all(&piece[..piece.len().min(len - left)])?;
            }
        }
        Ok(path)
    }

    /// The folder of the files that are served.
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// A name for something that goes when we go.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Complains when the user has had enough: then all that we have started ends with us.
    ///
    /// # Errors
    ///
    /// After Ctrl+C.
    pub fn go_on(&self) -> Result<()> {
        ensure!(!self.interrupted.load(Ordering::Relaxed), "interrupted");
        Ok(())
    }
}

/// The root of the course.
///
/// # Errors
///
/// When it is no longer where this program was built.
pub fn course() -> Result<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?)
}

/// Says something to whoever waits for the figures. Nobody may be listening any more: that must not
/// keep us from ending what we have started.
pub fn say(words: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// Raises the limit of descriptors as far as it goes and is of use; servers inherit it.
fn descriptors() -> Result<usize> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let most = hard.min(DESCRIPTORS.max(soft));
    setrlimit(Resource::RLIMIT_NOFILE, most, hard)?;
    if most < DESCRIPTORS {
        say(format_args!("Only {most} descriptors: not all idle connections are possible."));
    }
    Ok(usize::try_from(most)?)
}
