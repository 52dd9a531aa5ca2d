//! The files of a row, given complete: they are there before it begins, compared, and cleared away.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use crate::stress::content::Content;
use crate::stress::rows::Operation;
use crate::stress::run::Run;

/// How much of a stored file is compared at a time.
const COMPARED_LEN: usize = 256 * 1024;

impl Run<'_> {
    /// Makes sure that there is something to download.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn prepare(&self) -> anyhow::Result<()> {
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

    /// What client number `number` says, once what it has uploaded is compared and cleared away.
    pub fn checked(
        &self,
        number: usize,
        client: anyhow::Result<Duration>,
    ) -> anyhow::Result<Duration> {
        if self.row.operation == Operation::Download {
            return client;
        }
        let stored = self.check_and_clear(number);
        client.and_then(|time| stored.map(|()| time))
    }

    /// Takes away what was there to download, from a server that is not ours.
    pub fn clear(&self) {
        if self.folder.is_none() && self.row.operation == Operation::Download {
            // The course's first server knows no DELETE; there the file stays.
            let _ = self.remote.delete(&download_name(self.row.volume));
        }
    }

    fn check_and_clear(&self, number: usize) -> anyhow::Result<()> {
        let name = upload_name(number);
        let Some(folder) = self.folder else {
            let outcome = self.compare(&name, number);
            // Where there is no DELETE, the next upload replaces the file.
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

/// The name under which a client uploads.
pub fn upload_name(number: usize) -> String {
    format!("stress-upload-{number}")
}

/// The name of the file that all clients download.
pub fn download_name(volume: u64) -> String {
    format!("stress-download-{volume}")
}
