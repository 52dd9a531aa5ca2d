//! One client that moves much: a download or an upload, from the first byte to the last.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nix::sys::socket::{MsgFlags, recv};

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
pub struct End {
    /// So many bytes come first, whatever they are.
    pub unseen: usize,
    /// What ends the rest; if this is nothing, there is no rest.
    pub text: &'static [u8],
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
    let mut unseen = 0;
    while unseen < bulk.end.unseen {
        let count = discard(&stream, &mut piece, bulk.end.unseen - unseen)
            .with_context(|| format!("nothing more came after {unseen} bytes"))?;
        ensure!(count > 0, "it ended after {unseen} bytes");
        unseen += count;
    }
    let mut rest = Vec::new();
    while !rest.ends_with(bulk.end.text) {
        let count = stream.read(&mut piece)?;
        rest.extend_from_slice(&piece[..count]);
        ensure!(
            count > 0 && rest.len() <= PIECE_LEN,
            "the end did not come: {:?}",
            String::from_utf8_lossy(&rest[..rest.len().min(100)])
        );
    }
    Ok(began.elapsed().as_secs_f64())
}

/// Has the kernel throw away what has come, at most `most` bytes: copying them to us would cost the
/// load more than some servers spend on sending them.
fn discard(stream: &TcpStream, piece: &mut [u8], most: usize) -> io::Result<usize> {
    let room = most.min(piece.len());
    Ok(recv(stream.as_raw_fd(), &mut piece[..room], MsgFlags::MSG_TRUNC)?)
}
