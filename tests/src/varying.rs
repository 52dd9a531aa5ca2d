//! Lines of which a part varies: what stands there, and whether it is the time.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::case::Case;
use crate::{Zone, report};

/// How far a clock may be off: a program may take its time between looking and telling.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(3);

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What stood in a line where its pattern has letters.
pub struct Varying {
    case: Arc<Case>,
    peer: String,
    /// The letter of each digit, and the digit.
    digits: Vec<(char, i64)>,
    shown: String,
}

impl Varying {
    pub(crate) fn new(case: &Arc<Case>, peer: &str, line: &[u8], pattern: &str) -> Self {
        let places = pattern.chars().zip(line).filter(|(letter, _)| is_digit(*letter));
        let digits = places.map(|(letter, byte)| (letter, i64::from(byte - b'0'))).collect();
        let shown = String::from_utf8_lossy(line).trim_end().to_string();
        Self { case: Arc::clone(case), peer: peer.to_string(), digits, shown }
    }

    /// The number that the digits under `letter` make.
    pub fn number(&self, letter: char) -> i64 {
        let digits = self.digits.iter().filter(|(under, _)| *under == letter);
        digits.fold(0, |number, (_, digit)| number * 10 + digit)
    }

    /// Expects `h`, `m` and `s` to be the time of this moment in `zone`.
    #[track_caller]
    pub fn expect_to_be_now_in(&self, zone: &Zone) {
        let (hour, minute, second) = (self.number('h'), self.number('m'), self.number('s'));
        let now = zone.seconds_of_day();
        // The promise has taken this long: so early it may have been when the program looked.
        let age = self.case.started.elapsed() + CLOCK_TOLERANCE;
        let ahead = (hour * 3600 + minute * 60 + second - now).rem_euclid(DAY_SECONDS);
        let behind = DAY_SECONDS - ahead;
        let is_time = hour < 24 && minute < 60 && second <= 60;
        let is_now = ahead <= seconds(CLOCK_TOLERANCE) || behind <= seconds(age);
        let step = format!("* that is the time {}", zone.label());
        if !is_time || !is_now {
            let want = report::a_time(now, zone.label());
            self.case.fail(&self.peer, step, format!("\"{}\"", self.shown), want);
        }
        self.case.step(&self.peer, crate::conversation::Sign::Event, &step[2..]);
    }
}

/// Whether `bytes` are like `pattern`, as far as they go.
pub(crate) fn fits(bytes: &[u8], pattern: &str) -> bool {
    first_misfit(bytes, pattern).is_none()
}

/// The first place where `bytes` are not like `pattern`.
pub(crate) fn first_misfit(bytes: &[u8], pattern: &str) -> Option<usize> {
    let mut pairs = bytes.iter().zip(pattern.chars());
    pairs.position(|(byte, letter)| match is_digit(letter) {
        true => !byte.is_ascii_digit(),
        false => char::from(*byte) != letter,
    })
}

/// Whether a letter of a pattern stands for a digit.
pub(crate) fn is_digit(letter: char) -> bool {
    letter.is_ascii_lowercase()
}

/// The seconds since midnight in UTC, or a few days more.
pub(crate) fn seconds_since_epoch() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    seconds(since)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{first_misfit, fits};

    #[test]
    fn small_letters_stand_for_digits_and_all_else_for_itself() {
        assert!(fits(b"JAM 13:27:45\r\n", "JAM hh:mm:ss\r\n"));
        assert!(fits(b"JAM 1", "JAM hh:mm:ss\r\n"));
        assert_eq!(first_misfit(b"JAM 1:27:45\r\n", "JAM hh:mm:ss\r\n"), Some(5));
        assert_eq!(first_misfit(b"jam", "JAM"), Some(0));
    }
}
