//! One row: its clients at work, all at the same time, and what comes of it.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::arguments::{Clients, StressClient};
use crate::client::remote::Remote;
use crate::stress::content::Content;
use crate::stress::rows::{Combination, Operation, Outcome};
use crate::stress::server::name;
use crate::wire::sums::Sums;

/// How much of a stored file is compared at a time.
const COMPARED_LEN: usize = 256 * 1024;

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
        let mut clients = self.all_at_once();
        let after = self.remote.stats().ok();
        if self.row.operation == Operation::Upload {
            for (number, client) in clients.iter_mut().enumerate() {
                if let Err(error) = self.check_and_clear(number) {
                    *client = Err(error);
                }
            }
        }
        let server = before.zip(after).map(|(before, after)| Sums {
            succeeded: after.succeeded - before.succeeded,
            failed: after.failed - before.failed,
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
            let lost = |_| Err(anyhow::anyhow!("a client has panicked"));
            clients.into_iter().map(|client| client.join().unwrap_or_else(lost)).collect()
        })
    }

    /// What client number `number` does; says how long it took.
    pub fn transfer(&self, number: usize) -> anyhow::Result<Duration> {
        let size = self.row.size();
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

    /// The same in a process of its own.
    fn transfer_in_process(&self, number: usize) -> anyhow::Result<Duration> {
        let output = Command::new(env::current_exe()?)
            .args(["stress-client", &self.remote.server.to_string()])
            .args([&name(self.remote.wire), &name(self.row.operation)])
            .args([self.row.volume.to_string(), number.to_string()])
            .arg(self.remote.time_limit.as_secs_f64().to_string())
            .stdin(Stdio::null())
            .output()
            .context("cannot start a client")?;
        let said = String::from_utf8_lossy(&output.stdout);
        match said.trim().parse() {
            Ok(seconds) => Ok(Duration::from_secs_f64(seconds)),
            Err(_) => bail!("{}", String::from_utf8_lossy(&output.stderr).trim()),
        }
    }

    /// Brings a file, and makes sure that it has the content of that number.
    fn compare(&self, name: &str, number: usize) -> anyhow::Result<()> {
        let mut content = Content::new(number, self.row.size());
        self.remote.download(name, &mut |piece| {
            ensure!(!self.stop.load(Ordering::Relaxed), "stopped");
            content.compare(piece)
        })?;
        content.finish()
    }

    /// Makes sure that there is something to download.
    fn prepare(&self) -> anyhow::Result<()> {
        let (name, size) = (download_name(self.row.volume), self.row.size());
        if self.row.operation == Operation::Upload {
            return Ok(());
        }
        let Some(folder) = self.folder else {
            return self.remote.upload(&name, &mut Content::new(0, size), size);
        };
        let path = folder.join(name);
        if fs::metadata(&path).is_ok_and(|about| about.len() == size) {
            return Ok(());
        }
        io::copy(&mut Content::new(0, size), &mut File::create(path)?)?;
        Ok(())
    }

    /// Makes sure that what client number `number` has sent is stored, and clears it away.
    fn check_and_clear(&self, number: usize) -> anyhow::Result<()> {
        let name = upload_name(number);
        let Some(folder) = self.folder else {
            let outcome = self.compare(&name, number);
            // The course's first server knows no DELETE; the next upload replaces the file.
            let _ = self.remote.delete(&name);
            return outcome;
        };
        let path = folder.join(name);
        let mut content = Content::new(number, self.row.size());
        let outcome = compare_stored(&path, &mut content);
        fs::remove_file(&path)?;
        outcome
    }
}

impl StressClient {
    /// What one client does that is a process of its own.
    ///
    /// # Errors
    ///
    /// When its transfer fails.
    pub fn run(&self) -> anyhow::Result<()> {
        let Self { server, wire, operation, volume, number, time_limit } = *self;
        let row = Combination { number: 0, operation, volume, clients: 1, servers: 0 };
        let remote = Remote { server, wire, time_limit };
        let (folder, stop) = (None, &AtomicBool::new(false));
        let run = Run { row, remote, clients: Clients::Threads, folder, stop };
        println!("{}", run.transfer(number)?.as_secs_f64());
        Ok(())
    }
}

fn compare_stored(path: &Path, content: &mut Content) -> anyhow::Result<()> {
    let mut file = File::open(path).context("nothing is stored")?;
    let mut piece = vec![0; COMPARED_LEN];
    loop {
        match file.read(&mut piece)? {
            0 => return content.finish(),
            count => content.compare(&piece[..count])?,
        }
    }
}

fn upload_name(number: usize) -> String {
    format!("stress-upload-{number}")
}

fn download_name(volume: u64) -> String {
    format!("stress-download-{volume}")
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
