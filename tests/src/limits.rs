//! How many descriptors a process may have: the judge itself, and a program under judgement.

use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What the judge needs besides the peers of one crowd: other promises are judged at the same time.
const SPARE: u64 = 512;

/// Sees to it that this process may have `count` descriptors more, or else says how many it may
/// have at most.
pub(crate) fn make_room(count: usize) -> Result<(), u64> {
    let wanted = u64::try_from(count).unwrap_or(u64::MAX).saturating_add(SPARE);
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
    if soft >= wanted {
        return Ok(());
    }
    let raised = wanted.saturating_mul(4).min(hard);
    if raised < wanted || setrlimit(Resource::RLIMIT_NOFILE, raised, hard).is_err() {
        return Err(hard);
    }
    Ok(())
}

/// `command` again, started so that it may have only so many descriptors.
pub(crate) fn with_descriptors(command: &Command, descriptors: u64) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", r#"ulimit -n "$1" && shift && exec "$@""#, "sh"]);
    limited.arg(descriptors.to_string()).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    limited
}
