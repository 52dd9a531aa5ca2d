//! The rows of the stress table, given complete: every combination once, and what was measured in it.

use std::fmt::{self, Display};
use std::time::Duration;

use clap::ValueEnum;

use crate::wire::sums::Sums;

/// How many bytes a megabyte has here.
pub const MEGABYTE: u64 = 1_000_000;

/// What the clients of a row do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Operation {
    Upload,
    Download,
}

/// One combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Combination {
    /// Its place in the table, from 1.
    pub number: usize,
    pub operation: Operation,
    /// The size of a file, in megabytes.
    pub volume: u64,
    pub clients: usize,
    pub servers: usize,
}

/// What is combined.
pub struct Choices<'a> {
    pub volumes: &'a [u64],
    pub clients: &'a [usize],
    pub servers: &'a [usize],
}

/// What was measured in one combination.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What one client took, on average.
    pub seconds: f64,
    /// How many bytes a second one client moved, on average.
    pub throughput: f64,
    /// How many clients succeeded and failed.
    pub clients: Sums,
    /// How many transfers the server has counted; not every server counts.
    pub server: Option<Sums>,
    /// The most memory that the server has had, in bytes, where the system tells.
    pub memory: Option<u64>,
    /// Why the first of those that failed did.
    pub why: Option<String>,
}

impl Choices<'_> {
    /// All combinations, in the order of the table.
    pub fn combinations(&self) -> Vec<Combination> {
        let mut rows = Vec::new();
        for operation in [Operation::Download, Operation::Upload] {
            for &volume in self.volumes {
                for (clients, servers) in self.workers() {
                    let number = rows.len() + 1;
                    rows.push(Combination { number, operation, volume, clients, servers });
                }
            }
        }
        rows
    }

    fn workers(&self) -> impl Iterator<Item = (usize, usize)> {
        let servers = |clients| self.servers.iter().map(move |servers| (clients, *servers));
        self.clients.iter().copied().flat_map(servers)
    }
}

impl Combination {
    /// The size of a file in bytes.
    pub fn size(&self) -> u64 {
        self.volume * MEGABYTE
    }

    /// How many bytes all clients move together.
    pub fn work(&self) -> u64 {
        self.size() * self.clients as u64
    }
}

impl Outcome {
    /// Sums up what the clients of a row say: how long each has taken for `size` bytes. Who has
    /// failed counts as failed, and in no mean.
    pub fn of(clients: &[anyhow::Result<Duration>], size: u64) -> Self {
        let times: Vec<f64> = clients.iter().flatten().map(Duration::as_secs_f64).collect();
        let mean = |sum: f64| if times.is_empty() { 0.0 } else { sum / times.len() as f64 };
        let succeeded = times.len() as u64;
        Self {
            seconds: mean(times.iter().sum()),
            throughput: mean(times.iter().map(|time| size as f64 / time).sum()),
            clients: Sums { succeeded, failed: clients.len() as u64 - succeeded },
            why: clients.iter().find_map(|it| it.as_ref().err()).map(|it| format!("{it:#}")),
            ..Self::default()
        }
    }

    /// Whether nobody has failed, as far as anybody knows.
    pub fn is_clean(&self) -> bool {
        self.clients.failed == 0 && self.server.is_none_or(|sums| sums.failed == 0)
    }
}

impl Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Upload => "upload",
            Self::Download => "download",
        })
    }
}

impl Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, operation, volume, clients, servers } = self;
        write!(
            f,
            "row {number}: {operation} of {volume} MB, {clients} clients, {servers} server workers"
        )
    }
}
