//! How many descriptors this process may have.

use std::io;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the limit as far as the system allows: a shell starts programs with far fewer
/// descriptors than they may have.
///
/// # Errors
///
/// When the system does not tell the limits.
pub fn raise_limit() -> io::Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_err() {
        eprintln!("the limit stays at {soft} descriptors");
    }
    Ok(())
}
