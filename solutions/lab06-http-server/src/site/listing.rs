//! What stands in a folder, given complete.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use nix::dir::Dir;
use nix::fcntl::AtFlags;
use nix::sys::stat::{FileStat, SFlag, fstatat};

use crate::message::refusal::Refusal;
use crate::message::response::Response;
use crate::site::conditions::moment;
use crate::site::root::Root;

/// How many names a listing shows.
const LISTED_MAX: usize = 10_000;

/// What stands in a folder and may be shown, sorted by name.
pub struct Listing {
    pub entries: Vec<Entry>,
    /// How many names there are beyond [`LISTED_MAX`].
    pub more: usize,
}

/// One of the things in a folder.
pub struct Entry {
    pub name: OsString,
    pub kind: Kind,
    /// When it was changed last.
    pub changed: SystemTime,
}

/// What an entry is.
pub enum Kind {
    Folder,
    File { len: u64 },
}

impl Listing {
    /// Reads the folder that `names` lead to. Hidden names and what is neither a file nor a folder
    /// do not appear: they are not to be had.
    ///
    /// # Errors
    ///
    /// When there is no such folder, or it cannot be read.
    pub fn of(root: &Root, names: &[OsString]) -> Result<Self, Refusal> {
        let mut folder = Dir::from_fd(root.open(names)?.file.into())?;
        let mut names = Vec::new();
        for entry in folder.iter() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !name.starts_with(b".") {
                names.push(OsStr::from_bytes(name).to_os_string());
            }
        }
        names.sort();
        let more = names.len().saturating_sub(LISTED_MAX);
        names.truncate(LISTED_MAX);
        let entries = names.into_iter().filter_map(|name| Entry::of(&folder, name)).collect();
        Ok(Self { entries, more })
    }
}

impl Entry {
    /// What `name` is; `None` if it may not be shown, or has just gone.
    fn of(folder: &Dir, name: OsString) -> Option<Self> {
        let about = fstatat(folder, name.as_os_str(), AtFlags::AT_SYMLINK_NOFOLLOW).ok()?;
        let kind = match kind(&about) {
            SFlag::S_IFDIR => Kind::Folder,
            SFlag::S_IFREG => Kind::File { len: u64::try_from(about.st_size).ok()? },
            _ => return None,
        };
        Some(Self { name, kind, changed: moment(about.st_mtime) })
    }
}

/// What kind of thing this is about: a file, a folder, a link …
pub fn kind(about: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT
}

/// The names in the root, in the words of the course's first HTTP server.
///
/// # Errors
///
/// When the root cannot be read.
pub fn names(root: &Root) -> Result<Response, Refusal> {
    let Listing { entries, more } = Listing::of(root, &[])?;
    let mut lines: Vec<String> = entries.iter().map(|entry| escape(&entry.name)).collect();
    if more > 0 {
        lines.push(format!("... and {more} more"));
    }
    let text = format!("isi dir upload: <br>{}", lines.join("<br>"));
    Ok(Response::text("text/html; charset=utf-8", text))
}

/// A name as it stands in HTML: nothing in it is taken for a tag.
pub fn escape(name: &OsStr) -> String {
    let mut escaped = String::new();
    for char in name.to_string_lossy().chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}
