//! The second protocol, given complete: lines that end in CR LF, and files as they are.
//!
//! ```text
//!   LIST\r\n                    names joined by LF, then \r\n\r\n
//!   DOWNLOAD name\r\n           size\r\n, and so many bytes
//!   UPLOAD name size\r\n        (so many bytes follow)    200 OK\r\n
//!   DELETE name\r\n             200 OK\r\n
//!   STATS\r\n                   succeeded failed\r\n
//!   anything that fails         code text\r\n
//! ```

use std::fmt::{self, Display};

use memchr::memmem;

use crate::wire::refusal::Refusal;
use crate::wire::request::HEAD_LEN_MAX;

/// What ends a line.
const LINE_END: &str = "\r\n";

/// The reply to what is done and brings nothing.
pub const DONE: &str = "200 OK\r\n";

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    List,
    Download(String),
    /// Under this name, the next so many bytes.
    Upload(String, u64),
    Delete(String),
    Stats,
}

/// A line of a client's.
#[derive(Debug)]
pub struct Line {
    /// How many bytes it has, with its end.
    pub len: usize,
    pub request: Result<Request, Refusal>,
}

/// The line at the front of `bytes`, as soon as it is whole or too long; `None` means "not yet".
pub fn line(bytes: &[u8]) -> Option<Line> {
    let bytes = &bytes[..bytes.len().min(HEAD_LEN_MAX + LINE_END.len())];
    match memmem::find(bytes, LINE_END.as_bytes()) {
        Some(len) => Some(Line { len: len + LINE_END.len(), request: parse(&bytes[..len]) }),
        None if bytes.len() < HEAD_LEN_MAX + LINE_END.len() => None,
        None => Some(Line { len: bytes.len(), request: Err(Refusal::TooLong) }),
    }
}

fn parse(line: &[u8]) -> Result<Request, Refusal> {
    let line = str::from_utf8(line).map_err(|_| Refusal::NotText)?;
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let name = || if rest.is_empty() { Err(Refusal::NoName) } else { Ok(rest.to_string()) };
    match verb.to_ascii_uppercase().as_str() {
        "" => Err(Refusal::Empty),
        "LIST" => Ok(Request::List),
        "STATS" => Ok(Request::Stats),
        "DOWNLOAD" => name().map(Request::Download),
        "DELETE" => name().map(Request::Delete),
        "UPLOAD" => {
            let (name, size) = rest.rsplit_once(' ').ok_or(Refusal::NoSize)?;
            Ok(Request::Upload(name.to_string(), size.parse().map_err(|_| Refusal::NoSize)?))
        }
        _ => Err(Refusal::Unknown),
    }
}

/// The reply to LIST. A name with a line end in it would look like two, so it is left out.
pub fn list(names: &[String]) -> String {
    let names = names.iter().filter(|name| !name.contains(['\r', '\n']));
    names.map(String::as_str).collect::<Vec<_>>().join("\n") + "\r\n\r\n"
}

/// The reply to what is not done.
pub fn error(refusal: &Refusal) -> String {
    format!("{} {refusal}\r\n", refusal.code())
}

/// As it is shown, with nothing in it that a terminal would obey.
impl Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("LIST"),
            Self::Download(name) => write!(f, "DOWNLOAD {}", name.escape_debug()),
            Self::Upload(name, size) => write!(f, "UPLOAD {} {size}", name.escape_debug()),
            Self::Delete(name) => write!(f, "DELETE {}", name.escape_debug()),
            Self::Stats => f.write_str("STATS"),
        }
    }
}
