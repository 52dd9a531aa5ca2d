//! What the disk says, in the words of the protocol.

use std::io;

use nix::errno::Errno;

use crate::log;
use crate::message::refusal::Refusal;

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        let refusal = match errno {
            // A symlink is not followed, so nothing is behind it. BSD has another word for that.
            Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP | Errno::EMLINK => Self::NotFound,
            Errno::ENAMETOOLONG | Errno::EILSEQ => Self::NotFound,
            Errno::EACCES | Errno::EPERM | Errno::EROFS => Self::Forbidden,
            // A socket, or a device without a driver.
            Errno::ENXIO | Errno::ENODEV => Self::NotAFile,
            Errno::EISDIR | Errno::ENOTEMPTY => Self::NoPlace,
            Errno::ENOSPC | Errno::EDQUOT | Errno::EFBIG => Self::NoRoom,
            Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM => Self::Busy,
            _ => Self::Disk,
        };
        if !matches!(refusal, Self::NotFound | Self::NoPlace) {
            log::line(format_args!("trouble with a file: {errno}"));
        }
        refusal
    }
}

/// What an error of a file means for the request.
pub fn refusal(error: io::Error) -> Refusal {
    Errno::from_raw(error.raw_os_error().unwrap_or_default()).into()
}
