//! What the command line may say to the client.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::arguments::{Wire, seconds};

/// Lists, gets, uploads and deletes files
#[derive(Args)]
pub struct Client {
    /// The server to talk to
    #[arg(value_name = "HOST:PORT")]
    pub server: String,

    /// The language that it speaks
    #[arg(long, value_enum, default_value_t = Wire::Json)]
    pub wire: Wire,

    /// How long to wait for the server each time
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub time_limit: Duration,

    #[command(subcommand)]
    pub action: Action,
}

#[derive(Subcommand)]
pub enum Action {
    /// Show the names of all files
    List,
    /// Bring a file
    Get {
        name: String,
        /// Where to put it, instead of under its name
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Send a file
    Upload {
        file: PathBuf,
        /// The name under which the server stores it
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// Bring it back, and compare
        #[arg(long)]
        verify: bool,
    },
    /// Delete a file
    Delete { name: String },
    /// Show how many transfers have succeeded and failed on the server
    Stats,
}
