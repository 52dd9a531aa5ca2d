//! How many transfers have succeeded and failed, given complete.

use std::fmt::{self, Display};
use std::io;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::processes::{FAILED, Line, SUCCEEDED};

/// What STATS tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub succeeded: u64,
    pub failed: u64,
}

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

impl Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.succeeded, self.failed)
    }
}

impl FromStr for Sums {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (succeeded, failed) = text.split_once(' ').unwrap_or((text, ""));
        Ok(Self { succeeded: succeeded.parse()?, failed: failed.parse()? })
    }
}
