//! A server of several processes: who serves whom, who dies, and what is left.

use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Server;
use crate::conversation::Sign;
use crate::process::poll_until;
use crate::{Peer, kernel, report};

/// One of the processes that a server has started.
#[derive(Clone, Copy)]
pub struct Worker(kernel::Pid);

impl Server {
    /// Expects it to have at least `count` living processes besides its first; it may take its time
    /// to start them.
    #[track_caller]
    pub fn expect_workers(&self, count: usize) -> &Self {
        self.case.needs_proc();
        let step = report::has_workers(count);
        let enough = || (self.workers().len() >= count).then_some(());
        // Where one has died young, a server does well to wait a little.
        let deadline = Instant::now() + self.case.patience.start();
        if poll_until(deadline, enough).is_none() {
            let got = report::workers(self.workers().len());
            self.case.fail("server", format!("* {step}"), got, report::so_many_workers(count));
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// The worker that serves `peer`, stopped in its tracks (SIGSTOP): whoever comes now must be
    /// served by another.
    #[track_caller]
    pub fn freeze_worker_of(&self, peer: &mut Peer) -> Worker {
        self.case.needs_proc();
        let step = format!("the worker that serves {} is frozen", peer.name());
        let (near, far) = (self.port, peer.address().port());
        let workers = self.workers();
        let holds = || kernel::holders(&workers, near, far).first().copied();
        let Some(pid) = poll_until(self.case.deadline(), holds) else {
            let got = report::no_worker_holds();
            self.case.fail("server", format!("* {step}"), got, report::a_worker())
        };
        let stopped = || {
            let _ = kill(Pid::from_raw(pid), Signal::SIGSTOP);
            kernel::all_stopped(&[pid]).then_some(())
        };
        if poll_until(self.case.deadline(), stopped).is_none() {
            let got = report::does_not_stop();
            self.case.fail("server", format!("* {step}"), got, report::a_stopped_server());
        }
        self.case.step("server", Sign::Event, step);
        Worker(pid)
    }

    /// Lets `worker` go on (SIGCONT).
    pub fn thaw_worker(&self, worker: Worker) -> &Self {
        self.case.step("server", Sign::Event, "that worker is thawed");
        let _ = kill(Pid::from_raw(worker.0), Signal::SIGCONT);
        self
    }

    /// Ends `worker` without a word, as `kill -9` does.
    pub fn kill_worker(&self, worker: Worker) -> &Self {
        self.case.step("server", Sign::Event, "that worker is killed");
        let _ = kill(Pid::from_raw(worker.0), Signal::SIGKILL);
        let dead = || (!kernel::is_alive(worker.0)).then_some(());
        poll_until(self.case.deadline(), dead);
        self
    }

    /// Ends its first process without a word, and no other.
    pub fn kill_first_process(&self) -> &Self {
        self.case.step("server", Sign::Event, "its first process is killed, and no other");
        self.process().kill_alone();
        self
    }

    /// Presses Ctrl+C for its first process, and no other: whoever else is to end hears it from
    /// there.
    pub fn interrupt_first_process(&self) -> &Self {
        self.case.step("server", Sign::Event, "Ctrl+C, for its first process only");
        self.process().signal_alone(Signal::SIGINT);
        self
    }

    /// Does `what` while its first process is stopped in its tracks (SIGSTOP) and the others are
    /// not, and until all of those have ended: the first process hears of all these ends at once.
    #[track_caller]
    pub fn have_all_workers_end_at_once(&self, what: impl FnOnce()) -> &Self {
        self.case.needs_proc();
        let first = self.process().number();
        self.case.step("server", Sign::Event, "its first process is frozen");
        self.process().signal_alone(Signal::SIGSTOP);
        poll_until(self.case.deadline(), || kernel::all_stopped(&[first]).then_some(()));
        what();
        let step = "all its other processes have ended";
        let ended = || self.workers().is_empty().then_some(());
        if poll_until(self.case.deadline(), ended).is_none() {
            let got = report::workers(self.workers().len());
            self.case.fail("server", format!("* {step}"), got, report::no_workers());
        }
        self.case.step("server", Sign::Event, step);
        self.case.step("server", Sign::Event, "its first process is thawed");
        self.process().signal_alone(Signal::SIGCONT);
        self
    }

    /// Expects nothing to be left of it: no process, and nobody who listens where it did.
    #[track_caller]
    pub fn expect_nothing_left(&self) -> &Self {
        self.case.needs_proc();
        let step = "nothing is left: no process, no listener";
        let left = || {
            (self.process().strays().len(), kernel::still_listen(&self.listeners, self.transport))
        };
        if poll_until(self.case.deadline(), || (left() == (0, false)).then_some(())).is_none() {
            let (strays, listens) = left();
            let got = report::left_over(strays, listens);
            self.case.fail("server", format!("* {step}"), got, report::nothing_left());
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// Expects its standard output to have ended with its first process, whoever else still lives.
    #[track_caller]
    pub fn expect_screen_to_end(&self) -> &Self {
        let step = "its standard output ends";
        if !self.process().screen.closed_by(self.case.deadline()) {
            let got = report::screen_is_open(self.workers().len());
            self.case.fail("server", format!("* {step}"), got, report::screen_has_ended());
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// Expects the worker that serves `peer` to be the only process that holds its connection.
    #[track_caller]
    pub fn expect_handed_over(&self, peer: &mut Peer) -> &Self {
        self.case.needs_proc();
        let step = format!("only its worker holds the connection of {}", peer.name());
        let (near, far) = (self.port, peer.address().port());
        let first = self.process().number();
        let holders = || kernel::holders(&self.process().family(), near, far);
        let handed_over = || (holders().len() == 1 && !holders().contains(&first)).then_some(());
        if poll_until(self.case.deadline(), handed_over).is_none() {
            let got = report::holders(holders().len(), holders().contains(&first));
            self.case.fail("server", format!("* {step}"), got, report::one_holder());
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// Expects no process besides the first, not even a dead one in the kernel's list.
    #[track_caller]
    pub fn expect_no_children(&self) -> &Self {
        self.case.needs_proc();
        let step = "has no other process, dead or alive";
        let children = || {
            let (first, family) = (self.process().number(), self.process().family());
            family.into_iter().filter(|pid| *pid != first).collect::<Vec<_>>()
        };
        if poll_until(self.case.deadline(), || children().is_empty().then_some(())).is_none() {
            let left = children();
            let dead = left.iter().filter(|pid| !kernel::is_alive(**pid)).count();
            let got = report::children(left.len() - dead, dead);
            self.case.fail("server", format!("* {step}"), got, report::no_children());
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// Expects its first process to have at most `more` descriptors more after `what` than before.
    #[track_caller]
    pub fn expect_descriptors_back(&self, more: usize, what: impl FnOnce()) -> &Self {
        self.case.needs_proc();
        let step = "has its descriptors back";
        let count = || kernel::descriptors(self.process().number());
        let before = count();
        what();
        let back = || (count() <= before + more).then_some(());
        if poll_until(self.case.deadline(), back).is_none() {
            let got = report::more_descriptors(count().saturating_sub(before));
            self.case.fail("server", format!("* {step}"), got, report::descriptors_back());
        }
        self.case.step("server", Sign::Event, step);
        self
    }

    /// Its living processes besides the first.
    fn workers(&self) -> Vec<kernel::Pid> {
        let (first, family) = (self.process().number(), self.process().family());
        family.into_iter().filter(|pid| *pid != first && kernel::is_alive(*pid)).collect()
    }
}
