//! What time it is here, given complete.

use jiff::Zoned;

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
    /// 0 to 59.
    pub second: i8,
}

/// The time in the zone of this machine, or in the one that the variable `TZ` names.
pub fn now() -> Time {
    let now = Zoned::now();
    Time { hour: now.hour(), minute: now.minute(), second: now.second() }
}
