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
    // ANCHOR: ex6_5_delete
    let (name, folders) = path.names.split_last().ok_or(Refusal::Folder)?;
    let folder = root.folder(folders)?;
    let about = fstatat(&folder, name.as_os_str(), AtFlags::AT_SYMLINK_NOFOLLOW)?;
    match kind(&about) {
        SFlag::S_IFDIR => Err(Refusal::Folder),
        SFlag::S_IFREG => {
            unlinkat(&folder, name.as_os_str(), UnlinkatFlags::NoRemoveDir)?;
            Ok(Response::text("text/plain; charset=utf-8", "Deleted".to_string()))
        }
        _ => Err(Refusal::NotAFile),
    }
    // ANCHOR_END: ex6_5_delete
}
