//! A student's files of one lab, as they are now: which they are, and when each was written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::catalogue::{Course, Lab};

/// File systems that do not tell of what is changed on their other side: Windows under WSL, and
/// network folders.
const SILENT_SYSTEMS: [&str; 8] =
    ["9p", "cifs", "drvfs", "fuse.sshfs", "nfs", "nfs4", "vboxsf", "virtiofs"];

/// The files of a lab with the time and the length of each; two are equal if nothing was saved
/// in between.
#[derive(PartialEq, Eq)]
pub struct Sources(BTreeMap<PathBuf, (SystemTime, u64)>);

impl Sources {
    /// The files of `lab` now; what cannot be read counts as not there.
    pub fn now(course: &Course, lab: &Lab) -> Self {
        let mut files = BTreeMap::new();
        collect(&course.root.join(lab.place()), &mut files);
        Self(files)
    }

    /// When the last of them was written.
    pub fn last_change(&self) -> Option<SystemTime> {
        self.0.values().map(|(written, _)| *written).max()
    }
}

/// The files in `folder` at any depth, by paths inside it.
pub fn paths_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = BTreeMap::new();
    collect(folder, &mut files);
    let inside = |path: PathBuf| path.strip_prefix(folder).map(Path::to_path_buf).ok();
    files.into_keys().filter_map(inside).collect()
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, (SystemTime, u64)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(about) = entry.metadata() else { continue };
        if is_an_editors(&entry.file_name().to_string_lossy()) {
            continue;
        }
        match about.modified() {
            _ if about.is_dir() => collect(&path, files),
            Ok(written) => {
                files.insert(path, (written, about.len()));
            }
            Err(_) => {}
        }
    }
}

/// Editors leave their own files beside the one that is edited: `.server.rs.swp`, `server.rs~`,
/// `#server.rs#`.
fn is_an_editors(name: &str) -> bool {
    name.starts_with(['.', '#']) || name.ends_with('~')
}

/// The kind of the file system that `folder` is on, if it is one that does not tell of changes, as
/// far as Linux knows.
pub fn silent_system(folder: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let system = system_of(&folder.canonicalize().ok()?, &mounts)?.to_string();
    SILENT_SYSTEMS.contains(&system.as_str()).then_some(system)
}

/// The kind of the file system that `folder` is on: of all that are mounted above it, the nearest.
fn system_of<'a>(folder: &Path, mounts: &'a str) -> Option<&'a str> {
    let mount = |line: &'a str| {
        let mut words = line.split(' ').skip(1);
        Some((Path::new(words.next()?), words.next()?))
    };
    let above = mounts.lines().filter_map(mount).filter(|(place, _)| folder.starts_with(place));
    above.max_by_key(|(place, _)| place.components().count()).map(|(_, system)| system)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_an_editors, system_of};

    #[test]
    fn the_nearest_mount_tells_the_file_system() {
        let mounts = "/dev/sda / ext4 rw 0 0\nC:\\ /mnt/c 9p rw 0 0\nx /mnt/c2 tmpfs rw 0 0\n";
        assert_eq!(system_of(Path::new("/mnt/c/wirelab/labs"), mounts), Some("9p"));
        assert_eq!(system_of(Path::new("/mnt/c2/wirelab"), mounts), Some("tmpfs"));
        assert_eq!(system_of(Path::new("/srv/wirelab"), mounts), Some("ext4"));
    }

    #[test]
    fn what_editors_keep_for_themselves_is_no_source() {
        assert!([".server.rs.swp", "server.rs~", "#server.rs#"].into_iter().all(is_an_editors));
        assert!(!is_an_editors("server.rs"));
    }
}
