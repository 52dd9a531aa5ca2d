//! What the command line may say to the stress test.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::arguments::{Mode, Wire, at_least_one, seconds};
use crate::stress::rows::Operation;

/// Measures uploads and downloads with many clients and many workers, in all combinations
#[derive(Args)]
pub struct Stress {
    /// The mode of the servers
    #[arg(long, value_enum, default_value_t = Mode::Thread)]
    pub mode: Mode,

    /// The language that is spoken
    #[arg(long, value_enum, default_value_t = Wire::Json)]
    pub wire: Wire,

    /// What the clients of a row are
    #[arg(long, value_enum, default_value_t = Clients::Threads)]
    pub clients: Clients,

    /// A server that runs already, instead of one for each row
    #[arg(long, value_name = "ADDR:PORT")]
    pub connect: Option<SocketAddr>,

    /// The sizes of the files, in megabytes
    #[arg(long, value_name = "MB,...", value_delimiter = ',', default_value = "10,50,100")]
    pub sizes: Vec<u64>,

    /// How many clients there are
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1,5,50", value_parser = at_least_one)]
    pub client_workers: Vec<usize>,

    /// How many workers the server has
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1,5,50", value_parser = at_least_one)]
    pub server_workers: Vec<usize>,

    /// Files of 1 MB only: to see whether it works
    #[arg(long, conflicts_with = "sizes")]
    pub quick: bool,

    /// Keep the rows that are in the CSV file already
    #[arg(long)]
    pub resume: bool,

    /// Where the table goes, row by row
    #[arg(long, value_name = "FILE", default_value = "stress.csv")]
    pub csv: PathBuf,

    /// The language of its headers
    #[arg(long, value_enum, default_value_t = Headers::Id)]
    pub headers: Headers,

    /// Where the picture goes
    #[arg(long, value_name = "FILE", default_value = "stress.svg")]
    pub svg: PathBuf,

    /// Where the servers' files are while it runs, instead of in the folder for temporary files
    #[arg(long, value_name = "FOLDER")]
    pub storage: Option<PathBuf>,

    /// How long to wait for a server each time
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub time_limit: Duration,
}

/// One client of a stress test, as a process of its own
#[derive(Args)]
pub struct StressClient {
    pub server: SocketAddr,
    pub wire: Wire,
    pub operation: Operation,
    pub volume: u64,
    pub number: usize,
    #[arg(value_parser = seconds)]
    pub time_limit: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Clients {
    Threads,
    Processes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Headers {
    /// Indonesian, as in the course's assignment
    Id,
    /// English
    En,
}
