//! The one place that blocks: poll(2).

use std::io;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::interest::{Interest, Key, Ready, Source};

/// Waits until some of `sources` are ready, and puts what is ready into `ready`, in their order.
/// After `limit`, or when a signal comes, that may be nothing.
///
/// # Errors
///
/// When the kernel refuses to wait for these sources.
pub fn wait(
    sources: &[Source<'_>],
    limit: Option<Duration>,
    ready: &mut Vec<Ready>,
) -> io::Result<()> {
    ready.clear();
    // ANCHOR: ex3_1
    let asked = sources.iter().map(|it| PollFd::new(it.descriptor, flags(it.interest)));
    let mut asked: Vec<PollFd<'_>> = asked.collect();
    match poll(&mut asked, limit.map_or(PollTimeout::NONE, poll_timeout)) {
        Err(Errno::EINTR) => return Ok(()),
        answer => answer?,
    };
    for (source, answer) in sources.iter().zip(&asked) {
        let told = answer.revents().unwrap_or(PollFlags::empty());
        if !told.is_empty() {
            ready.push(meaning(source.key, told));
        }
    }
    Ok(())
    // ANCHOR_END: ex3_1
}

/// The question that stands for `interest`.
fn flags(interest: Interest) -> PollFlags {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::POLLIN, interest.readable);
    flags.set(PollFlags::POLLOUT, interest.writable);
    flags
}

/// What the kernel's answer means for the source `key`.
fn meaning(key: Key, told: PollFlags) -> Ready {
    // ANCHOR: ex3_2
    // These come unasked. The next read or write says what they are about.
    let trouble = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    Ready {
        key,
        readable: told.intersects(PollFlags::POLLIN | trouble),
        writable: told.intersects(PollFlags::POLLOUT | trouble),
    }
    // ANCHOR_END: ex3_2
}

/// `limit` in the unit of poll, rounded up: a wait that is a little too short comes back with
/// nothing, again and again.
fn poll_timeout(limit: Duration) -> PollTimeout {
    let millis = limit.as_nanos().div_ceil(1_000_000);
    PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)
}
