//! A program under judgement, seen from outside: its keyboard, its screen, its end.

use std::env;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::case::{Case, lock};
use crate::conversation::Sign;
use crate::{Payload, kernel, report};

/// How much output is kept at least for one program; when there is twice as much, the older half
/// is dropped.
const OUTPUT_KEPT: usize = 16 << 20;

/// The most output that a program may write; after that its pipe is closed.
const OUTPUT_LEN_MAX: u64 = 64 << 20;

/// How soon the judge looks again at what it cannot be told about, an exit or a row in /proc: at
/// first at once, then more and more seldom.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
const LOOK_AGAIN_MAX: Duration = Duration::from_millis(20);

/// How long we go on ending what a program has started.
const END_LIMIT: Duration = Duration::from_secs(5);

/// How long a program may take to exit after its connection has ended, before we tell its story.
const LAST_BREATH: Duration = Duration::from_millis(300);

/// A started process with its output, and all that it starts in turn.
pub(crate) struct Process {
    /// What the conversation calls it: `server` or `client`.
    pub(crate) role: &'static str,
    pid: Pid,
    /// The entry in its environment by which its children are found.
    mark: String,
    child: Mutex<Child>,
    keyboard: Mutex<Option<Sender<Vec<u8>>>>,
    screen: Arc<Output>,
    errors: Arc<Output>,
    /// Its end was expected, or is our doing: there is nothing more to tell.
    accounted: AtomicBool,
}

/// What became of a program, told when a promise fails.
pub(crate) struct Testimony {
    pub(crate) role: &'static str,
    pub(crate) exit: Option<ExitStatus>,
    pub(crate) flooded: bool,
    pub(crate) errors: String,
    pub(crate) screen: String,
}

impl Process {
    /// Starts `command` with pipes on all its standard streams.
    pub(crate) fn start(role: &'static str, mut command: Command) -> io::Result<Arc<Self>> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let mark = format!("WIRELAB_MARK={}-{number}", std::process::id());
        let (name, value) = mark.split_once('=').expect("the mark has a name and a value");
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("WIRELAB_") {
                command.env_remove(variable);
            }
        }
        command.env(name, value).env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process number fits"));

        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        let (keyboard, typed) = mpsc::channel::<Vec<u8>>();
        // A program that does not read its input holds up this thread, never the judge.
        thread::spawn(move || typed.iter().try_for_each(|bytes| stdin.write_all(&bytes)));

        let stdout = child.stdout.take().expect("stdout is a pipe");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        Ok(Arc::new(Self {
            role,
            pid,
            mark,
            child: Mutex::new(child),
            keyboard: Mutex::new(Some(keyboard)),
            screen: Output::of(stdout),
            errors: Output::of(stderr),
            accounted: AtomicBool::new(false),
        }))
    }

    /// How it ended, if it has.
    pub(crate) fn exit(&self) -> Option<ExitStatus> {
        lock(&self.child).try_wait().ok().flatten()
    }

    /// Waits for its end; `None` if it still runs at `deadline`.
    pub(crate) fn exit_by(&self, deadline: Instant) -> Option<ExitStatus> {
        poll_until(deadline, || self.exit())
    }

    /// The port in its line `listening on ADDR:PORT`, where the system cannot tell us.
    pub(crate) fn ready_port(&self) -> Option<u16> {
        let screen = self.screen.text();
        let (_, line) = screen.rsplit_once("listening on ")?;
        line.lines().next()?.rsplit_once(':')?.1.trim().parse().ok()
    }

    /// Itself and its descendants.
    pub(crate) fn family(&self) -> Vec<kernel::Pid> {
        kernel::descendants(self.pid.as_raw())
    }

    /// Sends `signal` to it and its descendants, as a terminal does with Ctrl+C.
    pub(crate) fn signal(&self, signal: Signal) {
        // Holding the child keeps its number from being given to somebody else meanwhile.
        let mut child = lock(&self.child);
        if matches!(child.try_wait(), Ok(None)) {
            for pid in self.family() {
                let _ = kill(Pid::from_raw(pid), signal);
            }
        }
    }

    /// Ends it and everything it started, wherever that went.
    pub(crate) fn end(&self) {
        self.accounted.store(true, Ordering::Relaxed);
        self.signal(Signal::SIGKILL);
        let _ = lock(&self.child).kill();
        let _ = lock(&self.child).wait();
        let deadline = Instant::now() + END_LIMIT;
        poll_until(deadline, || {
            let strays = kernel::marked(&self.mark);
            for pid in &strays {
                let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
            }
            strays.is_empty().then_some(())
        });
    }

    /// Tells what became of it, unless that is told already. If it is about to exit, that is part
    /// of the story.
    pub(crate) fn testify(&self) -> Option<Testimony> {
        (!self.accounted.load(Ordering::Relaxed)).then(|| self.story())
    }

    /// All that it wrote to standard error, once it has exited.
    pub(crate) fn last_errors(&self) -> String {
        self.errors.closed_by(Instant::now() + LAST_BREATH);
        self.errors.text()
    }

    fn story(&self) -> Testimony {
        let exit = self.exit_by(Instant::now() + LAST_BREATH);
        Testimony {
            role: self.role,
            exit,
            flooded: self.screen.flooded() || self.errors.flooded(),
            errors: if exit.is_some() { self.last_errors() } else { self.errors.text() },
            screen: self.screen.text(),
        }
    }
}

/// What a program has written to one of its streams.
#[derive(Default)]
struct Output {
    state: Mutex<OutputState>,
    changed: Condvar,
}

#[derive(Default)]
struct OutputState {
    kept: Vec<u8>,
    total: u64,
    closed: bool,
}

impl Output {
    /// Reads `pipe` to its end in a thread of its own: a full pipe would block the program.
    fn of(mut pipe: impl Read + Send + 'static) -> Arc<Self> {
        let output = Arc::new(Self::default());
        let written = Arc::clone(&output);
        thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                if written.add(&buffer[..count]) > OUTPUT_LEN_MAX {
                    break;
                }
            }
            written.close();
        });
        output
    }

    /// Adds what was read and returns how much there has been in all.
    fn add(&self, bytes: &[u8]) -> u64 {
        let mut state = lock(&self.state);
        state.kept.extend_from_slice(bytes);
        if state.kept.len() > 2 * OUTPUT_KEPT {
            let surplus = state.kept.len() - OUTPUT_KEPT;
            state.kept.drain(..surplus);
        }
        state.total += bytes.len() as u64;
        self.changed.notify_all();
        state.total
    }

    fn flooded(&self) -> bool {
        lock(&self.state).total > OUTPUT_LEN_MAX
    }

    fn close(&self) {
        lock(&self.state).closed = true;
        self.changed.notify_all();
    }

    /// Waits until the program has closed this stream; says whether it has.
    fn closed_by(&self, deadline: Instant) -> bool {
        self.wait(deadline, |state| state.closed)
    }

    /// Waits for `enough`, the end of the stream, or the deadline; says whether it was enough.
    fn wait(&self, deadline: Instant, enough: impl Fn(&OutputState) -> bool) -> bool {
        let mut state = lock(&self.state);
        while !enough(&state) && !state.closed {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                break;
            };
            state =
                self.changed.wait_timeout(state, left).map_or_else(|e| e.into_inner().0, |w| w.0);
        }
        enough(&state)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.state).kept).into_owned()
    }
}

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
        if let Some(keyboard) = &*lock(&self.process.keyboard) {
            // A program that has gone reads nothing; the next expectation will say so.
            let _ = keyboard.send(input.bytes().to_vec());
        }
        self
    }

    /// Ends its input, as Ctrl+D does.
    pub fn end_input(&self) -> &Self {
        self.case.step("keyboard", Sign::Event, "end of input");
        lock(&self.process.keyboard).take();
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

    /// Expects exactly `wanted` next on its screen (its standard output).
    #[track_caller]
    pub fn expect_shown(&self, wanted: impl Into<Payload>) -> &Self {
        let wanted = wanted.into();
        let len = wanted.bytes().len();
        let screen = &self.process.screen;
        let enough = |kept: &[u8]| kept.len() >= len || !wanted.bytes().starts_with(kept);
        // As long as something comes, it is not silent.
        let mut seen = 0;
        while screen.wait(self.case.deadline(), |it| enough(&it.kept) || it.kept.len() > seen) {
            seen = lock(&screen.state).kept.len();
            if enough(&lock(&screen.state).kept) {
                break;
            }
        }
        let mut state = lock(&screen.state);
        if state.kept.starts_with(wanted.bytes()) {
            state.kept.drain(..len);
            self.case.step("screen", Sign::Got, wanted.shown());
            return self;
        }
        let got = report::difference(&state.kept, wanted.bytes(), report::screen_end(state.closed));
        drop(state);
        self.case.fail("screen", format!("< {}", wanted.shown()), got, report::bytes(&wanted));
    }

    /// Expects `line` to be one of the lines on its screen.
    #[track_caller]
    pub(crate) fn expect_line(&self, line: &Payload) -> &Self {
        let screen = &self.process.screen;
        let shown = screen.wait(self.case.deadline(), |state| {
            state.kept.split_inclusive(|byte| *byte == b'\n').any(|shown| shown == line.bytes())
        });
        if !shown {
            let got = report::quoted_output(&screen.text());
            self.case.fail("screen", format!("< {}", line.shown()), got, report::a_line(line));
        }
        self.case.step("screen", Sign::Got, line.shown());
        self
    }

    /// Expects it to end with a complaint: words on standard error with all of `words` in them, and
    /// neither a panic nor a traceback.
    #[track_caller]
    pub fn expect_complaint(&self, words: &[&str]) -> &Self {
        self.complains(words, format!("a complaint that names {}", report::listed(words)))
    }

    /// Expects it to end with a complaint about its talk with `server`, with `word` in it.
    #[track_caller]
    pub fn expect_trouble(&self, word: &str, server: SocketAddr) -> &Self {
        let step = format!("a complaint that names \"{word}\" and the server's address");
        self.complains(&[word, &server.to_string()], step)
    }

    #[track_caller]
    fn complains(&self, words: &[&str], step: String) -> &Self {
        let errors = &self.process.errors;
        let complete = errors.closed_by(self.case.deadline());
        let text = errors.text();
        let crashed = text.contains("panicked at") || text.contains("Traceback (most recent call");
        let missing = words.iter().find(|word| !text.contains(**word)).copied();
        if !complete || crashed || text.trim().is_empty() || missing.is_some() {
            let silence = self.case.patience.silence();
            let got = match complete {
                true => report::complaint(&text, crashed, missing),
                false => report::still_runs(silence),
            };
            self.case.fail(self.process.role, format!("* {step}"), got, report::a_sentence(words));
        }
        self.case.step(self.process.role, Sign::Event, step);
        self
    }

    /// Expects it to end by itself with exit code `code`.
    #[track_caller]
    pub fn expect_exit(&self, code: i32) -> &Self {
        let exit = self.process.exit_by(self.case.deadline());
        let step = report::exits(code);
        if exit.and_then(|status| status.code()) != Some(code) {
            let got = report::exit(exit);
            self.case.fail(self.process.role, format!("* {step}"), got, step);
        }
        self.case.step(self.process.role, Sign::Event, step);
        self
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.end();
    }
}

/// Asks `question` again and again until it has an answer; `None` if it has none at `deadline`.
pub(crate) fn poll_until<T>(
    deadline: Instant,
    mut question: impl FnMut() -> Option<T>,
) -> Option<T> {
    let mut pause = LOOK_AGAIN;
    loop {
        let answer = question();
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LOOK_AGAIN_MAX);
    }
}
