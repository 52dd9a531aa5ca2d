//! Why a request is not done, and the response that says so.

use std::fmt;

use crate::message::method::ALLOWED;
use crate::message::response::{Body, Response, Status};

/// What is wrong with a request, or with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    // The message.
    RequestLine,
    LineTooLong,
    Version,
    Target,
    FieldLine,
    HeadTooLong,
    Host,
    Length,
    NoLength,
    Coding,
    UnknownCoding,
    Chunk,
    BodyTooLong,
    Expectation,
    Cut,
    Late,
    // What it asks for.
    UnknownMethod,
    NotAllowed,
    Name,
    Outside,
    Hidden,
    NotFound,
    NotAFile,
    Forbidden,
    Folder,
    NoPlace,
    Precondition,
    // The machine.
    NoRoom,
    Busy,
    Disk,
}

impl Refusal {
    /// The status that stands for it.
    pub fn status(self) -> Status {
        match self {
            Self::RequestLine | Self::Target | Self::FieldLine | Self::Host => Status::BAD_REQUEST,
            Self::Length | Self::Coding | Self::Chunk | Self::Cut => Status::BAD_REQUEST,
            Self::Name => Status::BAD_REQUEST,
            Self::Outside | Self::NotAFile | Self::Forbidden | Self::Folder => Status::FORBIDDEN,
            Self::Hidden | Self::NotFound => Status::NOT_FOUND,
            Self::NotAllowed => Status::METHOD_NOT_ALLOWED,
            Self::Late => Status::REQUEST_TIMEOUT,
            Self::NoPlace => Status::CONFLICT,
            Self::NoLength => Status::LENGTH_REQUIRED,
            Self::Precondition => Status::PRECONDITION_FAILED,
            Self::BodyTooLong => Status::CONTENT_TOO_LARGE,
            Self::LineTooLong => Status::URI_TOO_LONG,
            Self::Expectation => Status::EXPECTATION_FAILED,
            Self::HeadTooLong => Status::HEAD_TOO_LARGE,
            Self::Disk => Status::SERVER_ERROR,
            Self::UnknownMethod | Self::UnknownCoding => Status::NOT_IMPLEMENTED,
            Self::Busy => Status::UNAVAILABLE,
            Self::Version => Status::VERSION_NOT_SUPPORTED,
            Self::NoRoom => Status::NO_ROOM,
        }
    }

    /// The response that says so, with a body that a person can read.
    pub fn response(self) -> Response {
        // ANCHOR: ex6_2_refusal
        let status = self.status();
        let words = format!("{} {}: {self}\n", status.code, status.reason);
        let mut response = Response::new(status, Body::Bytes(words.into_bytes()));
        response.add("Content-Type", "text/plain; charset=utf-8");
        if status == Status::METHOD_NOT_ALLOWED {
            response.add("Allow", ALLOWED);
        }
        response
        // ANCHOR_END: ex6_2_refusal
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestLine => "this does not begin with a request line",
            Self::LineTooLong => "the request line is too long",
            Self::Version => "this server speaks HTTP/1.1",
            Self::Target => "the target is neither a path nor an address",
            Self::FieldLine => "a header field is not well-formed",
            Self::HeadTooLong => "the header is too long",
            Self::Host => "there must be one Host, and it must be a name or an address",
            Self::Length => "Content-Length must be there once, and a number",
            Self::NoLength => "an upload says how long it is, or comes in chunks",
            Self::Coding => "the body has no certain end",
            Self::UnknownCoding => "chunked is the only transfer coding here",
            Self::Chunk => "a chunk is not well-formed",
            Self::BodyTooLong => "the body is longer than this server takes",
            Self::Expectation => "100-continue is the only expectation here",
            Self::Cut => "the request ended before it was whole",
            Self::Late => "the rest of the request did not come",
            Self::UnknownMethod => "this server does not know the method",
            Self::NotAllowed => "the method is not allowed here",
            Self::Name => "the path holds something that no name can hold",
            Self::Outside => "the path leads outside",
            Self::Hidden | Self::NotFound => "there is nothing of that name",
            Self::NotAFile => "that is not a regular file",
            Self::Forbidden => "the system does not let the server do that",
            Self::Folder => "that is a folder; only files can be deleted",
            Self::NoPlace => "no file can be stored under that name",
            Self::Precondition => "it is not as the request expects it",
            Self::NoRoom => "the disk is full",
            Self::Busy => "the server has too much to do just now",
            Self::Disk => "the disk has failed",
        })
    }
}

impl std::error::Error for Refusal {}
