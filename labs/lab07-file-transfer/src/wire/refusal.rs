//! Everything to which the server says no, given complete; most of it in the words of the course's
//! first file server.

use std::fmt::{self, Display};
use std::io;

use crate::wire::base64;

/// Why a request is not done.
#[derive(Debug)]
pub enum Refusal {
    /// There is nothing between two ends.
    Empty,
    /// The command and the name have too many bytes.
    TooLong,
    /// Text is UTF-8; this is not.
    NotText,
    /// Nobody knows this command.
    Unknown,
    /// A name is missing.
    NoName,
    /// It is not a plain name.
    BadName,
    /// An upload without even the space in front of its content.
    NoContent,
    /// An upload of the raw protocol without the size of its content.
    NoSize,
    /// There is no such file.
    NotFound,
    /// The content is not base64.
    Base64(base64::Error),
    /// The content has more bytes than this.
    TooLarge(u64),
    /// The disk says no.
    Disk(io::Error),
}

impl Refusal {
    /// The number that the raw protocol puts in front.
    pub fn code(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::TooLarge(_) => 413,
            Self::Disk(_) => 500,
            _ => 400,
        }
    }

    /// Whether nobody knows any more where the next request of the raw protocol begins.
    pub fn loses_place(&self) -> bool {
        matches!(self, Self::TooLong | Self::NoSize)
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Format perintah tidak valid"),
            Self::TooLong => f.write_str("Perintah terlalu panjang"),
            Self::NotText => f.write_str("Error server: perintah bukan teks UTF-8"),
            Self::Unknown => f.write_str("Perintah tidak valid"),
            Self::NoName => f.write_str("Nama file tidak disediakan"),
            Self::BadName => f.write_str("Nama file tidak valid"),
            Self::NoContent => f.write_str("Tidak ada data untuk diunggah"),
            Self::NoSize => f.write_str("Ukuran file tidak valid"),
            Self::NotFound => f.write_str("File tidak ditemukan"),
            Self::Base64(error) => write!(f, "Gagal mengunggah file: {error}"),
            Self::TooLarge(limit) => {
                write!(f, "Gagal mengunggah file: lebih dari {limit} byte")
            }
            Self::Disk(error) => write!(f, "Error server: {error}"),
        }
    }
}

impl From<base64::Error> for Refusal {
    fn from(error: base64::Error) -> Self {
        Self::Base64(error)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Disk(error),
        }
    }
}
