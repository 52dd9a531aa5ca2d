//! The words of the event loop: what we ask the kernel, and what it answers.

use std::os::fd::BorrowedFd;

/// The name of something we wait for. Names only grow, and none is used twice: an answer that
/// comes late can never be taken for somebody else's.
pub type Key = usize;

/// What we want to be told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interest {
    /// When a read would not wait.
    pub readable: bool,
    /// When a write would not wait.
    pub writable: bool,
}

impl Interest {
    /// Nothing for now.
    pub const NONE: Self = Self { readable: false, writable: false };

    /// To read, or on a listener to accept.
    pub const READABLE: Self = Self { readable: true, writable: false };
}

/// Something we wait for.
pub struct Source<'a> {
    /// Its name, by which the answer comes back.
    pub key: Key,
    /// The kernel's number for it. It is borrowed: as long as we ask for it, nobody can close it.
    pub descriptor: BorrowedFd<'a>,
    /// What we want to be told about it.
    pub interest: Interest,
}

/// What the kernel told us about one source.
pub struct Ready {
    /// Its name.
    pub key: Key,
    /// A read would not wait: there are bytes, or the end, or an error.
    pub readable: bool,
    /// A write would not wait.
    pub writable: bool,
}
