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

    /// Takes a file out of it; who has opened that keeps what it has.
    pub fn remove(&self, name: &str) -> &Self {
        fs::remove_file(self.path().join(name)).expect("a file can be removed");
        self.step(format!("has no {name:?} any more"));
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

    /// Expects the file `name` to have exactly these lines; a `*` in one stands for a number above 0.
    #[track_caller]
    pub fn expect_lines(&self, name: &str, lines: &[&str]) -> &Self {
        let step = format!("has {name:?} with {} lines", lines.len());
        let text = fs::read_to_string(self.path().join(name)).unwrap_or_default();
        let there: Vec<&str> = text.lines().collect();
        let differs = (0..lines.len().max(there.len())).find(|at| {
            let (there, wanted) = (there.get(*at), lines.get(*at));
            there.zip(wanted).is_none_or(|(there, wanted)| !has_numbers(there, wanted))
        });
        if let Some(at) = differs {
            let got = report::line_of_file(at, there.get(at).copied());
            let want = report::line_of_file(at, lines.get(at).copied());
            self.case.fail("folder", format!("* {step}"), got, want);
        }
        self.step(step);
        self
    }

    /// Expects `part` in the file `name`.
    #[track_caller]
    pub fn expect_part(&self, name: &str, part: &str) -> &Self {
        let step = format!("has {name:?} with {part:?} in it");
        let there = fs::read(self.path().join(name)).ok();
        let text = there.as_deref().map(String::from_utf8_lossy);
        if !text.is_some_and(|text| text.contains(part)) {
            let got = report::file(there.as_deref());
            self.case.fail("folder", format!("* {step}"), got, step);
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
            _ => format!("has {} and nothing else", report::listed_names(names)),
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

/// Whether `line` is like `pattern`, in which each `*` stands for a number above 0.
fn has_numbers(line: &str, pattern: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return line == pattern };
    let Some(rest) = line.strip_prefix(before) else { return false };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, rest) = rest.split_at(end);
    number.parse().is_ok_and(|number: f64| number > 0.0) && has_numbers(rest, after)
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

#[cfg(test)]
mod tests {
    use super::has_numbers;

    #[test]
    fn a_star_stands_for_a_number_and_all_else_for_itself() {
        assert!(has_numbers("1,0.25 s,300", "1,* s,*"));
        assert!(has_numbers("no star", "no star"));
        for other in ["1,x s,300", "1,0.0 s,300", "1, s,300", "1,2 s,300,", "2,2 s,3", "1,2 s", ""]
        {
            assert!(!has_numbers(other, "1,* s,*"), "{other}");
        }
    }
}
