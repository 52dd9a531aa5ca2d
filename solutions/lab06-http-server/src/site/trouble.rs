//! What the disk says, in the words of the protocol.

use std::io;
use std::sync::Arc;

use nix::errno::Errno;
use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

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

/// Lets a write fail that goes beyond the longest file we may make; unasked, the system would end
/// the whole server.
///
/// # Errors
///
/// When the system refuses to hand over the signal.
pub fn survive_limits() -> io::Result<()> {
    // A flag at which nobody looks.
    flag::register(SIGXFSZ, Arc::default()).map(drop)
}

/// What an error of a file means for the request.
pub fn refusal(error: io::Error) -> Refusal {
    Errno::from_raw(error.raw_os_error().unwrap_or_default()).into()
}
