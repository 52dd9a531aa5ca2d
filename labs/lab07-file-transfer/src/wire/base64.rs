//! Base64 that comes in pieces, given complete.
//!
//! ```text
//!   3 bytes      61 62 63            |  the last ones:  61 62      61
//!   4 characters  Y  W  J  j         |                  Y W I =    Y Q = =
//! ```
//!
//! A piece may end anywhere. What does not fill four characters is carried over to the next one.

use std::fmt::{self, Display};

use base64_simd::STANDARD;

/// How many characters stand for how many bytes.
const GROUP_LEN: usize = 4;
const GROUP_BYTES: usize = 3;

/// How many characters `count` bytes take.
pub const fn encoded_len(count: usize) -> usize {
    count.div_ceil(GROUP_BYTES) * GROUP_LEN
}

/// Appends `bytes` to `text` as base64.
///
/// Only the last piece may have a length that is not a multiple of 3: what fills it up stands at
/// the end of a text, and nowhere else.
pub fn encode(bytes: &[u8], text: &mut Vec<u8>) {
    STANDARD.encode_append(bytes, text);
}

/// Why a text is not base64, in Python's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is a character that stands for nothing here, or a last one that stands for too much.
    Alphabet,
    /// The last group is not full.
    Padding,
    /// So many characters can come of no bytes at all.
    OneMore(u64),
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alphabet => f.write_str("Only base64 data is allowed"),
            Self::Padding => f.write_str("Incorrect padding"),
            Self::OneMore(count) => write!(
                f,
                "Invalid base64-encoded string: number of data characters ({count}) cannot be \
                 1 more than a multiple of 4"
            ),
        }
    }
}

impl std::error::Error for Error {}

/// Decodes a text that comes in pieces.
#[derive(Default)]
pub struct Decoder {
    /// The characters of a group that is not full yet.
    carried: Vec<u8>,
    /// How many characters have come.
    count: u64,
    /// The last group had a `=`, so there must not be another.
    has_ended: bool,
}

impl Decoder {
    /// Appends to `bytes` what the next `piece` of the text stands for, together with what the
    /// pieces before have left.
    ///
    /// # Errors
    ///
    /// When it is not base64.
    pub fn decode(&mut self, mut piece: &[u8], bytes: &mut Vec<u8>) -> Result<(), Error> {
        self.count += piece.len() as u64;
        if !self.carried.is_empty() {
            let missing = (GROUP_LEN - self.carried.len()).min(piece.len());
            self.carried.extend_from_slice(&piece[..missing]);
            piece = &piece[missing..];
            if self.carried.len() < GROUP_LEN {
                return Ok(());
            }
            let group = std::mem::take(&mut self.carried);
            self.decode_groups(&group, bytes)?;
        }
        let (groups, rest) = piece.split_at(piece.len() / GROUP_LEN * GROUP_LEN);
        self.carried.extend_from_slice(rest);
        self.decode_groups(groups, bytes)
    }

    /// Says whether the text may end here.
    ///
    /// # Errors
    ///
    /// When it may not.
    pub fn finish(&self) -> Result<(), Error> {
        match self.carried.len() {
            0 => Ok(()),
            _ if self.has_ended => Err(Error::Alphabet),
            1 => Err(Error::OneMore(self.count)),
            _ => Err(Error::Padding),
        }
    }

    fn decode_groups(&mut self, groups: &[u8], bytes: &mut Vec<u8>) -> Result<(), Error> {
        if groups.is_empty() {
            return Ok(());
        }
        if self.has_ended {
            return Err(Error::Alphabet);
        }
        self.has_ended = groups.ends_with(b"=");
        STANDARD.decode_append(groups, bytes).map_err(|_| Error::Alphabet)
    }
}
