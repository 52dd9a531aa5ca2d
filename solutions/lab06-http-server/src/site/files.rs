//! A file as a response: what kind it is, how fresh, and how much of it.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::os::unix::fs::FileExt;

use crate::message::method::Method;
use crate::message::refusal::Refusal;
use crate::message::request::Request;
use crate::message::response::{Body, Piece, Response, Status};
use crate::site::{trouble, types};

/// Files up to this length are read at once, so that head and body leave together.
const SMALL_LEN_MAX: u64 = 64 * 1024;

/// The response that brings a file.
///
/// # Errors
///
/// When it is not a regular file, or cannot be read.
pub fn response(
    file: File,
    about: &Metadata,
    name: &OsStr,
    request: &Request,
) -> Result<Response, Refusal> {
    if !about.is_file() {
        return Err(Refusal::NotAFile);
    }
    let piece = Piece { file, offset: 0, len: about.len() };
    let mut response = Response::new(Status::OK, body(piece, request.method)?);
    response.add("Content-Type", types::of(name));
    Ok(response)
}

/// The body that brings a piece of a file; a small one is read at once.
fn body(piece: Piece, method: Method) -> Result<Body, Refusal> {
    if piece.len > SMALL_LEN_MAX || method == Method::Head {
        return Ok(Body::Piece(piece));
    }
    let mut bytes = vec![0; usize::try_from(piece.len).map_err(|_| Refusal::Disk)?];
    piece.file.read_exact_at(&mut bytes, piece.offset).map_err(trouble::refusal)?;
    Ok(Body::Bytes(bytes))
}
