//! The way down from the root, given complete: name by name, without a step aside.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use crate::message::refusal::Refusal;
use crate::site::trouble;

/// The folder below which everything stands.
pub struct Root {
    folder: OwnedFd,
}

/// What stands at the end of a way down.
pub struct Found {
    pub file: File,
    pub about: Metadata,
}

/// A folder on the way down.
pub enum Folder<'a> {
    Root(BorrowedFd<'a>),
    Below(OwnedFd),
}

impl Root {
    /// Opens the folder `path`, and makes it if there is none. It may be a symlink itself.
    ///
    /// # Errors
    ///
    /// When there can be no such folder.
    pub fn open_or_make(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self { folder: File::open(path)?.into() })
    }

    /// Opens what `names` lead to, a file or a folder.
    ///
    /// # Errors
    ///
    /// When there is no such thing, or it cannot be opened.
    pub fn open(&self, names: &[OsString]) -> Result<Found, Refusal> {
        let (last, folders) = match names.split_last() {
            Some((last, folders)) => (last.as_os_str(), folders),
            None => (OsStr::new("."), names),
        };
        let folder = self.folder(folders)?;
        let file = File::from(below(folder.as_fd(), last, OFlag::O_RDONLY)?);
        let about = file.metadata().map_err(trouble::refusal)?;
        Ok(Found { file, about })
    }

    /// Opens the folder that `names` lead to.
    ///
    /// # Errors
    ///
    /// When there is no such folder.
    pub fn folder(&self, names: &[OsString]) -> Result<Folder<'_>, Refusal> {
        let mut folder = Folder::Root(self.folder.as_fd());
        for name in names {
            folder = Folder::Below(below(folder.as_fd(), name, OFlag::O_DIRECTORY)?);
        }
        Ok(folder)
    }
}

impl AsFd for Folder<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Root(folder) => *folder,
            Self::Below(folder) => folder.as_fd(),
        }
    }
}

/// Opens `name` in a folder. A symlink is not followed: so the way never leaves the root, whatever
/// anybody does to the folders meanwhile. And a FIFO does not keep us waiting for its other end.
fn below(folder: BorrowedFd<'_>, name: &OsStr, flags: OFlag) -> nix::Result<OwnedFd> {
    let always = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    openat(folder, name, flags | always, Mode::empty())
}
