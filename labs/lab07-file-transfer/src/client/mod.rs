//! The client, given complete but for the two transfers in `json.rs`.

mod json;
pub mod progress;
mod raw;
pub mod remote;
mod reply;

use std::fs::File;
use std::io::Read;
use std::net::ToSocketAddrs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};

use crate::arguments::client::{Action, Client};
use crate::store::arrival::Arrival;
use crate::store::name::plain;
use crate::wire::refusal::Refusal;
use progress::{Progress, Watched};
use remote::Remote;

/// Does what the user wants of the server.
///
/// # Errors
///
/// When it cannot be done; the error is one sentence that says how.
pub fn run(client: Client) -> anyhow::Result<()> {
    let remote = client.remote()?;
    match client.action {
        Action::List => {
            remote.list()?.iter().for_each(|name| println!("{}", name.escape_debug()));
        }
        Action::Get { name, output } => get(&remote, &name, output)?,
        Action::Upload { file, name, verify } => upload(&remote, &file, name, verify)?,
        Action::Delete { name } => {
            remote.delete(&name)?;
            println!("{name} is deleted");
        }
        Action::Stats => {
            let sums = remote.stats()?;
            println!("{} succeeded, {} failed", sums.succeeded, sums.failed);
        }
    }
    Ok(())
}

impl Client {
    /// The server that is meant.
    fn remote(&self) -> anyhow::Result<Remote> {
        let mut addresses = self.server.to_socket_addrs();
        let address = addresses.as_mut().map(Iterator::next);
        let server = address.map_err(|error| anyhow!("cannot find {}: {error}", self.server))?;
        let server = server.with_context(|| format!("cannot find {}", self.server))?;
        Ok(Remote { server, wire: self.wire, time_limit: self.time_limit })
    }
}

/// Brings the file `name`, whole or not at all.
fn get(remote: &Remote, name: &str, output: Option<PathBuf>) -> anyhow::Result<()> {
    let path = match output {
        Some(path) => path,
        None => plain(name).map_err(said)?.into(),
    };
    let place = || format!("cannot write {}", path.display());
    let mut arrival = Arrival::begin(path.clone(), u64::MAX).map_err(said).with_context(place)?;
    let (progress, mut size) = (Progress::new(None)?, 0);
    remote.download(name, &mut |piece| {
        size += piece.len();
        progress.add(piece.len())?;
        arrival.write(piece).map_err(said).with_context(place)
    })?;
    progress.finish();
    arrival.finish().map_err(said).with_context(place)?;
    println!("{name} is here: {size} bytes in {}", path.display());
    Ok(())
}

/// Sends the file at `path`; on request, makes sure that what then comes back is the same.
fn upload(remote: &Remote, path: &Path, name: Option<String>, verify: bool) -> anyhow::Result<()> {
    let place = || format!("cannot read {}", path.display());
    let own_name = path.file_name().and_then(|name| name.to_str()).map(str::to_string);
    let name = name.or(own_name).context("this file needs a name: --as NAME")?;
    let source = File::open(path).with_context(place)?;
    let about = source.metadata().with_context(place)?;
    ensure!(about.is_file(), "{} is not a file", path.display());
    let progress = Progress::new(Some(about.len()))?;
    remote.upload(&name, &mut Watched { source, progress: &progress }, about.len())?;
    progress.finish();
    if verify {
        compare(remote, &name, &mut File::open(path).with_context(place)?)?;
    }
    println!("{name} is stored: {} bytes", about.len());
    Ok(())
}

/// Makes sure that the file `name` has the same content as `original`.
fn compare(remote: &Remote, name: &str, original: &mut File) -> anyhow::Result<()> {
    let mut expected = Vec::new();
    remote.download(name, &mut |piece| {
        expected.resize(piece.len(), 0);
        let is_same = original.read_exact(&mut expected).is_ok() && expected == piece;
        ensure!(is_same, "what has come back of {name} is not what was sent");
        Ok(())
    })?;
    ensure!(original.read(&mut [0])? == 0, "only a part of {name} has come back");
    Ok(())
}

/// Our own disk is not the server: what it says must not be taken for trouble with the connection.
fn said(refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::Disk(error) => anyhow!("{error}"),
        Refusal::NotFound => anyhow!("there is no such folder"),
        other => anyhow!("{other}"),
    }
}
