//! Uploads, whole or not at all.
//!
//! ```text
//!   begin     make a file with a hidden name in the same folder
//!   write     the content goes there as it comes
//!   finish    give it its name: from one moment to the next the whole file is there
//!   drop      not finished: take the hidden file away
//! ```

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::sys::stat::{Mode, SFlag, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use crate::message::framing::Framing;
use crate::message::refusal::Refusal;
use crate::message::request::Request;
use crate::message::response::Response;
use crate::site::listing::kind;
use crate::site::path::{Path, plain};
use crate::site::root::Root;
use crate::site::{is_upload, trouble};

/// A file that is coming.
pub struct Upload {
    folder: OwnedFd,
    /// The name that it will have.
    name: OsString,
    /// The name that it has until it is whole. It is hidden: nobody gets to see it.
    hidden: OsString,
    file: File,
    is_whole: bool,
}

impl Upload {
    /// Makes a place for the upload that `request` announces.
    ///
    /// # Errors
    ///
    /// When it can have no place.
    pub fn begin(root: &Root, request: &Request) -> Result<Self, Refusal> {
        if request.framing == Framing::None {
            return Err(Refusal::NoLength);
        }
        let mut names = names(request).map_err(|refusal| match refusal {
            Refusal::Hidden | Refusal::NotFound => Refusal::NoPlace,
            _ => refusal,
        })?;
        let name = names.pop().ok_or(Refusal::NoPlace)?;
        let folder = root.folder(&names).map_err(|_| Refusal::NoPlace)?;
        let folder = folder.as_fd().try_clone_to_owned().map_err(trouble::refusal)?;
        if is_folder(&folder, &name) {
            return Err(Refusal::NoPlace);
        }
        todo!(
            "exercise 6.5 of lab06 (HTTP server, three ways): Upload, whole or not at all; delete.

    Make a new file with a hidden name (`hidden_name`) in the folder, and return an
    upload that is not whole yet. It must not have been there before.

    check it          cargo test -p lab06 -- ex6_5
    see it finished   cargo run -p solution06
    read about it     book/src/lab06-http-server.md
"
        )
    }

    /// Writes the next piece of the content.
    ///
    /// # Errors
    ///
    /// When the disk does not take it.
    pub fn write(&mut self, content: &[u8]) -> Result<(), Refusal> {
        self.file.write_all(content).map_err(trouble::refusal)
    }

    /// Gives the file its name, now that it is whole.
    ///
    /// # Errors
    ///
    /// When it cannot have that name.
    pub fn finish(mut self) -> Result<Response, Refusal> {
        todo!(
            "exercise 6.5 of lab06 (HTTP server, three ways): Upload, whole or not at all; delete.

    Give the hidden file its name, in one moment; from now on it is whole. Return the
    response with the text `File NAME uploaded successfully`.

    check it          cargo test -p lab06 -- ex6_5
    see it finished   cargo run -p solution06
    read about it     book/src/lab06-http-server.md
"
        )
    }
}

impl Drop for Upload {
    /// Takes the hidden file away if it has not become whole.
    fn drop(&mut self) {
        todo!(
            "exercise 6.5 of lab06 (HTTP server, three ways): Upload, whole or not at all; delete.

    Take the hidden file away, unless it has become whole. If that fails, there is
    nobody to tell.

    check it          cargo test -p lab06 -- ex6_5
    see it finished   cargo run -p solution06
    read about it     book/src/lab06-http-server.md
"
        )
    }
}

/// Where an upload is to stand: `POST /NAME` says it in the path, `POST /upload` in a field.
fn names(request: &Request) -> Result<Vec<OsString>, Refusal> {
    if !is_upload(&request.path) {
        let path = Path::parse(&request.path)?;
        return if path.is_folder { Err(Refusal::NoPlace) } else { Ok(path.names) };
    }
    let name = match &request.filename {
        // Of a path only the last name counts, as some clients send all of it.
        Some(name) => plain(name.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec())?,
        None => unique_name().into(),
    };
    Ok(vec![name])
}

/// Whether `name` is that of a folder.
fn is_folder(folder: &OwnedFd, name: &OsStr) -> bool {
    let about = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW);
    about.is_ok_and(|about| kind(&about) == SFlag::S_IFDIR)
}

/// The name of an upload that is not whole: it is hidden, so nobody gets to see it.
fn hidden_name() -> OsString {
    format!(".{}", unique_name()).into()
}

/// A name that no other upload has, nor has had.
fn unique_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("upload_{:x}_{:x}_{count:x}", now.as_nanos(), process::id())
}
