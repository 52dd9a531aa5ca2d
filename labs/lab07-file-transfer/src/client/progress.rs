//! How far a transfer is, given complete: on a terminal only.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::ensure;
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// A transfer, how far it is, and whether the user still wants it.
pub struct Progress {
    bar: ProgressBar,
    /// The user has pressed Ctrl+C: what has been begun is to be cleared away.
    stop: Arc<AtomicBool>,
}

impl Progress {
    /// A transfer of `size` bytes, if that is known.
    ///
    /// # Errors
    ///
    /// When the system refuses to hand over the signal.
    pub fn new(size: Option<u64>) -> io::Result<Self> {
        let stop = Arc::default();
        // The second Ctrl+C does not wait for the first.
        flag::register_conditional_shutdown(SIGINT, 1, Arc::clone(&stop))?;
        flag::register(SIGINT, Arc::clone(&stop))?;
        let (bar, template) = match size {
            Some(size) => (
                ProgressBar::new(size),
                "{bar:40} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
            ),
            None => (ProgressBar::no_length(), "{spinner} {bytes} {bytes_per_sec}"),
        };
        bar.set_style(ProgressStyle::with_template(template).expect("a good template"));
        Ok(Self { bar, stop })
    }

    /// Notes that `count` more bytes have been transferred.
    ///
    /// # Errors
    ///
    /// When the user does not want any more.
    pub fn add(&self, count: usize) -> anyhow::Result<()> {
        ensure!(!self.stop.load(Ordering::Relaxed), "stopped");
        self.bar.inc(count as u64);
        Ok(())
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A source that notes how much of it has been read.
pub struct Watched<'a, R> {
    pub source: R,
    pub progress: &'a Progress,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.progress.add(count).map_err(io::Error::other)?;
        Ok(count)
    }
}
