//! The files that a server serves: put there and looked at from outside.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::case::Case;
use crate::conversation::Sign;
use crate::payload::grouped;
use crate::process::poll_until;
use crate::{Payload, report};

/// The name of the folder inside the one that is made for it: what lies beside it is outside.
const INSIDE: &str = "root";

/// A folder for a server to serve, and a little world around it. It lasts as long as this.
pub struct Folder {
    case: Arc<Case>,
    around: PathBuf,
    /// The option that tells a server of it.
    option: &'static str,
}

impl Folder {
    /// An empty folder, of which a server is told by `option`.
    pub(crate) fn new(case: &Arc<Case>, option: &'static str) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("wirelab-{}-{number}", std::process::id());
        let around = std::env::temp_dir().join(name);
        // Somebody who had our number before us may have been killed.
        let _ = fs::remove_dir_all(&around);
        fs::create_dir_all(around.join(INSIDE)).expect("a folder can be made");
        Self { case: Arc::clone(case), around, option }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.around.join(INSIDE)
    }

    /// What tells a server of it on its command line.
    pub(crate) fn as_option(&self) -> [String; 2] {
        [self.option.to_string(), self.path().to_string_lossy().into_owned()]
    }

    /// Puts a file into it, in a folder of its own if `name` says so; `../name` is beside it.
    pub fn put(&self, name: &str, bytes: impl Into<Payload>) -> &Self {
        let bytes = bytes.into();
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(&path)).expect("a folder can be made");
        fs::write(&path, bytes.bytes()).expect("a file can be written");
        self.step(format!("has {name:?}: {}", bytes.shown()));
        self
    }

    /// Puts `count` names of some length into it. One empty file has them all, which is much faster
    /// than a file for each.
    pub fn put_many(&self, count: usize) -> &Self {
        let path =
            |number| self.path().join(format!("one-of-many-files-in-a-folder-{number:06}.txt"));
        fs::write(path(0), "").expect("a file can be written");
        for number in 1..count {
            fs::hard_link(path(0), path(number)).expect("a file can have many names");
        }
        self.step(format!("has {} files", grouped(count)));
        self
    }

    /// Puts a file of `len` zeros into it that takes no room.
    pub fn put_zeros(&self, name: &str, len: usize) -> &Self {
        let file = fs::File::create(self.path().join(name)).expect("a file can be made");
        file.set_len(len as u64).expect("a file can be made long");
        self.step(format!("has {name:?}: {} zeros", grouped(len)));
        self
    }

    /// Makes a folder in it.
    pub fn put_folder(&self, name: &str) -> &Self {
        fs::create_dir_all(self.path().join(name)).expect("a folder can be made");
        self.step(format!("has the folder {name:?}"));
        self
    }

    /// Puts a symbolic link into it.
    pub fn put_link(&self, name: &str, target: &str) -> &Self {
        symlink(target, self.path().join(name)).expect("a link can be made");
        self.step(format!("has {name:?}, a link to {target:?}"));
        self
    }

    /// Puts a named pipe into it, which nobody writes to.
    pub fn put_pipe(&self, name: &str) -> &Self {
        let made = Command::new("mkfifo").arg(self.path().join(name)).status();
        if !made.is_ok_and(|status| status.success()) {
            self.case.not_judged("this machine cannot make a named pipe");
        }
        self.step(format!("has {name:?}, a named pipe"));
        self
    }

    /// The names in it, also those that are hidden. A command of the user's may keep hidden things
    /// there of which we know nothing.
    pub fn names(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.path()).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let is_foreign = self.case.defendant.is_foreign();
        names.filter(|name| !is_foreign || !name.starts_with('.')).collect()
    }

    /// Expects the file `name` to hold exactly `wanted`; `../name` is beside the folder.
    #[track_caller]
    pub fn expect_file(&self, name: &str, wanted: impl Into<Payload>) -> &Self {
        self.expect_one_of(name, &[&wanted.into()])
    }

    /// Expects the file `name` to hold exactly one of `wanted`.
    #[track_caller]
    pub fn expect_one_of(&self, name: &str, wanted: &[&Payload]) -> &Self {
        let shown: Vec<String> = wanted.iter().map(|it| it.shown()).collect();
        let step = format!("has {name:?}: {}", shown.join(", or "));
        let there = fs::read(self.path().join(name)).ok();
        if !wanted.iter().any(|it| Some(it.bytes()) == there.as_deref()) {
            let got = match (&there, wanted) {
                (Some(there), [wanted]) => report::difference(there, wanted.bytes(), String::new()),
                _ => report::file(there.as_deref()),
            };
            self.case.fail("folder", format!("* {step}"), got, shown.join(", or "));
        }
        self.step(step);
        self
    }

    /// Expects that there is no file `name`; a server may take its time to remove one.
    #[track_caller]
    pub fn expect_no_file(&self, name: &str) -> &Self {
        let path = self.path().join(name);
        let step = format!("has no {name:?}");
        let gone = || path.symlink_metadata().is_err().then_some(());
        if poll_until(self.case.deadline(), gone).is_none() {
            let got = report::file(fs::read(&path).ok().as_deref());
            self.case.fail("folder", format!("* {step}"), got, report::file(None));
        }
        self.step(step);
        self
    }

    /// Expects exactly these `names` in it, also among those that are hidden; a server may take its
    /// time to tidy up.
    #[track_caller]
    pub fn expect_only(&self, names: &[&str]) -> &Self {
        let wanted: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
        let step = match names {
            [] => "is empty".to_string(),
            _ => format!("has {} and nothing else", report::listed(names)),
        };
        let tidy = || (self.names() == wanted).then_some(());
        if poll_until(self.case.deadline(), tidy).is_none() {
            let names: Vec<String> = self.names().into_iter().collect();
            let got = report::names(&names);
            self.case.fail("folder", format!("* {step}"), got, step);
        }
        self.step(step);
        self
    }

    fn step(&self, what: String) {
        self.case.step("folder", Sign::Event, what);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.around);
    }
}

/// Removes a folder; a server that is being ended may still be busy in it.
fn remove(folder: &Path) {
    for _ in 0..3 {
        if fs::remove_dir_all(folder).is_ok() {
            break;
        }
    }
}
