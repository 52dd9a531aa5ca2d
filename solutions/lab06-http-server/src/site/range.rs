//! A part of a file (RFC 9110, section 14), given complete.
//!
//! ```text
//!   bytes=0-99      the first 100
//!   bytes=100-      all but these
//!   bytes=-100      the last 100
//! ```

use std::ops::Range;

/// What a client wants of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Something that is not in it.
    Nothing,
}

/// What `range` wants of a file with `len` bytes. What is not well-formed does not count, and
/// several parts at once are answered with the whole: both as the section allows.
pub fn wanted(range: Option<&str>, len: u64) -> Wanted {
    let Some((unit, part)) = range.and_then(|range| range.split_once('=')) else {
        return Wanted::Whole;
    };
    let Some((first, last)) = part.trim().split_once('-') else { return Wanted::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => Wanted::Whole,
        (Some(first), _) if first >= len && (last.is_empty() || number(last).is_some()) => {
            Wanted::Nothing
        }
        (Some(first), Some(last)) => Wanted::Part(first..len.min(last.saturating_add(1))),
        (Some(first), None) if last.is_empty() => Wanted::Part(first..len),
        (None, Some(0)) if first.is_empty() => Wanted::Nothing,
        (None, Some(_)) if first.is_empty() && len == 0 => Wanted::Nothing,
        (None, Some(count)) if first.is_empty() => Wanted::Part(len.saturating_sub(count)..len),
        _ => Wanted::Whole,
    }
}

/// A number of digits and nothing else. One that is too long is as good as the greatest.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}
