//! The languages of the file server: bytes in, requests and replies out. No sockets and no disk
//! here.

pub mod base64;
pub mod json;
pub mod raw;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod sums;
