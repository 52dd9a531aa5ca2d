//! The requests of the base64 protocol.
//!
//! ```text
//!   LIST\r\n\r\n
//!   GET name\r\n\r\n
//!   UPLOAD name content-as-base64\r\n\r\n
//!   DELETE name\r\n\r\n
//!   STATS\r\n\r\n                            (ours: the first file server has no such request)
//! ```
//!
//! Only the content of an upload may be long. So a request has a head, which is short and is taken
//! when it is whole, and content, which is taken as it comes.

use std::fmt::{self, Display};

use memchr::{memchr, memmem};

use crate::wire::refusal::Refusal;

/// What ends a request, and a reply.
pub const END: &str = "\r\n\r\n";

/// The longest head of a request, without its end.
pub const HEAD_LEN_MAX: usize = 1024;

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The names of all files.
    List,
    /// The file of this name.
    Get(String),
    /// To store what follows under this name.
    Upload(String),
    /// To delete the file of this name.
    Delete(String),
    /// How many transfers have succeeded and failed.
    Stats,
}

/// The head of a request.
#[derive(Debug)]
pub struct Head {
    /// How many bytes it has, with its end if that has come.
    pub len: usize,
    /// Whether content follows, up to the next end: that of an upload, or of something refused.
    pub has_content: bool,
    /// What is wanted.
    pub request: Result<Request, Refusal>,
}

/// What of the content has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// How many bytes of it stand at the front.
    pub len: usize,
    /// Whether its end follows.
    pub is_last: bool,
}

/// The head at the front of `bytes`, as soon as it is whole or too long; `None` means "not yet".
pub fn head(bytes: &[u8]) -> Option<Head> {
    todo!(
        "exercise 7.1 of lab07 (File transfer): Requests out of the stream.

    Look for END in the first HEAD_LEN_MAX + END.len() bytes; the line stands in front
    of it. If `upload` knows the line, its content follows: that head is there as soon
    as its second space is. Otherwise a head is there with its end. Without one it is
    not there yet, or if there is no room for more, it is refused as too long: that head
    takes none of the bytes (`len` is 0), and all of them are content to be skipped.

    check it          cargo test -p lab07 -- ex7_1
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
    )
}

/// What of the content stands at the front of `bytes`. What may be the beginning of its end does
/// not count.
pub fn content(bytes: &[u8]) -> Content {
    let mut from = 0;
    while let Some(place) = memchr(b'\r', &bytes[from..]) {
        let rest = &bytes[from + place..];
        if rest.starts_with(END.as_bytes()) || END.as_bytes().starts_with(rest) {
            return Content { len: from + place, is_last: rest.len() >= END.len() };
        }
        from += place + 1;
    }
    Content { len: bytes.len(), is_last: false }
}

/// The name in `UPLOAD name `, and how many bytes that has, if `line` begins so. The content is
/// what follows, and may be nothing; but the space must be there.
fn upload(line: &[u8]) -> Option<(Result<String, Refusal>, usize)> {
    let (verb, rest) = split(line);
    let rest = rest.filter(|_| verb.eq_ignore_ascii_case(b"UPLOAD"))?;
    let (name, content) = split(rest);
    content?;
    Some((text(name), verb.len() + name.len() + 2))
}

/// What a whole `line` asks for, unless that is an upload with content.
fn parse(line: &[u8]) -> Result<Request, Refusal> {
    if line.is_empty() {
        return Err(Refusal::Empty);
    }
    let (verb, name) = split(line);
    let name = || name.ok_or(Refusal::NoName).and_then(text);
    match verb.to_ascii_uppercase().as_slice() {
        b"LIST" => Ok(Request::List),
        b"STATS" => Ok(Request::Stats),
        b"GET" => name().map(Request::Get),
        b"DELETE" => name().map(Request::Delete),
        b"UPLOAD" => Err(Refusal::NoContent),
        _ if str::from_utf8(line).is_err() => Err(Refusal::NotText),
        _ => Err(Refusal::Unknown),
    }
}

/// What stands in front of the first space, and what behind it.
fn split(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr(b' ', bytes) {
        Some(place) => (&bytes[..place], Some(&bytes[place + 1..])),
        None => (bytes, None),
    }
}

fn text(name: &[u8]) -> Result<String, Refusal> {
    match str::from_utf8(name) {
        Ok("") => Err(Refusal::NoName),
        Ok(name) => Ok(name.to_string()),
        Err(_) => Err(Refusal::NotText),
    }
}

/// As it is shown, with nothing in it that a terminal would obey.
impl Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("LIST"),
            Self::Get(name) => write!(f, "GET {}", name.escape_debug()),
            Self::Upload(name) => write!(f, "UPLOAD {}", name.escape_debug()),
            Self::Delete(name) => write!(f, "DELETE {}", name.escape_debug()),
            Self::Stats => f.write_str("STATS"),
        }
    }
}
