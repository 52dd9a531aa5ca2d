//! How many transfers have succeeded and failed, given complete.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::processes::{FAILED, Line, SUCCEEDED};
use crate::wire::sums::Sums;

/// Who keeps the counts.
pub enum Counts {
    /// This process does.
    Own { succeeded: AtomicU64, failed: AtomicU64 },
    /// The parent does, for all its workers.
    Parents(Line),
}

impl Counts {
    /// Nothing has been counted yet.
    pub fn own() -> Self {
        Self::Own { succeeded: AtomicU64::new(0), failed: AtomicU64::new(0) }
    }

    /// Counts one transfer.
    pub fn count(&self, has_succeeded: bool) {
        match self {
            Self::Own { succeeded, failed } => {
                let count = if has_succeeded { succeeded } else { failed };
                count.fetch_add(1, Ordering::Relaxed);
            }
            Self::Parents(line) => {
                // Without a parent this worker is at its end anyway.
                let _ = line.say(if has_succeeded { SUCCEEDED } else { FAILED });
            }
        }
    }

    /// What has been counted so far.
    ///
    /// # Errors
    ///
    /// When the parent cannot be asked.
    pub fn sums(&self) -> io::Result<Sums> {
        match self {
            Self::Own { succeeded, failed } => Ok(Sums {
                succeeded: succeeded.load(Ordering::Relaxed),
                failed: failed.load(Ordering::Relaxed),
            }),
            Self::Parents(line) => line.ask(),
        }
    }
}
