//! Archives that were handed in: unpacked with limits, and never to anywhere else.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;

/// How many files an archive may have, and how long they may be together once unpacked.
const FILES_MAX: usize = 20_000;
const LEN_MAX: u64 = 64 << 20;

/// How archives are called that we unpack.
const ENDINGS: [&str; 4] = [".zip", ".tar.gz", ".tgz", ".tar"];

/// The name of an archive without its ending, or the name of a folder.
pub fn stem(name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// Unpacks the archive at `path` into the empty folder `into`; returns what a person should know.
pub fn unpack(path: &Path, into: &Path) -> Result<Vec<String>> {
    let name = path.to_string_lossy().to_lowercase();
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut unpacking = Unpacking { into, files: FILES_MAX, room: LEN_MAX, notes: Vec::new() };
    if name.ends_with(".zip") {
        unpacking.zip(file)
    } else if name.ends_with(".tar") {
        unpacking.tar(file)
    } else if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
        unpacking.tar(GzDecoder::new(file))
    } else {
        bail!("a submission is a folder, a checkout, or an archive ({})", ENDINGS.join(", "))
    }
    .with_context(|| format!("cannot unpack {}", path.display()))?;
    Ok(unpacking.notes)
}

struct Unpacking<'a> {
    into: &'a Path,
    /// How many more files there may be.
    files: usize,
    /// How many more bytes.
    room: u64,
    notes: Vec<String>,
}

impl Unpacking<'_> {
    fn zip(&mut self, file: File) -> Result<()> {
        let mut archive = zip::ZipArchive::new(file)?;
        for number in 0..archive.len() {
            let entry = archive.by_index(number)?;
            // Neither a folder nor a symlink: only files are taken, folders come with them.
            if entry.is_file() && !entry.is_symlink() {
                let path = PathBuf::from(entry.name());
                self.put(&path, entry)?;
            }
        }
        Ok(())
    }

    fn tar(&mut self, source: impl Read) -> Result<()> {
        for entry in tar::Archive::new(source.take(LEN_MAX * 2)).entries()? {
            let entry = entry?;
            if entry.header().entry_type().is_file() {
                let path = entry.path()?.into_owned();
                self.put(&path, entry)?;
            }
        }
        Ok(())
    }

    /// Writes one file, if its path leads nowhere but inside.
    fn put(&mut self, path: &Path, content: impl Read) -> Result<()> {
        let is_plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !path.components().all(is_plain) {
            self.notes.push(format!(
                "left out: {:?} leads out of the archive",
                path.display().to_string()
            ));
            return Ok(());
        }
        self.files = self.files.checked_sub(1).context("it has too many files")?;
        let path = self.into.join(path);
        fs::create_dir_all(path.parent().unwrap_or(self.into))?;
        // One name may stand there twice; the second file is not written over the first.
        let Ok(mut file) = File::create_new(&path) else { return Ok(()) };
        let len = io::copy(&mut content.take(self.room + 1), &mut file)?;
        self.room = self.room.checked_sub(len).context("unpacked, it is too long")?;
        Ok(())
    }
}
