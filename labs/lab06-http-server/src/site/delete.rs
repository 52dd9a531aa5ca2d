//! Deleting a file.

use nix::fcntl::AtFlags;
use nix::sys::stat::{SFlag, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use crate::message::refusal::Refusal;
use crate::message::response::Response;
use crate::site::listing::kind;
use crate::site::path::Path;
use crate::site::root::Root;

/// Deletes the file under `path`.
///
/// # Errors
///
/// When there is no such file, or it may not be deleted.
pub fn delete(root: &Root, path: &str) -> Result<Response, Refusal> {
    let path = Path::parse(path)?;
    todo!(
        "exercise 6.5 of lab06 (HTTP server, three ways): Upload, whole or not at all; delete.

    Look what has the last name of the path, in the folder of the others and without
    following a link. Refuse a folder (`Folder`) and what is neither file nor folder
    (`NotAFile`); remove a file, and return the response with the text `Deleted`.

    check it          cargo test -p lab06 -- ex6_5
    see it finished   cargo run -p solution06
    read about it     book/src/lab06-http-server.md
"
    )
}
