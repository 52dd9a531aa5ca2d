//! Files that are coming: whole or not at all.
//!
//! ```text
//!   begin     make a file with a hidden name in the same folder
//!   write     the content goes there as it comes
//!   finish    give it its name: from one moment to the next the whole file is there
//!   drop      not finished: take the hidden file away
//! ```
//!
//! A server that is killed drops nothing. But the lock on the file dies with whoever was writing
//! it, so the next server knows what to sweep out.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::fcntl::{Flock, FlockArg};

use crate::store::{Store, name};
use crate::wire::refusal::Refusal;

/// How a hidden name begins.
const HIDDEN: &str = ".arriving-";

/// A file that is coming.
pub struct Arrival {
    /// The name that it will have.
    path: PathBuf,
    /// The name that it has until it is whole. It is hidden: nobody gets to see it.
    hidden: PathBuf,
    file: Flock<File>,
    /// How many more bytes it may have.
    room: u64,
    /// How many bytes it may have.
    limit: u64,
    is_whole: bool,
}

impl Store {
    /// Makes a place for the file `name`.
    ///
    /// # Errors
    ///
    /// When it can have no place.
    pub fn begin(&self, name: &str) -> Result<Arrival, Refusal> {
        Arrival::begin(self.folder.join(name::plain(name)?), self.upload_limit)
    }

    /// Takes away what was coming when its server was killed.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(HIDDEN)) {
                // Another server may have swept it out a moment ago.
                let _ = remove_if_left(&entry.path());
            }
        }
        Ok(())
    }
}

impl Arrival {
    /// Makes a place for a file that is to stand under `path`, with at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// When it can have no place.
    pub fn begin(path: PathBuf, limit: u64) -> Result<Self, Refusal> {
        todo!(
            "exercise 7.4 of lab07 (File transfer): UPLOAD: whole or not at all.

    Make a new file with a hidden name beside `path`; it must not have been there
    before. Lock it, so that a sweep leaves it alone. Return an arrival that is not
    whole yet.

    check it          cargo test -p lab07 -- ex7_4
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }

    /// Writes the next piece of the content.
    ///
    /// # Errors
    ///
    /// When it is too much, or the disk does not take it.
    pub fn write(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        let left = self.room.checked_sub(piece.len() as u64);
        self.room = left.ok_or(Refusal::TooLarge(self.limit))?;
        Ok(self.file.write_all(piece)?)
    }

    /// Gives the file its name, now that it is whole. Whatever had the name before is replaced in
    /// the same moment; who is reading that goes on reading that.
    ///
    /// # Errors
    ///
    /// When it cannot have that name.
    pub fn finish(mut self) -> Result<(), Refusal> {
        todo!(
            "exercise 7.4 of lab07 (File transfer): UPLOAD: whole or not at all.

    Give the hidden file its name, in one moment; from now on it is whole.

    check it          cargo test -p lab07 -- ex7_4
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }
}

impl Drop for Arrival {
    /// Takes the hidden file away if it has not become whole.
    fn drop(&mut self) {
        todo!(
            "exercise 7.4 of lab07 (File transfer): UPLOAD: whole or not at all.

    Take the hidden file away, unless it has become whole. If that fails, there is
    nobody to tell.

    check it          cargo test -p lab07 -- ex7_4
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }
}

fn lock(file: File) -> io::Result<Flock<File>> {
    Ok(Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error)?)
}

/// Removes a hidden file that nobody is writing any more.
fn remove_if_left(hidden: &Path) -> io::Result<()> {
    let _lock = lock(File::open(hidden)?)?;
    fs::remove_file(hidden)
}

/// A name that no other arrival has.
fn hidden_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{HIDDEN}{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
