//! What is to be done (RFC 9110, section 9).

use std::fmt;

/// The methods that this server knows how to answer, as `Allow` lists them.
pub const ALLOWED: &str = "GET, HEAD, POST, DELETE, OPTIONS";

/// Methods that HTTP knows, and that nothing here allows.
const ELSEWHERE: [&str; 4] = ["CONNECT", "PATCH", "PUT", "TRACE"];

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
    Delete,
    Options,
    /// One that HTTP knows, and that nothing here allows.
    Elsewhere(&'static str),
    /// One that nobody has heard of.
    Unknown,
}

impl Method {
    /// The method of this name; capitals count.
    pub fn named(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => match ELSEWHERE.into_iter().find(|it| *it == name) {
                Some(name) => Self::Elsewhere(name),
                None => Self::Unknown,
            },
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Elsewhere(name) => name,
            Self::Unknown => "(unknown)",
        })
    }
}
