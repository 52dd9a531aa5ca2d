//! A bell in the server's one waiting place: lab 03's self-pipe, which anybody may ring.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How many rings one look takes off.
const RINGS_LEN: usize = 1024;

/// Rung when somebody has left, when a child has ended, when it is time to stop.
pub struct Bell {
    /// Readable as long as there are rings that nobody has heard.
    heard: UnixStream,
    rung: UnixStream,
}

impl Bell {
    /// # Errors
    ///
    /// When there are no descriptors left.
    pub fn new() -> io::Result<Self> {
        let (heard, rung) = UnixStream::pair()?;
        heard.set_nonblocking(true)?;
        rung.set_nonblocking(true)?;
        Ok(Self { heard, rung })
    }

    /// Rings. Where the bell is full of rings, one more would tell nothing new.
    pub fn ring(&self) {
        let _ = (&self.rung).write(&[0]);
    }

    /// A rope of its own for a signal to pull.
    ///
    /// # Errors
    ///
    /// When there are no descriptors left.
    pub fn rope(&self) -> io::Result<UnixStream> {
        self.rung.try_clone()
    }

    /// Waits until the bell rings, or `source` is readable; says whether that is so. Without a
    /// `source`, or with a `limit`, it may also wait for less.
    ///
    /// # Errors
    ///
    /// When there is nothing that can be waited for.
    pub fn wait(
        &self,
        source: Option<BorrowedFd<'_>>,
        limit: Option<Duration>,
    ) -> io::Result<bool> {
        let waited_for = [Some(self.heard.as_fd()), source];
        let waited_for = waited_for.into_iter().flatten();
        let mut all: Vec<_> = waited_for.map(|it| PollFd::new(it, PollFlags::POLLIN)).collect();
        let limit = limit.map_or(PollTimeout::NONE, |limit| {
            PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut all, limit) {
            // A signal: if it concerns us, it has rung.
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        // Whoever looks has heard all rings so far.
        while matches!((&self.heard).read(&mut [0; RINGS_LEN]), Ok(RINGS_LEN)) {}
        Ok(all.get(1).and_then(PollFd::any).unwrap_or(false))
    }
}
