//! A program under judgement, seen by somebody at its terminal: its keyboard, its screen, its end.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::case::Case;
use crate::conversation::Sign;
use crate::process::{Process, poll_until};
use crate::{Payload, kernel, report};

/// A little less than the time limit of a client that was given none.
const USUAL_LIMIT: Duration = Duration::from_millis(4500);

/// How long a program may take over its goodbye, before our patience with it begins.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// A program under judgement, in whatever role: what a person at its terminal could do and see.
pub struct Program {
    case: Arc<Case>,
    pub(crate) process: Arc<Process>,
}

impl Program {
    /// Starts `command`; it plays `role` in the conversation.
    #[track_caller]
    pub(crate) fn start(case: &Arc<Case>, role: &'static str, command: Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let process = Process::start(role, command).unwrap_or_else(|error| {
            let got = report::cannot_start(&name, &error);
            case.fail(role, "* starts", got, report::a_running_program())
        });
        case.watch(&process);
        Self { case: Arc::clone(case), process }
    }

    /// Types `input` at its keyboard (its standard input).
    pub fn type_in(&self, input: impl Into<Payload>) -> &Self {
        let input = input.into();
        self.case.step("keyboard", Sign::Sent, input.shown());
        self.process.type_in(input.bytes());
        self
    }

    /// Ends its input, as Ctrl+D does.
    pub fn end_input(&self) -> &Self {
        self.case.step("keyboard", Sign::Event, "end of input");
        self.process.end_input();
        self
    }

    /// Presses Ctrl+C.
    pub fn interrupt(&self) -> &Self {
        self.case.step(self.process.role, Sign::Event, "Ctrl+C");
        self.process.signal(Signal::SIGINT);
        self
    }

    /// Ends it without a word, as `kill -9` does.
    pub fn kill(&self) -> &Self {
        self.case.step(self.process.role, Sign::Event, "killed");
        self.process.end();
        self
    }

    /// Waits until it has done all it had to do: every thread of it sleeps, or it has ended.
    #[track_caller]
    pub fn until_at_rest(&self) -> &Self {
        self.until_calm();
        self.case.step(self.process.role, Sign::Event, "comes to rest");
        self
    }

    /// The same, as a part of another step.
    #[track_caller]
    pub(crate) fn until_calm(&self) {
        self.case.needs_proc();
        let process = &self.process;
        let mut idle = HashSet::new();
        let rests = || process.rests(&mut idle).then_some(());
        if poll_until(self.case.deadline(), rests).is_none() {
            let got = report::still_busy(self.case.patience.silence());
            self.case.fail(process.role, "* comes to rest", got, report::a_resting_program());
        }
    }

    /// Expects exactly `wanted` next on its screen (its standard output).
    #[track_caller]
    pub fn expect_shown(&self, wanted: impl Into<Payload>) -> &Self {
        let wanted = wanted.into();
        let taken = self.process.screen.take(wanted.bytes(), || self.case.deadline());
        if let Err((shown, closed)) = taken {
            let got = report::difference(
                &shown,
                wanted.bytes(),
                report::screen_end(closed, self.case.patience.silence()),
            );
            self.case.fail("screen", format!("< {}", wanted.shown()), got, report::bytes(&wanted));
        }
        self.case.step("screen", Sign::Got, wanted.shown());
        self
    }

    /// Expects `line` to be one of the lines on its screen.
    #[track_caller]
    pub(crate) fn expect_line(&self, line: &Payload) -> &Self {
        let screen = &self.process.screen;
        if !screen.has_line(line.bytes(), self.case.deadline()) {
            let got = report::quoted_output(&screen.text());
            self.case.fail("screen", format!("< {}", line.shown()), got, report::a_line(line));
        }
        self.case.step("screen", Sign::Got, line.shown());
        self
    }

    /// Expects `line` to be one of the lines that it writes on standard error.
    #[track_caller]
    pub fn expect_said(&self, line: &str) -> &Self {
        let (role, errors) = (self.process.role, &self.process.errors);
        let step = format!("says: {line}");
        if !errors.has_line(format!("{line}\n").as_bytes(), self.case.deadline()) {
            let got = report::written(&errors.text());
            self.case.fail(role, format!("* {step}"), got, report::this_line(line));
        }
        self.case.step(role, Sign::Event, step);
        self
    }

    /// Expects it to end with an error message that has all of `words` in it, and is neither a
    /// panic nor a traceback.
    #[track_caller]
    pub fn expect_error(&self, words: &[&str]) -> &Self {
        self.errs(words, report::an_error_message(words))
    }

    /// Expects it to end with an error message about its talk with `server`, with `word` in it.
    #[track_caller]
    pub fn expect_trouble(&self, word: &str, server: SocketAddr) -> &Self {
        let step = format!("an error message with \"{word}\" and the server's address");
        self.errs(&[word, &server.to_string()], step)
    }

    #[track_caller]
    fn errs(&self, words: &[&str], step: String) -> &Self {
        let errors = &self.process.errors;
        // It may have been started only just now.
        let start = self.process.started + self.case.patience.start();
        let complete = errors.closed_by(self.case.deadline().max(start));
        let text = errors.text();
        let crashed = text.contains("panicked at") || text.contains("Traceback (most recent call");
        let is_missing = |word: &&&str| !text.to_lowercase().contains(&word.to_lowercase());
        let missing: Vec<&str> = words.iter().filter(is_missing).copied().collect();
        if !complete || crashed || !missing.is_empty() {
            let got = match complete {
                true => report::complaint(&text, crashed, &missing),
                false => report::still_runs(self.case.patience.silence()),
            };
            self.case.fail(self.process.role, format!("* {step}"), got, report::a_sentence(words));
        }
        self.case.step(self.process.role, Sign::Event, step);
        self
    }

    /// Expects it to give up: to end by itself with any exit code but 0, and not before `limit` has
    /// passed since its start.
    #[track_caller]
    pub fn expect_to_give_up_after(&self, limit: Duration) -> &Self {
        // However slow the machine: this long it would wait without having heard of the limit.
        let deadline = self.case.deadline().min(self.process.started + USUAL_LIMIT);
        let exit = self.process.exit_by(deadline);
        let waited = self.process.started.elapsed();
        let got = match exit {
            None => report::still_runs(waited),
            // Who was ended by a signal has not given up.
            Some(status) if status.success() || status.code().is_none() => report::exit(exit),
            Some(_) if waited < limit => report::too_soon(waited),
            Some(_) => {
                self.process.account();
                self.case.step(self.process.role, Sign::Event, report::gives_up(limit));
                return self;
            }
        };
        let step = format!("* {}", report::gives_up(limit));
        self.case.fail(self.process.role, step, got, report::a_failure())
    }

    /// Expects it to end by itself with exit code `code`.
    #[track_caller]
    pub fn expect_exit(&self, code: i32) -> &Self {
        let asked = Instant::now();
        let exit = self.process.exit_by(self.case.deadline() + GOODBYE_LIMIT);
        let step = report::exits(code);
        if exit.and_then(|status| status.code()) != Some(code) {
            let sleeps = || kernel::sleepers(&self.process.family()).is_some();
            let got = match exit {
                None => report::runs_on(asked.elapsed(), kernel::available().then(sleeps)),
                Some(_) => report::exit(exit),
            };
            self.case.fail(self.process.role, format!("* {step}"), got, step);
        }
        self.process.account();
        self.case.step(self.process.role, Sign::Event, step);
        self
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.end();
    }
}
