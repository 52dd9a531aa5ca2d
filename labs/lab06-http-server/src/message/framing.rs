//! How a head says where the body ends (RFC 9112, section 6), given complete.

use crate::message::fields::Fields;
use crate::message::refusal::Refusal;
use crate::message::request::Version;

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// It has so many bytes.
    Length(u64),
    /// It comes in chunks.
    Chunked,
}

impl Framing {
    /// Whether no byte of a body follows the head.
    pub fn is_empty(self) -> bool {
        matches!(self, Self::None | Self::Length(0))
    }

    /// How the end of the body is told after a head with these `fields`.
    ///
    /// # Errors
    ///
    /// When they leave any doubt. Whoever guesses differently from another server on the way lets
    /// one request be hidden in the body of another.
    pub fn of(version: Version, fields: Fields<'_>) -> Result<Self, Refusal> {
        let length = fields.at_most_one("Content-Length", Refusal::Length)?;
        let is_coded = fields.all("Transfer-Encoding").next().is_some();
        match length {
            Some(_) if is_coded => Err(Refusal::Coding),
            Some(length) => Ok(Self::Length(decimal(length).ok_or(Refusal::Length)?)),
            None if !is_coded => Ok(Self::None),
            None if version == Version::Http10 => Err(Refusal::Coding),
            None => {
                let codings: Vec<_> = fields.list("Transfer-Encoding").collect();
                match codings.split_last() {
                    Some((last, _)) if !last.eq_ignore_ascii_case(b"chunked") => {
                        Err(Refusal::Coding)
                    }
                    Some((_, [])) => Ok(Self::Chunked),
                    Some(_) => Err(Refusal::UnknownCoding),
                    None => Err(Refusal::Coding),
                }
            }
        }
    }
}

/// A number in decimal: digits and nothing else.
fn decimal(text: &[u8]) -> Option<u64> {
    let is_number = text.iter().all(u8::is_ascii_digit);
    str::from_utf8(text).ok().filter(|_| is_number)?.parse().ok()
}
