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
    // ANCHOR: ex2_1_wait
    let (mut to_read, mut to_write) = (FdSet::new(), FdSet::new());
    for source in sources {
        if source.interest.readable {
            to_read.insert(source.descriptor);
        }
        if source.interest.writable {
            to_write.insert(source.descriptor);
        }
    }
    // The kernel looks at the places below this one.
    let end = sources.iter().map(|source| source.descriptor.as_raw_fd() + 1).max();
    let mut limit = limit.map(time_val);
    match select(end, &mut to_read, &mut to_write, None, limit.as_mut()) {
        Err(Errno::EINTR) => return Ok(()),
        answer => answer?,
    };
    for &Source { key, descriptor, .. } in sources {
        let (readable, writable) = (to_read.contains(descriptor), to_write.contains(descriptor));
        if readable || writable {
            ready.push(Ready { key, readable, writable });
        }
    }
    Ok(())
    // ANCHOR_END: ex2_1_wait
}

/// `limit` in the unit of select, rounded up: a wait that is a little too short comes back with
/// nothing, again and again.
fn time_val(limit: Duration) -> TimeVal {
    let micros = limit.as_nanos().div_ceil(1000);
    let seconds = i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX);
    TimeVal::new(seconds, (micros % 1_000_000) as _)
}
