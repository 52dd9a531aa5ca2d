//! What a person at the desk may do while we wait: save a file, press a key, leave.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::catalogue::{Course, Lab};
use crate::sources::silent_system;

/// How often we look whether a round is over.
const ROUND_PACE: Duration = Duration::from_millis(20);

/// How often we look at the files where the system does not tell of changes.
const POLL_PACE: Duration = Duration::from_millis(500);

/// One save is several changes; it is over when nothing has changed for so long.
const SAVE_PAUSE: Duration = Duration::from_millis(60);

/// Who never stops saving is judged all the same.
const SAVE_LIMIT: Duration = Duration::from_secs(1);

/// What the person wants.
pub enum Wish {
    /// Perhaps a file was saved: look.
    Look,
    /// Judge again.
    Again,
    /// Leave.
    End,
}

/// Where wishes come from.
pub struct Desk {
    wishes: Receiver<Wish>,
    /// None: we must look at the files ourselves.
    watcher: Option<RecommendedWatcher>,
}

impl Desk {
    /// Begins to watch the files, the keyboard, and the signals that end a program.
    pub fn open(course: &Course, poll: bool) -> Result<Self> {
        let (sender, wishes) = mpsc::channel();
        let labs = course.root.join("labs");
        let watcher = match poll || silent_system(&labs).is_some() {
            true => None,
            // The system may have no more watches to give; then we look ourselves.
            false => watcher(&labs, sender.clone()).ok(),
        };
        listen_to_signals(sender.clone())?;
        listen_to_keys(sender);
        Ok(Self { wishes, watcher })
    }

    /// Waits for a wish, and not for long while a round is running.
    pub fn wish(&self, is_running: bool) -> Wish {
        let pace = match (is_running, &self.watcher) {
            (true, _) => ROUND_PACE,
            (false, None) => POLL_PACE,
            (false, Some(_)) => Duration::MAX,
        };
        match self.wishes.recv_timeout(pace) {
            Ok(Wish::Look) => self.rest_of_save(),
            Ok(wish) => wish,
            Err(RecvTimeoutError::Timeout) => Wish::Look,
            Err(RecvTimeoutError::Disconnected) => Wish::End,
        }
    }

    /// Waits until a save is over; other wishes go before.
    fn rest_of_save(&self) -> Wish {
        let limit = Instant::now() + SAVE_LIMIT;
        while Instant::now() < limit {
            match self.wishes.recv_timeout(SAVE_PAUSE) {
                Ok(Wish::Look) => {}
                Ok(wish) => return wish,
                Err(_) => break,
            }
        }
        Wish::Look
    }

    /// Tells the person what can be done now.
    pub fn invitation(&self, lab: &Lab) -> String {
        let how = if self.watcher.is_some() { "" } else { ", looking twice a second" };
        let place = lab.place();
        format!("Waiting for a save in {}/{how}. Enter: again. q Enter: end.", place.display())
    }
}

fn watcher(folder: &Path, wishes: Sender<Wish>) -> notify::Result<RecommendedWatcher> {
    let told = move |event: notify::Result<notify::Event>| {
        // The compiler reads these files too.
        if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
            let _ = wishes.send(Wish::Look);
        }
    };
    let mut watcher = notify::recommended_watcher(told)?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(watcher)
}

fn listen_to_signals(wishes: Sender<Wish>) -> Result<()> {
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]);
    let mut signals = signals.context("cannot wait for Ctrl+C")?;
    thread::spawn(move || signals.forever().try_for_each(|_| wishes.send(Wish::End)));
    Ok(())
}

fn listen_to_keys(wishes: Sender<Wish>) {
    thread::spawn(move || {
        let asked = io::stdin().lines().map_while(Result::ok).map(|line| match line.trim() {
            "" => Wish::Again,
            "q" | "Q" | "quit" => Wish::End,
            _ => Wish::Look,
        });
        for wish in asked {
            let _ = wishes.send(wish);
        }
        // Ctrl+D. Where nobody sits, an end of input means nothing.
        if io::stdin().is_terminal() {
            let _ = wishes.send(Wish::End);
        }
    });
}
