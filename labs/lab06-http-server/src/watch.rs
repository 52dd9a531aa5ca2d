//! Waiting with a memory: the `polling` crate, which is epoll on Linux and kqueue on macOS.
//!
//! poll is told everything every time. Here the kernel remembers what we wait for. So we tell it
//! only what has changed, and we must take a source back before it is dropped.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use polling::{Event, Events, PollMode, Poller};

use crate::interest::{Interest, Key, Ready, Source};

/// What the kernel watches for us.
pub struct Watch {
    poller: Poller,
    events: Events,
    /// What the kernel was told last about each source.
    told: HashMap<Key, Interest>,
}

impl Watch {
    /// Nothing yet.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor left for it.
    pub fn new() -> io::Result<Self> {
        Ok(Self { poller: Poller::new()?, events: Events::new(), told: HashMap::new() })
    }

    /// Tells the kernel what we want to know about `source`, unless it has been told that already.
    ///
    /// # Errors
    ///
    /// When the kernel refuses it.
    pub fn tell(&mut self, source: &Source<'_>) -> io::Result<()> {
        match self.told.insert(source.key, source.interest) {
            None => self.add(source),
            Some(before) if before == source.interest => Ok(()),
            Some(_) => {
                let descriptor = source.descriptor;
                self.poller.modify_with_mode(descriptor, event(source), PollMode::Level)
            }
        }
    }

    /// Tells the kernel about a source for the first time.
    fn add(&self, source: &Source<'_>) -> io::Result<()> {
        let descriptor = source.descriptor.as_raw_fd();
        #[expect(
            unsafe_code,
            reason = "the kernel remembers a descriptor longer than a borrow lasts"
        )]
        // SAFETY: the loop hands every connection that it drops to `forget` first; the listener
        // and the goodbye outlive this watch.
        unsafe {
            self.poller.add_with_mode(descriptor, event(source), PollMode::Level)
        }
    }

    /// Waits until some sources are ready, and puts them into `ready`. After `limit` that may be
    /// nothing.
    ///
    /// # Errors
    ///
    /// When the kernel refuses to wait.
    pub fn wait(&mut self, limit: Option<Duration>, ready: &mut Vec<Ready>) -> io::Result<()> {
        ready.clear();
        self.events.clear();
        self.poller.wait(&mut self.events, limit)?;
        ready.extend(self.events.iter().map(|event| Ready {
            key: event.key,
            readable: event.readable,
            writable: event.writable,
        }));
        Ok(())
    }

    /// Takes a source back: the kernel forgets it, and it may be dropped.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn forget(&mut self, key: Key, source: impl AsFd) -> io::Result<()> {
        // Who came and went in one round was never told to the kernel.
        match self.told.remove(&key) {
            Some(_) => self.poller.delete(source.as_fd()),
            None => Ok(()),
        }
    }
}

/// What `source` wants to be told, in the words of the crate.
fn event(source: &Source<'_>) -> Event {
    Event::new(source.key, source.interest.readable, source.interest.writable)
}
