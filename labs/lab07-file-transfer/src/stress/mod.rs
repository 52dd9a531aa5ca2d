//! The stress test, given complete but for one row: servers and clients in all combinations, and a
//! table of what they did.

mod content;
mod csv;
mod files;
mod plot;
mod process;
pub mod rows;
mod run;
mod server;
mod table;

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::arguments::stress::Stress;
use crate::client::remote::Remote;
use crate::wire::sums::Sums;
use rows::{Choices, Combination, Outcome};
use run::Run;
use server::{Folder, Server};

/// The sizes of a quick run, in megabytes.
const QUICK: [u64; 1] = [1];

/// Measures all combinations that are not in the file yet.
///
/// # Errors
///
/// When a row has failed, or nothing can be measured or written at all.
pub fn run(stress: &Stress) -> anyhow::Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Whoever presses Ctrl+C twice does not wait until everything is cleared away.
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    let rows = stress.measure_all(&stop)?;
    table::show(&rows);
    plot::draw(&stress.svg, &rows)?;
    println!("written: {} and {}", stress.csv.display(), stress.svg.display());
    ensure!(!stop.load(Ordering::Relaxed), "stopped; --resume goes on from here");
    let failed = rows.iter().filter(|(_, outcome)| !outcome.is_clean()).count();
    ensure!(failed == 0, "{failed} of {} rows have failures", rows.len());
    Ok(())
}

impl Stress {
    fn measure_all(&self, stop: &AtomicBool) -> anyhow::Result<Vec<(Combination, Outcome)>> {
        let all = self.combinations()?;
        let mut rows = if self.resume { csv::read(&self.csv) } else { Vec::new() };
        rows.retain(|(row, outcome)| all.contains(row) && outcome.is_clean());
        let is_done = |row: &Combination| rows.iter().any(|(done, _)| done == row);
        let all: Vec<_> = all.into_iter().filter(|row| !is_done(row)).collect();
        let folder = match self.connect {
            Some(_) => None,
            None => Some(Folder::make(&self.storage.clone().unwrap_or_else(env::temp_dir))?),
        };
        let mut clock = Clock::new(&all);
        for row in all {
            let outcome = clock.time(row, || self.measure(row, folder.as_ref(), stop));
            if stop.load(Ordering::Relaxed) {
                break;
            }
            eprintln!("{}; {}", table::line(&row, &outcome), clock.estimate());
            rows.push((row, outcome));
            rows.sort_by_key(|(row, _)| row.number);
            let place = || format!("cannot write {}", self.csv.display());
            csv::write(&self.csv, &rows, self.headers).with_context(place)?;
        }
        Ok(rows)
    }

    fn combinations(&self) -> anyhow::Result<Vec<Combination>> {
        if self.connect.is_some() && self.server_workers.len() != 1 {
            bail!("with --connect, say how many workers that server has: --server-workers N");
        }
        let volumes = if self.quick { &QUICK[..] } else { &self.sizes };
        let (clients, servers) = (&self.client_workers, &self.server_workers);
        Ok(Choices { volumes, clients, servers }.combinations())
    }

    /// Measures one row, with a server of its own unless the user has one.
    fn measure(
        &self,
        row: Combination,
        folder: Option<&Folder>,
        stop: &AtomicBool,
    ) -> anyhow::Result<Outcome> {
        let server = match folder {
            Some(folder) => Some(Server::start(self.mode, row.servers, self.wire, &folder.path)?),
            None => None,
        };
        let address = server.as_ref().map(|server| server.address).or(self.connect);
        let address = address.context("there is no server")?;
        let remote = Remote { server: address, wire: self.wire, time_limit: self.time_limit };
        let folder = folder.map(|folder| folder.path.as_path());
        let run = Run { row, remote, clients: self.clients, folder, stop };
        let outcome = run.measure();
        run.clear();
        let mut outcome = outcome?;
        outcome.memory = server.and_then(|server| server.memory());
        Ok(outcome)
    }
}

/// How fast it goes.
struct Clock {
    /// How many bytes have been moved, and how many are to be.
    done: u64,
    left: u64,
    time: Duration,
}

impl Clock {
    fn new(rows: &[Combination]) -> Self {
        Self { done: 0, left: rows.iter().map(Combination::work).sum(), time: Duration::ZERO }
    }

    /// Measures a row, and how long that takes. A row that cannot be measured has failed, and the
    /// next one is measured all the same.
    fn time(
        &mut self,
        row: Combination,
        measure: impl FnOnce() -> anyhow::Result<Outcome>,
    ) -> Outcome {
        let started = Instant::now();
        let outcome = measure().unwrap_or_else(|error| Outcome {
            clients: Sums { succeeded: 0, failed: row.clients as u64 },
            why: Some(format!("{error:#}")),
            ..Outcome::default()
        });
        self.done += row.work();
        self.left -= row.work();
        self.time += started.elapsed();
        outcome
    }

    /// How long the rest will take, if it goes on as it went.
    fn estimate(&self) -> String {
        let speed = self.done as f64 / self.time.as_secs_f64();
        format!("about {:.0} s left", self.left as f64 / speed)
    }
}
