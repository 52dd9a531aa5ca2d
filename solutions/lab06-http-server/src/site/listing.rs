//! What stands in a folder.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use nix::dir::{Dir, Type};

use crate::message::refusal::Refusal;
use crate::message::response::Response;
use crate::site::root::Root;

/// How many names a listing shows.
pub const LISTED_MAX: usize = 10_000;

/// What stands in a folder and may be shown, sorted by name.
pub struct Listing {
    pub names: Vec<OsString>,
    /// How many names there are beyond [`LISTED_MAX`].
    pub more: usize,
}

impl Listing {
    /// Reads the folder that `names` lead to.
    ///
    /// # Errors
    ///
    /// When there is no such folder, or it cannot be read.
    pub fn of(root: &Root, names: &[OsString]) -> Result<Self, Refusal> {
        let mut folder = Dir::from_fd(root.open(names)?.into())?;
        let mut names = Vec::new();
        for entry in folder.iter() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            let is_shown = matches!(entry.file_type(), None | Some(Type::File | Type::Directory));
            if is_shown && !name.starts_with(b".") {
                names.push(OsStr::from_bytes(name).to_os_string());
            }
        }
        names.sort();
        let more = names.len().saturating_sub(LISTED_MAX);
        names.truncate(LISTED_MAX);
        Ok(Self { names, more })
    }
}

/// The names in the root, in the words of the course's first HTTP server.
///
/// # Errors
///
/// When the root cannot be read.
pub fn names(root: &Root) -> Result<Response, Refusal> {
    let Listing { names, more } = Listing::of(root, &[])?;
    let mut lines: Vec<String> = names.iter().map(|name| escape(name)).collect();
    if more > 0 {
        lines.push(format!("... {more}"));
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
