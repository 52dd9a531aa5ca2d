//! The one place that blocks: select(2).

use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};
use nix::sys::time::TimeVal;

use crate::interest::{Ready, Source};

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
        "exercise 2.1 of lab02 (Select server): The five beats.

    Wait with select(2): put every descriptor into the sets that its interest asks for,
    wait, and tell for each source that is ready whether it is to read, to write, or
    both. A signal (EINTR) is no error: nothing is ready then.

    check it          cargo test -p lab02 -- ex2_1
    see it finished   cargo run -p solution02
    read about it     book/src/lab02-select-server.md
"
    )
}

/// `limit` in the unit of select, rounded up: a wait that is a little too short comes back with
/// nothing, again and again.
fn time_val(limit: Duration) -> TimeVal {
    let micros = limit.as_nanos().div_ceil(1000);
    let seconds = i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX);
    TimeVal::new(seconds, (micros % 1_000_000) as _)
}
