//! One promise under way: what all its peers and programs share.

use std::fmt::Display;
use std::panic::{Location, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::conversation::{Conversation, Sign};
use crate::evidence::Evidence;
use crate::patience::Patience;
use crate::payload::Dice;
use crate::process::{Process, Testimony};
use crate::{Defendant, kernel, report};

/// A wait for bytes counts whole milliseconds, and may be over a little early.
const A_TICK: Duration = Duration::from_millis(2);

pub(crate) struct Case {
    /// The name of the test: `ex1_2_a_message_comes_back`.
    pub(crate) name: String,
    /// The fact of the network that makes the promise hard to keep.
    pub(crate) fact: &'static str,
    pub(crate) defendant: Defendant,
    pub(crate) patience: Patience,
    pub(crate) seed: u64,
    pub(crate) started: Instant,
    pub(crate) conversation: Mutex<Conversation>,
    /// What goes over the sockets of this promise is told here.
    pub(crate) evidence: Evidence,
    dice: Mutex<Dice>,
    processes: Mutex<Vec<Arc<Process>>>,
    peers: AtomicUsize,
    crowds: AtomicUsize,
}

/// The promise was not kept: thrown by the verb that saw it, caught by `promise::judge`.
pub(crate) struct Failure {
    pub(crate) place: &'static Location<'static>,
    /// The step that did not happen.
    pub(crate) step: String,
    pub(crate) got: String,
    pub(crate) want: String,
    /// The fact behind just this symptom, if it says more than the promise's own.
    pub(crate) fact: Option<&'static str>,
    /// What became of the programs.
    pub(crate) testimonies: Vec<Testimony>,
}

/// The promise cannot be judged here: neither kept nor broken.
pub(crate) struct NotJudged(pub(crate) String);

impl Case {
    pub(crate) fn new(
        name: String,
        fact: &'static str,
        defendant: Defendant,
        patience: Patience,
        seed: u64,
    ) -> Arc<Self> {
        let evidence = Evidence::of(defendant.package(), &name);
        Arc::new(Self {
            name,
            fact,
            defendant,
            patience,
            seed,
            started: Instant::now(),
            conversation: Mutex::new(Conversation::new()),
            evidence,
            dice: Mutex::new(Dice::new(seed)),
            processes: Mutex::new(Vec::new()),
            peers: AtomicUsize::new(0),
            crowds: AtomicUsize::new(0),
        })
    }

    /// Adds a step to the conversation.
    pub(crate) fn step(&self, who: &str, sign: Sign, what: impl Display) {
        lock(&self.conversation).add(who, sign, what);
    }

    /// Until when the next thing may take: a silence from now, but never beyond the whole promise.
    pub(crate) fn deadline(&self) -> Instant {
        (Instant::now() + self.patience.silence()).min(self.end())
    }

    /// What a wait that came to nothing was cut short by: silence, or the end of the promise.
    pub(crate) fn silence_in_words(&self) -> String {
        if Instant::now() + A_TICK < self.end() {
            report::silence(self.patience.silence())
        } else {
            report::out_of_time(self.patience.promise())
        }
    }

    /// Until when the whole promise may take.
    pub(crate) fn end(&self) -> Instant {
        self.started + self.patience.promise()
    }

    pub(crate) fn draw(&self, len: usize) -> Vec<u8> {
        lock(&self.dice).bytes(len)
    }

    /// A drawn number below `end`.
    pub(crate) fn draw_below(&self, end: usize) -> usize {
        lock(&self.dice).below(end)
    }

    /// The name of the next peer: A, B, … Z, and then by number.
    pub(crate) fn next_peer(&self) -> String {
        let number = self.peers.fetch_add(1, Ordering::Relaxed);
        match u8::try_from(number) {
            Ok(letter @ 0..26) => char::from(b'A' + letter).to_string(),
            _ => format!("peer{}", number + 1),
        }
    }

    /// How many peers there have been.
    pub(crate) fn peers(&self) -> usize {
        self.peers.load(Ordering::Relaxed)
    }

    /// Gives the next peer the name that came after so many: those since are forgotten.
    pub(crate) fn forget_peers_after(&self, peers: usize) {
        self.peers.store(peers, Ordering::Relaxed);
    }

    /// The name of the next crowd: crowd, crowd 2, …
    pub(crate) fn next_crowd(&self) -> String {
        match self.crowds.fetch_add(1, Ordering::Relaxed) {
            0 => "crowd".to_string(),
            earlier => format!("crowd {}", earlier + 1),
        }
    }

    /// Remembers a program, so that a failure can tell what became of it.
    pub(crate) fn watch(&self, process: &Arc<Process>) {
        lock(&self.processes).push(Arc::clone(process));
    }

    /// Whether the last program in this role has ended.
    pub(crate) fn has_ended(&self, role: &str) -> bool {
        let processes = lock(&self.processes);
        let last = processes.iter().rfind(|process| process.role == role);
        last.is_some_and(|process| process.exit().is_some())
    }

    /// Forgets the last program: it never counted.
    pub(crate) fn unwatch(&self) {
        lock(&self.processes).pop();
    }

    /// Ends the promise: `step` of `who` did not happen.
    #[track_caller]
    pub(crate) fn fail(&self, who: &str, step: impl Display, got: String, want: String) -> ! {
        self.fail_by(None, who, step, got, want)
    }

    /// Ends the promise by a symptom that has a fact of its own.
    #[track_caller]
    pub(crate) fn fail_by(
        &self,
        fact: Option<&'static str>,
        who: &str,
        step: impl Display,
        got: String,
        want: String,
    ) -> ! {
        let processes = lock(&self.processes).clone();
        let testimonies = processes.iter().filter_map(|process| process.testify()).collect();
        let step = format!("{who} {step}");
        let place = Location::caller();
        resume_unwind(Box::new(Failure { place, step, got, want, fact, testimonies }))
    }

    /// Ends the promise without a verdict where the system cannot tell what its queues hold.
    pub(crate) fn needs_proc(&self) {
        if !kernel::available() {
            self.not_judged("this promise needs Linux (/proc)");
        }
    }

    /// Ends the promise without a verdict.
    pub(crate) fn not_judged(&self, why: impl Display) -> ! {
        resume_unwind(Box::new(NotJudged(why.to_string())))
    }
}

/// Locks `mutex`; a thread that failed while it held the lock has left whole values behind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
