//! One row: its clients at work, all at the same time, and what comes of it.

use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};

use crate::arguments::stress::Clients;
use crate::client::remote::Remote;
use crate::stress::content::{self, Content};
use crate::stress::files::{download_name, upload_name};
use crate::stress::rows::{Combination, Operation, Outcome};
use crate::wire::sums::Sums;

/// A row that is being measured.
pub struct Run<'a> {
    pub row: Combination,
    pub remote: Remote,
    pub clients: Clients,
    /// Where the server has its files, if it is one of ours.
    pub folder: Option<&'a Path>,
    /// The user does not want any more.
    pub stop: &'a AtomicBool,
}

impl Run<'_> {
    /// Has all clients do their transfer, and counts on both sides.
    ///
    /// # Errors
    ///
    /// When there is nothing to transfer.
    pub fn measure(&self) -> anyhow::Result<Outcome> {
        self.prepare()?;
        // ANCHOR: ex7_7
        let before = self.remote.stats().ok();
        let clients = self.all_at_once();
        let after = self.remote.stats().ok();
        let check = |(number, client)| self.checked(number, client);
        let clients: Vec<_> = clients.into_iter().enumerate().map(check).collect();
        let server = before.zip(after).map(|(before, after)| Sums {
            succeeded: after.succeeded.saturating_sub(before.succeeded),
            failed: after.failed.saturating_sub(before.failed),
        });
        Ok(Outcome { server, ..Outcome::of(&clients, self.row.size()) })
        // ANCHOR_END: ex7_7
    }

    /// Runs all clients, each in a thread or in a process of its own.
    fn all_at_once(&self) -> Vec<anyhow::Result<Duration>> {
        thread::scope(|scope| {
            let start = |number| {
                scope.spawn(move || match self.clients {
                    Clients::Threads => self.transfer(number),
                    Clients::Processes => self.transfer_in_process(number),
                })
            };
            let clients: Vec<_> = (0..self.row.clients).map(start).collect();
            let lost = |_| Err(anyhow!("a client has panicked"));
            clients.into_iter().map(|client| client.join().unwrap_or_else(lost)).collect()
        })
    }

    /// What client number `number` does; says how long it took.
    pub fn transfer(&self, number: usize) -> anyhow::Result<Duration> {
        let size = self.row.size();
        content::make_ready();
        let started = Instant::now();
        match self.row.operation {
            Operation::Upload => {
                let content = Content::new(number, size);
                let mut source = Stoppable { content, stop: self.stop };
                self.remote.upload(&upload_name(number), &mut source, size)?;
            }
            Operation::Download => self.compare(&download_name(self.row.volume), 0)?,
        }
        Ok(started.elapsed())
    }

    /// Brings a file, and makes sure that it has the content of that number.
    pub fn compare(&self, name: &str, number: usize) -> anyhow::Result<()> {
        let mut content = Content::new(number, self.row.size());
        self.remote.download(name, &mut |piece| {
            ensure!(!self.stop.load(Ordering::Relaxed), "stopped");
            content.compare(piece)
        })?;
        content.finish()
    }
}

/// A content that ends in an error when the user does not want any more.
struct Stoppable<'a> {
    content: Content,
    stop: &'a AtomicBool,
}

impl Read for Stoppable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        self.content.read(buffer)
    }
}
