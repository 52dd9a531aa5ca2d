//! From the path of a request to plain names below the root, or to nothing.
//!
//! ```text
//!   /music/M%C3%BCll.txt   -->   "music", "Müll.txt"
//!   /../secret.txt         -->   refused
//! ```
//!
//! Whoever has a [`Path`] need not look again: none of its names leads up or to something hidden.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use crate::message::refusal::Refusal;

/// What is encoded in a link: all but what RFC 3986, section 2.3, calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest name that file systems have room for.
const NAME_LEN_MAX: usize = 255;

/// A way from the root to a file or a folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    /// Plain names, one below the other.
    pub names: Vec<OsString>,
    /// It ends in a slash, so a folder is meant.
    pub is_folder: bool,
}

impl Path {
    /// The path that a request means.
    ///
    /// # Errors
    ///
    /// When a part of it is no plain name.
    pub fn parse(path: &str) -> Result<Self, Refusal> {
        // ANCHOR: ex6_3_path
        let below = path.strip_prefix('/').ok_or(Refusal::Name)?;
        let mut parts: Vec<&str> = below.split('/').collect();
        // Behind the last slash there is nothing: a folder is meant.
        let is_folder = parts.pop_if(|last| last.is_empty()).is_some();
        let names = parts.into_iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Self { names, is_folder })
        // ANCHOR_END: ex6_3_path
    }

    /// The last name; the root has none.
    pub fn last(&self) -> &OsStr {
        self.names.last().map_or(OsStr::new(""), OsString::as_os_str)
    }

    /// The names of what is called `name` in this folder.
    pub fn child(&self, name: &str) -> Vec<OsString> {
        self.names.iter().cloned().chain([name.into()]).collect()
    }
}

impl fmt::Display for Path {
    /// Writes it as a link, without a slash at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.names.iter().try_for_each(|name| write!(f, "/{}", encode(name)))
    }
}

/// A name as it stands in a link.
pub fn encode(name: &OsStr) -> impl fmt::Display {
    percent_encode(name.as_bytes(), ENCODED)
}

/// The name that a part of a path means. It is decoded once: what then still looks encoded is
/// part of the name.
fn decode(part: &str) -> Result<OsString, Refusal> {
    let is_escape = |rest: &str| {
        rest.as_bytes().first_chunk::<2>().is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
    };
    if !part.split('%').skip(1).all(is_escape) {
        return Err(Refusal::Name);
    }
    plain(percent_decode_str(part).collect())
}

/// Makes sure that `name` names something in its folder, and nothing else.
///
/// # Errors
///
/// When it does not.
pub fn plain(name: Vec<u8>) -> Result<OsString, Refusal> {
    // ANCHOR: ex6_3_plain
    match name.as_slice() {
        b"" | b"." => Err(Refusal::NotFound),
        b".." => Err(Refusal::Outside),
        _ if name.contains(&b'/') || name.contains(&0) => Err(Refusal::Name),
        _ if name.starts_with(b".") => Err(Refusal::Hidden),
        _ if name.len() > NAME_LEN_MAX => Err(Refusal::NotFound),
        _ => Ok(OsString::from_vec(name)),
    }
    // ANCHOR_END: ex6_3_plain
}
