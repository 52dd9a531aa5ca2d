//! The language of HTTP/1.1: bytes to requests, responses to bytes. No sockets here, and no disk.

pub mod body;
pub mod fields;
pub mod framing;
pub mod method;
pub mod refusal;
pub mod request;
pub mod response;
pub mod target;
