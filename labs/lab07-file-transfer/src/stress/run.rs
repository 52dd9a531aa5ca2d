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
        todo!(
            "exercise 7.7 of lab07 (File transfer): One row of the stress table.

    Ask the server for its counts, have all clients do their transfer at once, and ask
    again. Check what each client has brought about (`checked`). What the server has
    counted in between is the difference, if it counts at all. Sum up what the clients
    say (`Outcome::of`), and put the server's counts beside it.

    check it          cargo test -p lab07 -- ex7_7
    see it finished   cargo run -p solution07 -- stress --quick
    read about it     book/src/lab07-file-transfer.md
"
        )
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
