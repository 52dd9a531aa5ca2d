//! From a file into a socket, given complete: without a detour where the system knows the way.

use std::fs::File;
use std::io::{self, ErrorKind};

use crate::connection::Connection;

/// How much the kernel is asked to send at a time.
#[cfg(any(target_os = "linux", target_os = "android"))]
const AT_A_TIME: usize = 1024 * 1024;

/// Sends the first `size` bytes of `file`. The kernel has the file in its own memory, and takes it
/// from there: none of it comes through ours.
///
/// # Errors
///
/// When the connection is lost, or the file has become shorter.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn send_file(connection: &mut Connection<'_>, file: &File, size: u64) -> io::Result<()> {
    use nix::errno::Errno;
    use nix::sys::sendfile::sendfile64;

    let mut left = size;
    while left > 0 {
        let count = AT_A_TIME.min(usize::try_from(left).unwrap_or(AT_A_TIME));
        match sendfile64(connection.stream(), file, None, count) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(sent) => left -= sent as u64,
            Err(Errno::EINTR) => {}
            Err(error) => return Err(connection.named(error.into())),
        }
    }
    Ok(())
}

/// The same by way of our memory, where there is no shorter way.
///
/// # Errors
///
/// When the connection is lost, or the file has become shorter.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn send_file(connection: &mut Connection<'_>, file: &File, size: u64) -> io::Result<()> {
    use std::io::Read;

    let (mut file, mut left) = (file.take(size), size);
    while left > 0 {
        connection.buffers.read_block(&mut file)?;
        if connection.buffers.block.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        connection.send(&connection.buffers.block)?;
        left -= connection.buffers.block.len() as u64;
    }
    Ok(())
}
