//! Responses, and how they look on the wire.
//!
//! ```text
//!   HTTP/1.1 200 OK\r\n               status line
//!   Date: Fri, 20 Nov 2026 …\r\n      fields
//!   Content-Length: 5\r\n             how many bytes follow the head
//!   \r\n                              the end of the head
//!   hello                             the body
//! ```

use std::borrow::Cow;
use std::fs::File;
use std::time::SystemTime;

use crate::message::method::Method;

/// The name of this server.
const SERVER: &str = "wirelab";

/// A number for programs, and words for people (RFC 9110, section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub code: u16,
    pub reason: &'static str,
}

/// A response that has not been written yet.
#[derive(Debug)]
pub struct Response {
    pub status: Status,
    fields: Vec<(&'static str, Cow<'static, str>)>,
    pub body: Body,
    /// The body is only described, not sent: the answer to HEAD.
    pub head_only: bool,
}

/// What follows the head.
#[derive(Debug)]
pub enum Body {
    /// Nothing, and nothing is said of it: 204 and 304.
    None,
    /// These bytes.
    Bytes(Vec<u8>),
    /// A piece of a file, which is read while it is sent.
    Piece(Piece),
}

/// A piece of a file.
#[derive(Debug)]
pub struct Piece {
    pub file: File,
    pub offset: u64,
    pub len: u64,
}

impl Status {
    pub const OK: Self = Self::new(200, "OK");
    pub const NO_CONTENT: Self = Self::new(204, "No Content");
    pub const PARTIAL: Self = Self::new(206, "Partial Content");
    pub const MOVED: Self = Self::new(301, "Moved Permanently");
    pub const NOT_MODIFIED: Self = Self::new(304, "Not Modified");
    pub const BAD_REQUEST: Self = Self::new(400, "Bad Request");
    pub const FORBIDDEN: Self = Self::new(403, "Forbidden");
    pub const NOT_FOUND: Self = Self::new(404, "Not Found");
    pub const METHOD_NOT_ALLOWED: Self = Self::new(405, "Method Not Allowed");
    pub const REQUEST_TIMEOUT: Self = Self::new(408, "Request Timeout");
    pub const CONFLICT: Self = Self::new(409, "Conflict");
    pub const LENGTH_REQUIRED: Self = Self::new(411, "Length Required");
    pub const PRECONDITION_FAILED: Self = Self::new(412, "Precondition Failed");
    pub const CONTENT_TOO_LARGE: Self = Self::new(413, "Content Too Large");
    pub const URI_TOO_LONG: Self = Self::new(414, "URI Too Long");
    pub const RANGE_NOT_SATISFIABLE: Self = Self::new(416, "Range Not Satisfiable");
    pub const EXPECTATION_FAILED: Self = Self::new(417, "Expectation Failed");
    pub const HEAD_TOO_LARGE: Self = Self::new(431, "Request Header Fields Too Large");
    pub const SERVER_ERROR: Self = Self::new(500, "Internal Server Error");
    pub const NOT_IMPLEMENTED: Self = Self::new(501, "Not Implemented");
    pub const UNAVAILABLE: Self = Self::new(503, "Service Unavailable");
    pub const VERSION_NOT_SUPPORTED: Self = Self::new(505, "HTTP Version Not Supported");
    pub const NO_ROOM: Self = Self::new(507, "Insufficient Storage");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

impl Response {
    /// A response with a field that all have: a browser must not make a page of what we call text.
    pub fn new(status: Status, body: Body) -> Self {
        let fields = vec![("X-Content-Type-Options", "nosniff".into())];
        Self { status, fields, body, head_only: false }
    }

    /// A page, or a few words: `200 OK` with this text.
    pub fn text(kind: &'static str, text: String) -> Self {
        let mut response = Self::new(Status::OK, Body::Bytes(text.into_bytes()));
        response.add("Content-Type", kind);
        response
    }

    /// What of it goes to a client that has used this `method`: HEAD asks for the head alone.
    pub fn for_method(self, method: Method) -> Self {
        // Exercise 6.2: What cannot be had.
        //     Leave the response as it is, and let only its head go to a client that has used
        //     HEAD.
        //     check it: cargo test -p lab06 -- ex6_2
        //
        // It sends the body to everybody.
        self
    }

    /// Adds a field.
    pub fn add(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        self.fields.push((name, value.into()));
    }

    /// The bytes of everything before the body.
    pub fn head(&self) -> String {
        todo!(
            "exercise 6.1 of lab06 (HTTP server, three ways): One request, one response.

    Write the status line, the fields Date and Server, the response's own fields,
    Content-Length if the body has one, and the empty line; each line ends in CR LF.

    check it          cargo test -p lab06 -- ex6_1
    see it finished   cargo run -p solution06
    read about it     book/src/lab06-http-server.md
"
        )
    }
}

impl Body {
    /// How many bytes it is; `None` if there is nothing to say about it.
    pub fn len(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Piece(piece) => Some(piece.len),
        }
    }
}
