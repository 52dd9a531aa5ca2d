//! `cargo lab export`: the edition that students get. It has the labs and the judge, and neither the
//! solutions nor what gives them away.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use toml::Table;

use crate::author::skeleton;
use crate::author::skeletons::put;
use crate::catalogue::{Course, Lab};
use crate::{Answer, edition};

/// What is taken over as it is, as seen from the root.
const WHOLE: [&str; 11] = [
    ".cargo/config.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "clippy.toml",
    "rustfmt.toml",
    "tests/Cargo.toml",
    "tests/src",
    "tests/judge",
    "tests/exercises.toml",
    "tests/cli",
    "wireshark",
];

/// What of the labs' tests belongs to one lab: it is taken over for the labs of the edition.
const PROMISES: &str = "tests/labs";
const SNAPSHOTS: &str = "tests/snapshots";

/// Where students and assistants are told what is what, and what is run when they push.
const README: &str = include_str!("../edition/README.md");
const AGENTS: &str = include_str!("../edition/AGENTS.md");
const WORKFLOW: &str = include_str!("../edition/check.yml");

/// Lines in the text of an exercise that are about what students do not have.
const SEE_IT_FINISHED: &str = "    see it finished ";
const READ_ABOUT_IT: &str = "    read about it ";

/// The files of an edition, as seen from its root.
pub type Edition = BTreeMap<PathBuf, Vec<u8>>;

/// Write the edition that students get into a new folder
#[derive(Args)]
#[command(
    after_help = "Example: cargo lab export ../wirelab-2027 --instructor 'Dr Sari, room 12' \\
    --book https://example.org/wirelab

Later: cargo lab update ../wirelab-2027 brings new tests and texts to it."
)]
pub struct Arguments {
    /// A folder that is not there yet, or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    #[command(flatten)]
    about: About,
}

/// What an edition says of where it is used.
#[derive(Args, Clone, Default)]
pub struct About {
    /// Who has the solutions and answers questions, in a few words
    #[arg(long, value_name = "WHO")]
    pub instructor: Option<String>,

    /// Where the book is to be read: an address
    #[arg(long, value_name = "URL")]
    pub book: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<Answer> {
    let course = Course::here()?;
    let folder = &arguments.folder;
    let is_free =
        !folder.exists() || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    ensure!(is_free, "{} is not empty; `cargo lab update` renews an edition", folder.display());
    let files = of(&course, &arguments.about)?;
    for (path, bytes) in &files {
        put(&folder.join(path), bytes)?;
    }
    keep_lock_small(folder);
    let labs = course.written().count();
    say!("{labs} labs for students are in {}.", folder.display());
    say!("Next: cd {} && cargo test -p lab01", folder.display());
    Ok(Answer::Yes)
}

/// All files of the edition.
pub fn of(course: &Course, about: &About) -> Result<Edition> {
    ensure!(!edition::is_students(course), "this is a student edition already");
    let mut files = Edition::new();
    for path in WHOLE {
        take(&course.root, Path::new(path), &mut files)?;
    }
    for lab in course.written() {
        add_lab(course, lab, about, &mut files)?;
    }
    let text = |text: &str| text.as_bytes().to_vec();
    files.insert("Cargo.toml".into(), manifest(course)?.into_bytes());
    files.insert("Cargo.lock".into(), fs::read(course.root.join("Cargo.lock"))?);
    files.insert("README.md".into(), readme(about).into_bytes());
    files.insert("AGENTS.md".into(), text(AGENTS));
    files.insert(".github/workflows/check.yml".into(), text(WORKFLOW));
    files.insert(".gitignore".into(), text("/target\n/.wirelab/kept\n*.snap.new\n"));
    let instructor = about.instructor.clone().unwrap_or_default();
    files.insert(edition::INSTRUCTOR.into(), instructor.into_bytes());
    files.insert(edition::BOOK.into(), about.book.clone().unwrap_or_default().into_bytes());
    Ok(files)
}

/// Adds a lab: what students edit, the same once more as it was handed out, and its promises.
fn add_lab(course: &Course, lab: &Lab, about: &About, files: &mut Edition) -> Result<()> {
    for (path, text) in skeleton::cut(course, lab, 0)? {
        let text = for_students(&text, lab, about).into_bytes();
        if path.starts_with("src") {
            let pristine = Path::new(edition::PRISTINE).join(&lab.folder).join(&path);
            files.insert(pristine, text.clone());
        }
        files.insert(lab.place().join(path), text);
    }
    let promises = Path::new(PROMISES).join(format!("{}.rs", lab.package()));
    take(&course.root, &promises, files)?;
    let prefix = format!("ex{}_", lab.number);
    for entry in fs::read_dir(course.root.join(SNAPSHOTS))? {
        let name = entry?.file_name();
        if name.to_string_lossy().starts_with(&prefix) {
            take(&course.root, &Path::new(SNAPSHOTS).join(name), files)?;
        }
    }
    Ok(())
}

/// The text of a lab without what is not there to be run or read.
fn for_students(text: &str, lab: &Lab, about: &About) -> String {
    let is_kept = |line: &&str| !line.starts_with(SEE_IT_FINISHED);
    let chapter = format!("book/src/{}", lab.chapter);
    let there = match &about.book {
        Some(address) => {
            let page = lab.chapter.replace(".md", ".html");
            format!("{}/{page}", address.trim_end_matches('/'))
        }
        None => format!("the chapter of lab {:02} in the book", lab.number),
    };
    let line = |line: &str| {
        let is_about_reading = line.starts_with(READ_ABOUT_IT);
        if is_about_reading { line.replace(&chapter, &there) } else { line.to_string() }
    };
    text.lines().filter(is_kept).map(|it| line(it) + "\n").collect()
}

/// The course's manifest without the solutions.
fn manifest(course: &Course) -> Result<String> {
    let mut manifest: Table = fs::read_to_string(course.root.join("Cargo.toml"))?.parse()?;
    let workspace = manifest["workspace"].as_table_mut().context("no workspace")?;
    let members = ["labs/*", "tests", "tests/cli"].map(toml::Value::from);
    workspace.insert("members".into(), members.to_vec().into());
    workspace.insert("default-members".into(), vec![toml::Value::from("labs/*")].into());
    Ok(manifest.to_string())
}

fn readme(about: &About) -> String {
    let book = match &about.book {
        Some(address) => format!("The book, with a chapter for each lab: <{address}>."),
        None => {
            "The book has a chapter for each lab; your instructor says where to read it.".into()
        }
    };
    let instructor = about.instructor.as_deref().unwrap_or("ask your instructor");
    README.replace("{book}", &book).replace("{instructor}", instructor)
}

/// Takes over a file or a folder.
pub fn take(root: &Path, path: &Path, files: &mut Edition) -> Result<()> {
    let place = root.join(path);
    if place.is_dir() {
        for entry in fs::read_dir(&place)? {
            take(root, &path.join(entry?.file_name()), files)?;
        }
        return Ok(());
    }
    let bytes = fs::read(&place).with_context(|| format!("cannot read {}", path.display()))?;
    files.insert(path.to_path_buf(), bytes);
    Ok(())
}

/// Has cargo take out of the lock file what only the solutions need. If it cannot, it will when
/// students build for the first time.
pub fn keep_lock_small(folder: &Path) {
    let _ = Command::new("cargo")
        .args(["metadata", "--quiet", "--offline", "--format-version", "1"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
