//! Two counts, and how they stand on a line, given complete.

use std::fmt::{self, Display};
use std::num::ParseIntError;
use std::str::FromStr;

/// What STATS tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub succeeded: u64,
    pub failed: u64,
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
