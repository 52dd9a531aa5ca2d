//! One client that moves much: a download or an upload, from the first byte to the last.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::connect;

/// How much is moved at once.
const PIECE_LEN: usize = 256 * 1024;

/// What is moved, and when it is over.
pub struct Bulk {
    pub request: Vec<u8>,
    /// What follows the request.
    pub body: Vec<u8>,
    pub end: End,
}

/// How the end of an answer is known.
#[derive(Clone, Copy)]
pub enum End {
    /// By its length.
    Len(usize),
    /// By these last bytes, after at least so many.
    Text(&'static [u8], usize),
}

/// Moves it once; returns the seconds that took.
///
/// # Errors
///
/// When the server ends early, or answers with an error.
pub fn move_once(bulk: &Bulk, address: SocketAddr) -> Result<f64> {
    let began = Instant::now();
    let mut stream = connect(address)?;
    stream.write_all(&bulk.request)?;
    stream.write_all(&bulk.body)?;
    let mut piece = vec![0; PIECE_LEN];
    let (mut got, mut last) = (0, Vec::new());
    loop {
        let read = stream.read(&mut piece);
        let count = read.with_context(|| format!("nothing more came after {got} bytes"))?;
        ensure!(count > 0, "it ended after {got} bytes: {:?}", String::from_utf8_lossy(&last));
        got += count;
        let whole = match bulk.end {
            End::Len(len) => got >= len,
            End::Text(text, least) => {
                last.extend_from_slice(&piece[count.saturating_sub(text.len())..count]);
                last.drain(..last.len().saturating_sub(text.len()));
                got >= least && last == text
            }
        };
        if whole {
            return Ok(began.elapsed().as_secs_f64());
        }
    }
}
