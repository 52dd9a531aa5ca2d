//! The head of a request, and what it means (RFC 9112, sections 3 and 5 to 7).
//!
//! ```text
//!   GET /a.txt HTTP/1.1\r\n      request line: method, target, version
//!   Host: 127.0.0.1:8080\r\n     fields
//!   \r\n                         the end of the head
//! ```

use httparse::{EMPTY_HEADER, Error, Status};

use crate::message::fields::Fields;
use crate::message::framing::Framing;
use crate::message::method::Method;
use crate::message::refusal::Refusal;
use crate::message::target;

/// The longest request line.
pub const LINE_LEN_MAX: usize = 8 * 1024;

/// The longest head, with its request line and its end.
pub const HEAD_LEN_MAX: usize = 16 * 1024;

/// The most fields in a head.
pub const FIELDS_MAX: usize = 100;

/// A request, as far as its head tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// Its path, still encoded and without the query; `*` stands for the server as a whole.
    pub path: String,
    pub version: Version,
    pub framing: Framing,
    /// The client may send another request after this one.
    pub keeps_open: bool,
    /// The client waits for our word before it sends the body.
    pub expects_continue: bool,
    pub conditions: Conditions,
    /// Under which name an upload is to be stored.
    pub filename: Option<Vec<u8>>,
}

/// Which HTTP/1 the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Http10,
    Http11,
}

/// Under which conditions a client wants a file, and what part of it; as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    pub if_modified_since: Option<String>,
    pub if_unmodified_since: Option<String>,
    pub if_range: Option<String>,
    pub range: Option<String>,
}

impl Request {
    /// The request at the beginning of `bytes` and the length of its head, as soon as that is
    /// whole; `None` means "not yet".
    ///
    /// # Errors
    ///
    /// When these bytes are not the beginning of a request, whatever follows them.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Refusal> {
        refuse_long_line(bytes)?;
        todo!(
            "exercise 6.1 of lab06 (HTTP server, three ways): One request, one response.

    Let httparse read the head of a request, in at most HEAD_LEN_MAX bytes and with at
    most FIELDS_MAX fields. When it is whole, return what it means (`meant_by`) and how
    long it is. When more must come, it is not there yet; if there is no room for more,
    refuse it as too long. What the parser refuses is an affair of `look_again`.

    check it          cargo test -p lab06 -- ex6_1
    see it finished   cargo run -p solution06
    read about it     book/src/lab06-http-server.md
"
        )
    }

    /// Looks once more at a head that the parser refuses, if that is because of the version. A
    /// later HTTP/1 is understood by whoever understands HTTP/1.1 (RFC 9110, section 2.5).
    fn look_again(error: Error, bytes: &[u8]) -> Result<Option<(Self, usize)>, Refusal> {
        if error != Error::Version {
            return Err(error.into());
        }
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let end = bytes[..end].trim_ascii_end().len();
        match bytes[..end].last_chunk() {
            Some([b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9']) => {
                let mut bytes = bytes.to_vec();
                bytes[end - 1] = b'1';
                Self::parse(&bytes)
            }
            Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor])
                if *major != b'1' && major.is_ascii_digit() && minor.is_ascii_digit() =>
            {
                Err(Refusal::Version)
            }
            _ => Err(Refusal::RequestLine),
        }
    }

    /// What a head means that is well-formed.
    fn meant_by(head: &httparse::Request<'_, '_>) -> Result<Self, Refusal> {
        let fields = Fields(head.headers);
        let version = if head.version == Some(0) { Version::Http10 } else { Version::Http11 };
        let method = Method::named(head.method.unwrap_or_default());
        check_host(version, fields)?;
        Ok(Self {
            method,
            path: target::path(method, head.path.unwrap_or_default())?,
            version,
            framing: Framing::of(version, fields)?,
            keeps_open: keeps_open(version, fields),
            expects_continue: expects_continue(version, fields)?,
            conditions: Conditions::of(fields),
            filename: fields.all("Filename").next().map(<[u8]>::to_vec),
        })
    }
}

impl Conditions {
    fn of(fields: Fields<'_>) -> Self {
        Self {
            if_match: fields.text("If-Match"),
            if_none_match: fields.text("If-None-Match"),
            if_modified_since: fields.text("If-Modified-Since"),
            if_unmodified_since: fields.text("If-Unmodified-Since"),
            if_range: fields.text("If-Range"),
            range: fields.text("Range"),
        }
    }
}

/// How many bytes of empty lines stand before the next request: they are no part of it
/// (RFC 9112, section 2.2).
pub fn empty_lines(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some(next) = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")) {
        rest = next;
    }
    bytes.len() - rest.len()
}

/// Refuses a request line that is too long as soon as that is certain.
fn refuse_long_line(bytes: &[u8]) -> Result<(), Refusal> {
    match bytes.get(..=LINE_LEN_MAX) {
        Some(line) if !line.contains(&b'\n') => Err(Refusal::LineTooLong),
        _ => Ok(()),
    }
}

/// A client of HTTP/1.1 says with whom it wants to talk (RFC 9112, section 3.2).
fn check_host(version: Version, fields: Fields<'_>) -> Result<(), Refusal> {
    match fields.at_most_one("Host", Refusal::Host)? {
        Some(host) if target::is_authority(host) => Ok(()),
        None if version == Version::Http10 => Ok(()),
        _ => Err(Refusal::Host),
    }
}

/// Whether the client may send another request after this one (RFC 9112, section 9.3).
fn keeps_open(version: Version, fields: Fields<'_>) -> bool {
    // Exercise 6.4: Keep-alive and pipelining.
    //     Say whether another request may follow this one: in HTTP/1.1 unless the client asks
    //     for `close`, in HTTP/1.0 only if it asks for `keep-alive` and not for `close`.
    //     check it: cargo test -p lab06 -- ex6_4
    //
    // It ends every connection behind its first response.
    false
}

/// Whether the client waits for `100 Continue` (RFC 9110, section 10.1.1).
fn expects_continue(version: Version, fields: Fields<'_>) -> Result<bool, Refusal> {
    let mut expectations = fields.list("Expect");
    if expectations.any(|it| !it.eq_ignore_ascii_case(b"100-continue")) {
        return Err(Refusal::Expectation);
    }
    Ok(version == Version::Http11 && fields.all("Expect").next().is_some())
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::HeaderName | Error::HeaderValue => Self::FieldLine,
            Error::TooManyHeaders => Self::HeadTooLong,
            _ => Self::RequestLine,
        }
    }
}
