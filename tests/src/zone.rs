//! Where on earth a program is told to be: the variable `TZ`.

use std::path::Path;

use crate::varying::seconds_since_epoch;

/// Where most systems keep what they know of time zones.
const DATABASE: &str = "/usr/share/zoneinfo";

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// A time zone without summer time.
pub struct Zone {
    /// Its name for `TZ`.
    name: String,
    /// What a conversation calls it.
    label: String,
    /// How many seconds it is ahead of UTC.
    ahead: i64,
}

impl Zone {
    /// A zone that is half an hour off the full ones: India's.
    pub fn with_half_an_hour() -> Self {
        let ahead = 5 * HOUR + HOUR / 2;
        Self { name: "Asia/Kolkata".to_string(), label: "in Kolkata".to_string(), ahead }
    }

    /// A zone where the clock shows some time after `hour` o'clock just now.
    pub fn where_it_is(hour: i64) -> Self {
        let in_utc = seconds_since_epoch().rem_euclid(DAY) / HOUR;
        // From 12 hours behind to 11 ahead; names of this kind count the other way round.
        let ahead = (hour - in_utc + 12).rem_euclid(24) - 12;
        let name = format!("Etc/GMT{:+}", -ahead);
        Self { name, label: format!("where it is {hour} o'clock"), ahead: ahead * HOUR }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Whether this machine knows the zone; a program may be wrong about one that it does not.
    pub(crate) fn is_known(&self) -> bool {
        Path::new(DATABASE).join(&self.name).exists()
    }

    /// The seconds since midnight there, just now.
    pub(crate) fn seconds_of_day(&self) -> i64 {
        (seconds_since_epoch() + self.ahead).rem_euclid(DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, Zone};

    #[test]
    fn everywhere_it_is_some_hour_that_the_machine_knows() {
        for hour in 0..24 {
            let zone = Zone::where_it_is(hour);
            // The hour may change between the two looks.
            let shown = zone.seconds_of_day() / HOUR;
            assert!(shown == hour || shown == (hour + 1) % 24, "{}: {shown}", zone.name());
            assert!((-12..=14).contains(&(zone.ahead / HOUR)), "{}", zone.name());
        }
    }
}
