//! The folder in which the files stand. There are no folders and no symlinks in it, as far as a
//! client can see.

pub mod arrival;
pub mod name;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use nix::fcntl::OFlag;

use crate::wire::refusal::Refusal;

/// A folder of files, and what it takes.
pub struct Store {
    folder: PathBuf,
    /// The longest content that is stored.
    upload_limit: u64,
}

impl Store {
    /// Takes the folder `folder`, and makes it if there is none. It may be a symlink itself.
    ///
    /// # Errors
    ///
    /// When there can be no such folder.
    pub fn open_or_make(folder: PathBuf, upload_limit: u64) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, upload_limit })
    }

    /// The names of all files, sorted. This is the one thing that takes more memory the more files
    /// there are: no list can be sorted before all of it is there.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // A name that is not text cannot be asked for, so there is no use in telling it.
            let Ok(name) = entry.file_name().into_string() else { continue };
            if !name.starts_with('.') && entry.file_type()?.is_file() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Opens the file `name`.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it cannot be read.
    pub fn open(&self, name: &str) -> Result<File, Refusal> {
        // A symlink is not followed: it may lead out of the folder. And a FIFO does not keep us
        // waiting for its other end.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let path = self.folder.join(name::plain(name)?);
        match OpenOptions::new().read(true).custom_flags(flags.bits()).open(path) {
            Ok(file) if file.metadata()?.is_file() => Ok(file),
            Err(error) if error.raw_os_error() != Some(nix::libc::ELOOP) => Err(error.into()),
            _ => Err(Refusal::NotFound),
        }
    }

    /// Opens the file `name`, and says how many bytes it has.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it cannot be read.
    pub fn open_with_size(&self, name: &str) -> Result<(File, u64), Refusal> {
        let file = self.open(name)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    }

    /// Deletes the file `name`. Who is reading it keeps what it has opened.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it cannot be deleted.
    pub fn delete(&self, name: &str) -> Result<(), Refusal> {
        todo!(
            "exercise 7.2 of lab07 (File transfer): Names stay inside; DELETE.

    Refuse what is no plain name, and what is there but is no regular file (`NotFound`):
    a folder, a link, a pipe. Remove the file.

    check it          cargo test -p lab07 -- ex7_2
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }
}
