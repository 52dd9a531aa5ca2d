//! Is it still what the client has? Conditional requests (RFC 9110, section 13), given complete.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::message::refusal::Refusal;
use crate::message::request::Conditions;

/// The last second that HTTP can write as a date: the end of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// What tells one state of a file from another.
pub struct State {
    /// Different whenever the length or the time of the last change differs.
    pub tag: String,
    /// When the file was changed last, in whole seconds.
    pub changed: SystemTime,
}

impl State {
    /// The state of the file that this is `about`.
    pub fn of(about: &Metadata) -> Self {
        let tag = format!("\"{:x}-{:x}-{:x}\"", about.len(), about.mtime(), about.mtime_nsec());
        Self { tag, changed: moment(about.mtime()) }
    }

    /// Whether `tags` name this state, as strong tags do: byte for byte.
    fn is_exactly(&self, tags: &str) -> bool {
        tags.trim() == "*" || tags.split(',').any(|tag| tag.trim() == self.tag)
    }

    /// Whether `tags` name this state, be it as weak tags.
    fn is_roughly(&self, tags: &str) -> bool {
        let strong = |tag: &str| tag.trim().trim_start_matches("W/") == self.tag;
        tags.trim() == "*" || tags.split(',').any(strong)
    }
}

impl Conditions {
    /// Whether the request is to be done at all, on a file in this `state`, or on none.
    ///
    /// # Errors
    ///
    /// When the client does not want it any more.
    pub fn permit(&self, state: Option<&State>) -> Result<(), Refusal> {
        let is_met = match (&self.if_match, &self.if_unmodified_since) {
            (Some(tags), _) => state.is_some_and(|it| it.is_exactly(tags)),
            (None, Some(then)) => state.is_none_or(|it| !has_changed(it, then)),
            (None, None) => true,
        };
        if is_met { Ok(()) } else { Err(Refusal::Precondition) }
    }

    /// Whether the client has a file in this `state` already.
    pub fn have(&self, state: &State) -> bool {
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(tags), _) => state.is_roughly(tags),
            (None, Some(then)) => date(then).is_some_and(|then| state.changed <= then),
            (None, None) => false,
        }
    }

    /// The part that the client wants of a file in this `state`: none if it has the beginning of
    /// another state.
    pub fn range(&self, state: &State) -> Option<&str> {
        let goes_on = match &self.if_range {
            Some(tag) if tag.ends_with('"') => *tag == state.tag,
            Some(then) => date(then) == Some(state.changed),
            None => true,
        };
        self.range.as_deref().filter(|_| goes_on)
    }
}

/// The time that a file system gives in seconds, or the nearest that HTTP can write.
pub fn moment(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0).min(LAST_SECOND))
}

/// Whether a file has changed since `then`; what is not a date does not count.
fn has_changed(state: &State, then: &str) -> bool {
    date(then).is_some_and(|then| state.changed > then)
}

fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}
