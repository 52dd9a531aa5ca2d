//! The stress test, given complete but for one row: servers and clients in all combinations, and a
//! table of what they did.

mod content;
mod csv;
mod plot;
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

use crate::arguments::Stress;
use crate::client::remote::Remote;
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
        let volumes = if self.quick { &QUICK[..] } else { &self.sizes };
        let choices =
            Choices { volumes, clients: &self.client_workers, servers: &self.server_workers };
        if self.connect.is_some() && self.server_workers.len() != 1 {
            bail!("with --connect, say how many workers that server has: --server-workers N");
        }
        let earlier = if self.resume { csv::read(&self.csv) } else { Vec::new() };
        let is_done = |row: &Combination| {
            earlier.iter().find(|(done, outcome)| done == row && outcome.is_clean())
        };
        let folder = match self.connect {
            Some(_) => None,
            None => Some(Folder::make(&self.storage.clone().unwrap_or_else(env::temp_dir))?),
        };
        let all = choices.combinations();
        let mut left: u64 =
            all.iter().filter(|row| is_done(row).is_none()).map(Combination::work).sum();
        let (mut rows, mut clock) = (Vec::new(), Clock::default());
        for row in all {
            if let Some(done) = is_done(&row) {
                rows.push(done.clone());
                continue;
            }
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let started = Instant::now();
            let outcome = self.measure(row, folder.as_ref(), stop).unwrap_or_else(|error| {
                let why = Some(format!("{error:#}"));
                let failed = row.clients as u64;
                let clients = crate::wire::sums::Sums { succeeded: 0, failed };
                Outcome { clients, why, ..Outcome::default() }
            });
            if stop.load(Ordering::Relaxed) {
                break;
            }
            clock.add(row.work(), started.elapsed());
            left -= row.work();
            eprintln!("{}; {}", table::line(&row, &outcome), clock.estimate(left));
            rows.push((row, outcome));
            csv::write(&self.csv, &rows, self.headers)
                .with_context(|| format!("cannot write {}", self.csv.display()))?;
        }
        Ok(rows)
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
        let mut outcome = Run { row, remote, clients: self.clients, folder, stop }.measure()?;
        outcome.memory = server.and_then(|server| server.memory());
        Ok(outcome)
    }
}

/// How fast it goes.
#[derive(Default)]
struct Clock {
    work: u64,
    time: Duration,
}

impl Clock {
    fn add(&mut self, work: u64, time: Duration) {
        self.work += work;
        self.time += time;
    }

    /// How long the work that is `left` will take, if it goes on as it went.
    fn estimate(&self, left: u64) -> String {
        let seconds = self.time.as_secs_f64() * left as f64 / self.work.max(1) as f64;
        format!("about {seconds:.0} s left")
    }
}
