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
    todo!(
        "exercise 3.1 of lab03 (Poll server, then epoll): An array in place of sets.

    Wait with poll(2): one PollFd for each source, with the flags that its interest asks
    for; then tell the meaning of each answer that is not empty. A signal (EINTR) is no
    error: nothing is ready then.

    check it          cargo test -p lab03 -- ex3_1
    see it finished   cargo run -p solution03
    read about it     book/src/lab03-poll-server.md
"
    )
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
    // Exercise 3.2: Answers that nobody asked for.
    //     Say what the kernel's flags mean for us. Several may come at once; POLLHUP, POLLERR
    //     and POLLNVAL come unasked, and are a reason to read and to write: the call will say
    //     what is wrong.
    //     check it: cargo test -p lab03 -- ex3_2
    //
    // It works as long as one flag comes alone.
    Ready { key, readable: told == PollFlags::POLLIN, writable: told == PollFlags::POLLOUT }
}

/// `limit` in the unit of poll, rounded up: a wait that is a little too short comes back with
/// nothing, again and again.
fn poll_timeout(limit: Duration) -> PollTimeout {
    let millis = limit.as_nanos().div_ceil(1_000_000);
    PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)
}
