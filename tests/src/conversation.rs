//! What was said and done, step by step: a failure shows it, a snapshot keeps it, the book draws it.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

/// What a step is, seen from the judge.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// The judge sent something.
    Sent,
    /// The judge got what it expected.
    Got,
    /// Something else happened.
    Event,
}

impl Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sent => ">",
            Self::Got => "<",
            Self::Event => "*",
        })
    }
}

/// One step: who, in which direction, what, and how long after the start.
pub(crate) struct Step {
    pub(crate) at: Duration,
    who: String,
    sign: Sign,
    what: String,
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.who, self.sign, self.what)
    }
}

/// The steps of one promise so far.
pub(crate) struct Conversation {
    started: Instant,
    pub(crate) steps: Vec<Step>,
}

impl Conversation {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), steps: Vec::new() }
    }

    pub(crate) fn add(&mut self, who: &str, sign: Sign, what: impl Display) {
        self.steps.push(Step {
            at: self.started.elapsed(),
            who: who.to_string(),
            sign,
            what: what.to_string(),
        });
    }

    /// The steps without what differs from run to run: the text of the snapshot.
    pub(crate) fn text(&self) -> String {
        self.steps.iter().map(|step| format!("{step}\n")).collect()
    }
}
