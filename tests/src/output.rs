//! What a program writes to one of its standard streams.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::case::lock;

/// How much is kept at least; when there is twice as much, the older half is dropped.
const KEPT_LEN: usize = 16 << 20;

/// The most that a program may write; after that its pipe is closed.
const WRITTEN_LEN_MAX: u64 = 64 << 20;

/// What a program has written to one of its standard streams and nobody has taken yet.
#[derive(Default)]
pub(crate) struct Output {
    state: Mutex<State>,
    changed: Condvar,
    /// Our end of its pipe, as long as somebody reads there.
    pipe: Weak<File>,
}

#[derive(Default)]
struct State {
    kept: Vec<u8>,
    /// All that there has been.
    total: u64,
    closed: bool,
}

impl Output {
    /// Reads `pipe` to its end in a thread of its own: a full pipe would block the program.
    pub(crate) fn of(pipe: impl Into<OwnedFd>) -> Arc<Self> {
        let pipe = Arc::new(File::from(pipe.into()));
        let output = Arc::new(Self { pipe: Arc::downgrade(&pipe), ..Self::default() });
        let written = Arc::clone(&output);
        thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(count @ 1..) = (&*pipe).read(&mut buffer) {
                if written.add(&buffer[..count]) > WRITTEN_LEN_MAX {
                    break;
                }
            }
            lock(&written.state).closed = true;
            written.changed.notify_all();
        });
        output
    }

    /// Adds what was read and returns how much there has been in all.
    fn add(&self, bytes: &[u8]) -> u64 {
        let mut state = lock(&self.state);
        state.kept.extend_from_slice(bytes);
        if state.kept.len() > 2 * KEPT_LEN {
            let surplus = state.kept.len() - KEPT_LEN;
            state.kept.drain(..surplus);
        }
        state.total += bytes.len() as u64;
        self.changed.notify_all();
        state.total
    }

    /// Takes `wanted` off the front, or else says what is there, and whether that is all.
    ///
    /// As long as something comes, the deadline is put off: only silence ends the wait.
    pub(crate) fn take(
        &self,
        wanted: &[u8],
        deadline: impl Fn() -> Instant,
    ) -> Result<(), (Vec<u8>, bool)> {
        let mut seen = 0;
        while self.wait(deadline(), |state| state.kept.len() > seen) {
            let kept = &lock(&self.state).kept;
            let new = seen..kept.len().min(wanted.len());
            seen = kept.len();
            if kept[new.clone()] != wanted[new] || seen >= wanted.len() {
                break;
            }
        }
        let mut state = lock(&self.state);
        if state.kept.starts_with(wanted) {
            state.kept.drain(..wanted.len());
            return Ok(());
        }
        Err((state.kept.clone(), state.closed))
    }

    /// Waits until one of its lines is `line`; says whether it came.
    pub(crate) fn has_line(&self, line: &[u8], deadline: Instant) -> bool {
        self.wait(deadline, |state| {
            state.kept.split_inclusive(|byte| *byte == b'\n').any(|written| written == line)
        })
    }

    /// Waits until the program has closed this stream; says whether it has.
    pub(crate) fn closed_by(&self, deadline: Instant) -> bool {
        self.wait(deadline, |state| state.closed)
    }

    /// Whether nothing of it is left in the pipe, so that it keeps nobody from writing.
    pub(crate) fn is_drained(&self) -> bool {
        self.pipe.upgrade().is_none_or(|pipe| {
            let mut left = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
            poll(&mut left, PollTimeout::ZERO).is_ok()
                && !left[0].revents().is_some_and(|it| it.contains(PollFlags::POLLIN))
        })
    }

    /// Whether the program wrote more than anybody would read.
    pub(crate) fn flooded(&self) -> bool {
        lock(&self.state).total > WRITTEN_LEN_MAX
    }

    /// What is kept, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.state).kept).into_owned()
    }

    /// Waits for `enough`, the end of the stream, or the deadline; says whether it was enough.
    fn wait(&self, deadline: Instant, enough: impl Fn(&State) -> bool) -> bool {
        let mut state = lock(&self.state);
        while !enough(&state) && !state.closed {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { break };
            let waited = self.changed.wait_timeout(state, left);
            state = waited.map_or_else(|poisoned| poisoned.into_inner().0, |(state, _)| state);
        }
        enough(&state)
    }
}
