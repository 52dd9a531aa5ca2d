//! One client and its clock, and why we may be done with it.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use crate::connection::Connection;
use crate::interest::{Interest, Key, Ready, Source};

/// How many steps a client is heard out for at a time: one that never stops must not keep us.
const LAST_STEPS: usize = 4;

/// The name of nobody: who is heard out has not been reported by the kernel.
const NOBODY: Key = Key::MAX;

/// A client and its clock.
pub struct Client {
    pub connection: Connection,
    /// When bytes moved last, in one direction or the other.
    pub active: Instant,
    /// The time of its alarm.
    pub alarm: Instant,
}

/// Why we are done with a client.
pub enum Why {
    /// It has said all it had to say, and got all of it back.
    Finished,
    /// Its connection failed.
    Broken(io::Error),
    /// Nothing moved for as long as the limit allows.
    Idle,
    /// Ctrl+C, and it has got an answer to all that had arrived.
    Goodbye,
}

impl Client {
    /// What to wait for.
    pub fn source(&self, key: Key) -> Source<'_> {
        Source { key, descriptor: self.connection.as_fd(), interest: self.connection.interest() }
    }

    /// Answers what has arrived, in a few steps; says whether that was all, and nothing is owed.
    ///
    /// # Errors
    ///
    /// When its connection is broken.
    pub fn hear_out(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let ready = Ready { key: NOBODY, readable: true, writable: true };
        for _ in 0..LAST_STEPS {
            let before = self.connection.heard();
            self.connection.step(&ready, buffer)?;
            let Interest { readable, writable } = self.connection.interest();
            if writable || !readable {
                return Ok(false);
            }
            if self.connection.heard() == before {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Why we are done with it, if we are, after a step with this `outcome`: an error, or whether
    /// that was its last.
    pub fn done(&self, outcome: io::Result<bool>) -> Option<Why> {
        match outcome {
            Err(error) => Some(Why::Broken(error)),
            Ok(_) if self.connection.is_finished() => Some(Why::Finished),
            Ok(true) => Some(Why::Goodbye),
            Ok(false) => None,
        }
    }
}
