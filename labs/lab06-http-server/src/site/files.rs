//! A file as a response, given complete: what kind it is, how fresh, and how much of it.

use std::ffi::OsStr;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use httpdate::fmt_http_date;

use crate::message::method::Method;
use crate::message::refusal::Refusal;
use crate::message::request::Request;
use crate::message::response::{Body, Piece, Response, Status};
use crate::site::conditions::State;
use crate::site::range::{Wanted, wanted};
use crate::site::root::Found;
use crate::site::{trouble, types};

/// Files up to this length are read at once, so that head and body leave together.
const SMALL_LEN_MAX: u64 = 64 * 1024;

/// The response that brings a file, or as much of it as the client wants.
///
/// # Errors
///
/// When it is not a regular file, or cannot be read, or the client does not want it any more.
pub fn response(found: Found, name: &OsStr, request: &Request) -> Result<Response, Refusal> {
    let Found { file, about } = found;
    if !about.is_file() {
        return Err(Refusal::NotAFile);
    }
    let state = State::of(&about);
    request.conditions.permit(Some(&state))?;
    if request.conditions.have(&state) {
        return Ok(tagged(Response::new(Status::NOT_MODIFIED, Body::None), state));
    }
    // A part is something that only GET can ask for.
    let range = request.conditions.range(&state).filter(|_| request.method == Method::Get);
    let len = about.len();
    let mut response = match wanted(range, len) {
        Wanted::Whole => Response::new(Status::OK, body(file, 0..len, request.method)?),
        Wanted::Part(part) => {
            let field = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            let mut response = Response::new(Status::PARTIAL, body(file, part, request.method)?);
            response.add("Content-Range", field);
            response
        }
        Wanted::Nothing => return Ok(beyond(len)),
    };
    response.add("Content-Type", types::of(name));
    response.add("Accept-Ranges", "bytes");
    Ok(tagged(response, state))
}

/// Tells the state of the file, so that the client can ask next time whether it still holds.
fn tagged(mut response: Response, state: State) -> Response {
    response.add("Last-Modified", fmt_http_date(state.changed));
    response.add("ETag", state.tag);
    response
}

/// The answer to somebody who wants what is beyond the end of a file with `len` bytes.
fn beyond(len: u64) -> Response {
    let words = format!("416 Range Not Satisfiable: the file has {len} bytes\n").into_bytes();
    let mut response = Response::new(Status::RANGE_NOT_SATISFIABLE, Body::Bytes(words));
    response.add("Content-Type", "text/plain; charset=utf-8");
    response.add("Content-Range", format!("bytes */{len}"));
    response
}

/// The body that brings a part of a file; a small one is read at once.
fn body(file: File, part: Range<u64>, method: Method) -> Result<Body, Refusal> {
    let len = part.end - part.start;
    if len > SMALL_LEN_MAX || method == Method::Head {
        return Ok(Body::Piece(Piece { file, offset: part.start, len }));
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(|_| Refusal::Disk)?];
    file.read_exact_at(&mut bytes, part.start).map_err(trouble::refusal)?;
    Ok(Body::Bytes(bytes))
}
