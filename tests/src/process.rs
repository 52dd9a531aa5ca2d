//! A started process: its standard streams, its descendants, its end.

use std::collections::HashSet;
use std::env;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::case::lock;
use crate::output::Output;
use crate::{defendant, kernel};

/// The variable in a program's environment by which all that it starts is found.
pub(crate) const MARK: &str = "WIRELAB_MARK";

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
    pub(crate) started: Instant,
    pid: Pid,
    /// The value of [`MARK`] in its environment.
    mark: String,
    child: Mutex<Child>,
    keyboard: Mutex<Option<Sender<Vec<u8>>>>,
    /// How many bytes have been typed and not yet gone into its input.
    untyped: Arc<AtomicUsize>,
    pub(crate) screen: Arc<Output>,
    pub(crate) errors: Arc<Output>,
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
        static LEFTOVERS: Once = Once::new();
        LEFTOVERS.call_once(end_leftovers);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{number}", std::process::id());
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("WIRELAB_") {
                command.env_remove(variable);
            }
        }
        command.env(MARK, &mark).env("RUST_BACKTRACE", "0");
        // A program that signals its whole group must not mean us.
        command.process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn()?;
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process number fits"));

        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        let (keyboard, typed) = mpsc::channel::<Vec<u8>>();
        // A program that does not read its input holds up this thread, never the judge.
        let untyped = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&untyped);
        thread::spawn(move || {
            typed.iter().try_for_each(|bytes| {
                stdin.write_all(&bytes)?;
                left.fetch_sub(bytes.len(), Ordering::Relaxed);
                io::Result::Ok(())
            })
        });

        let stdout = child.stdout.take().expect("stdout is a pipe");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        Ok(Arc::new(Self {
            role,
            started,
            pid,
            mark,
            child: Mutex::new(child),
            keyboard: Mutex::new(Some(keyboard)),
            untyped,
            screen: Output::of(stdout),
            errors: Output::of(stderr),
            accounted: AtomicBool::new(false),
        }))
    }

    /// Types at its keyboard.
    pub(crate) fn type_in(&self, input: &[u8]) {
        if let Some(keyboard) = &*lock(&self.keyboard) {
            // A program that has gone reads nothing; the next expectation will say so.
            self.untyped.fetch_add(input.len(), Ordering::Relaxed);
            let _ = keyboard.send(input.to_vec());
        }
    }

    /// Waits until all that was typed has gone into its input, or until `deadline`.
    pub(crate) fn until_typed(&self, deadline: Instant) {
        poll_until(deadline, || (self.untyped.load(Ordering::Relaxed) == 0).then_some(()));
    }

    /// Ends its input.
    pub(crate) fn end_input(&self) {
        lock(&self.keyboard).take();
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
        let root = self.pid.as_raw();
        let mut family = kernel::descendants(root);
        // Who has left its parent still carries the mark.
        family.extend(kernel::marked(|mark| mark == self.mark));
        family.sort_unstable();
        family.dedup();
        if defendant::is_launched() && kernel::is_alive(root) {
            // These two are not the program: the launcher, and the first process of its sandbox.
            let first = kernel::children(root);
            family.retain(|pid| *pid != root && !first.contains(pid));
        }
        family
    }

    /// Whether it has ended, or has nothing to do; `idle` are the threads that earlier questions
    /// have found so.
    ///
    /// Not whoever sleeps has nothing to do: a loop that logs what it tries in vain is often asleep,
    /// in its writes. So each thread must have been asleep at two looks and not have run between
    /// them, while nothing kept it from writing. Not all of them at the same two: many may look at
    /// the clock now and then.
    pub(crate) fn rests(&self, idle: &mut HashSet<kernel::Pid>) -> bool {
        if self.exit().is_some() {
            return true;
        }
        let family = self.family();
        let Some(before) = kernel::sleepers(&family) else { return false };
        thread::sleep(LOOK_AGAIN);
        if !(self.screen.is_drained() && self.errors.is_drained()) {
            return false;
        }
        // The same processes: to find them takes longer than some programs sleep.
        let Some(after) = kernel::sleepers(&family) else { return false };
        let still = after.iter().filter(|(thread, switches)| before.get(thread) == Some(switches));
        idle.extend(still.map(|(thread, _)| *thread));
        after.keys().all(|thread| idle.contains(thread)) && self.family() == family
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

    /// Sends `signal` to it, and to nothing that it started.
    pub(crate) fn signal_alone(&self, signal: Signal) {
        let mut child = lock(&self.child);
        if matches!(child.try_wait(), Ok(None)) {
            let _ = kill(Pid::from_raw(self.number()), signal);
        }
    }

    /// From now on its end is no news.
    pub(crate) fn account(&self) {
        self.accounted.store(true, Ordering::Relaxed);
    }

    /// The number of its first process.
    pub(crate) fn number(&self) -> kernel::Pid {
        let root = self.pid.as_raw();
        if !defendant::is_launched() {
            return root;
        }
        let inside =
            kernel::children(root).first().and_then(|it| kernel::children(*it).first().copied());
        inside.unwrap_or(root)
    }

    /// Ends it, and nothing that it started.
    pub(crate) fn kill_alone(&self) {
        self.account();
        let mut child = lock(&self.child);
        if matches!(child.try_wait(), Ok(None)) {
            let _ = kill(Pid::from_raw(self.number()), Signal::SIGKILL);
        }
        let _ = child.wait();
    }

    /// Its own processes that live, whoever their parent is by now.
    pub(crate) fn strays(&self) -> Vec<kernel::Pid> {
        kernel::marked(|mark| mark == self.mark)
    }

    /// Ends it and everything it started, wherever that went.
    pub(crate) fn end(&self) {
        self.account();
        let family = self.family();
        self.signal(Signal::SIGKILL);
        let _ = lock(&self.child).kill();
        let _ = lock(&self.child).wait();
        let deadline = Instant::now() + END_LIMIT;
        // Somebody else's child may take a moment longer, and its sockets are open until then.
        poll_until(deadline, || (!family.iter().any(|pid| kernel::is_alive(*pid))).then_some(()));
        poll_until(deadline, || {
            let strays = self.strays();
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

/// Ends what judges have left behind that were killed before they could do so themselves.
fn end_leftovers() {
    let is_leftover = |mark: &str| {
        let judge = mark.split('-').next().unwrap_or_default();
        !judge.is_empty() && kernel::available() && !Path::new("/proc").join(judge).exists()
    };
    for pid in kernel::marked(is_leftover) {
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
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
