//! What we owe a client, given complete: bytes, and behind them perhaps a piece of a file.

use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;

use crate::message::response::{Body, Piece, Response};

/// From here on we owe a client so much that we answer no more requests.
pub const HIGH_WATER: usize = 192 * 1024;

/// How much of a file one step sends: a long one must not keep the others waiting.
const PIECE_STEP_LEN: u64 = 1024 * 1024;

/// Taken from the site and not yet by the kernel.
#[derive(Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    /// How many at the front have been taken by the kernel.
    sent: usize,
    /// What follows the bytes. Nothing is put behind it until all of it has been sent.
    piece: Option<Piece>,
    /// Nothing will be put in any more.
    is_last: bool,
    /// The kernel holds back what does not fill a segment.
    corked: bool,
}

impl Outbox {
    /// Whether another response may be put in.
    pub fn has_room(&self) -> bool {
        self.piece.is_none() && self.bytes.len() - self.sent < HIGH_WATER
    }

    /// Whether we owe nothing.
    pub fn is_empty(&self) -> bool {
        self.piece.is_none() && self.bytes.is_empty()
    }

    /// Puts in bytes.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Hears that nothing will be put in any more: the end can travel with the last bytes.
    pub fn end(&mut self) {
        self.is_last = true;
    }

    /// Puts in a response. Its head and a body of bytes lie together, so they leave together.
    pub fn put_response(&mut self, response: Response) {
        self.put(response.head().as_bytes());
        match response.body {
            _ if response.head_only => {}
            Body::None => {}
            Body::Bytes(bytes) => self.put(&bytes),
            Body::Piece(piece) => self.piece = Some(piece).filter(|piece| piece.len > 0),
        }
    }

    /// Sends what the kernel takes now; returns how many bytes that was.
    ///
    /// # Errors
    ///
    /// When the connection is broken, or a file has become shorter than we have said.
    pub fn send(&mut self, stream: &TcpStream) -> io::Result<u64> {
        let mut count = 0;
        if (self.piece.is_some() || self.is_last) && !self.corked {
            self.cork(stream, true)?;
        }
        if self.sent < self.bytes.len() {
            count += now(|| (&mut &*stream).write(&self.bytes[self.sent..]))?;
            self.sent += count;
        }
        if self.sent < self.bytes.len() {
            return Ok(count as u64);
        }
        (self.bytes, self.sent) = (Vec::new(), 0);
        Ok(count as u64 + self.send_piece(stream)?)
    }

    /// Sends what the kernel takes now of the piece, if there is one.
    fn send_piece(&mut self, stream: &TcpStream) -> io::Result<u64> {
        let Some(piece) = &mut self.piece else { return Ok(0) };
        let count = now(|| send_file(stream, piece, piece.len.min(PIECE_STEP_LEN)))? as u64;
        piece.offset += count;
        piece.len -= count;
        if piece.len == 0 {
            self.piece = None;
            self.cork(stream, self.is_last)?;
        }
        Ok(count)
    }

    /// Lets nothing but full segments out, or also what is left. While a file is on its way, small
    /// ones would only be more work for both sides; and behind the last bytes comes the end, which
    /// lets everything out.
    fn cork(&mut self, stream: &TcpStream, is_shut: bool) -> io::Result<()> {
        self.corked = is_shut;
        set_cork(stream, is_shut)
    }
}

/// Lets the kernel move the first `len` bytes of a piece from the disk to the connection.
#[cfg(target_os = "linux")]
fn send_file(stream: &TcpStream, piece: &Piece, len: u64) -> io::Result<usize> {
    let mut offset = i64::try_from(piece.offset).map_err(io::Error::other)?;
    let len = usize::try_from(len).map_err(io::Error::other)?;
    match nix::sys::sendfile::sendfile64(stream, &piece.file, Some(&mut offset), len)? {
        // The file ends here now, and no byte that we could send in its place would be right.
        0 => Err(ErrorKind::UnexpectedEof.into()),
        count => Ok(count),
    }
}

/// Moves a part of the first `len` bytes of a piece from the disk to the connection.
#[cfg(not(target_os = "linux"))]
fn send_file(mut stream: &TcpStream, piece: &Piece, len: u64) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    let mut buffer = vec![0; usize::try_from(len.min(256 * 1024)).map_err(io::Error::other)?];
    // The file may have become shorter, and no byte that we could send in its place would be right.
    piece.file.read_exact_at(&mut buffer, piece.offset)?;
    stream.write(&buffer)
}

#[cfg(target_os = "linux")]
fn set_cork(stream: &TcpStream, is_shut: bool) -> io::Result<()> {
    socket2::SockRef::from(stream).set_tcp_cork(is_shut)
}

#[cfg(not(target_os = "linux"))]
fn set_cork(_: &TcpStream, _: bool) -> io::Result<()> {
    Ok(())
}

/// How much was sent, which is nothing if the call only said "not now", or was interrupted.
fn now(send: impl FnOnce() -> io::Result<usize>) -> io::Result<usize> {
    match send() {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            Ok(0)
        }
        other => other,
    }
}
