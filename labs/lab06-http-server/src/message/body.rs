//! The content of a body, piece by piece (RFC 9112, section 7).
//!
//! ```text
//!   Length(5)     hello
//!
//!   Chunked       5;note=x\r\n      size in hexadecimal, perhaps an extension
//!                 hello\r\n         so many bytes, and a line end
//!                 0\r\n             the last chunk is empty
//!                 Field: x\r\n      perhaps fields; nobody looks at them
//!                 \r\n              the end
//! ```

use crate::message::framing::Framing;
use crate::message::refusal::Refusal;

/// The longest line between two chunks, with its end.
pub const CHUNK_LINE_LEN_MAX: usize = 1024;

/// How many bytes the fields after the last chunk may have together.
pub const TRAILER_LEN_MAX: usize = 8 * 1024;

const LINE_END: &[u8] = b"\r\n";

/// Finds the content in the bytes of a body.
#[derive(Debug)]
pub struct Decoder {
    place: Place,
    /// How much more content is allowed.
    room: u64,
}

/// What the next byte belongs to.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// The content, of which so many bytes are left.
    Content(u64),
    /// The line before a chunk.
    ChunkSize,
    /// A chunk, of which so many bytes are left.
    Chunk(u64),
    /// The line end after a chunk.
    ChunkEnd,
    /// The fields after the last chunk; they may have so many bytes more.
    Trailer(usize),
    /// Somebody else: the body has ended.
    Behind,
}

/// What the decoder makes of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// So many bytes are done with; 0 means that more must come first.
    pub taken: usize,
    /// This of them is content.
    pub content: &'a [u8],
}

impl Decoder {
    /// A decoder for one body, which may have at most `limit` bytes of content.
    ///
    /// # Errors
    ///
    /// When it is said to have more.
    pub fn new(framing: Framing, limit: u64) -> Result<Self, Refusal> {
        let place = match framing {
            Framing::None | Framing::Length(0) => Place::Behind,
            Framing::Length(len) if len > limit => return Err(Refusal::BodyTooLong),
            Framing::Length(len) => Place::Content(len),
            Framing::Chunked => Place::ChunkSize,
        };
        Ok(Self { place, room: limit })
    }

    /// Whether the body has ended.
    pub fn is_done(&self) -> bool {
        self.place == Place::Behind
    }

    /// Takes the next step with the `bytes` that have come and were not taken before.
    ///
    /// # Errors
    ///
    /// When they are not a body, or one that is too long.
    pub fn decode<'a>(&mut self, bytes: &'a [u8]) -> Result<Decoded<'a>, Refusal> {
        match self.place {
            Place::Content(left) => Ok(self.content(left, Place::Content, Place::Behind, bytes)),
            Place::Chunk(left) => Ok(self.content(left, Place::Chunk, Place::ChunkEnd, bytes)),
            Place::ChunkSize => self.chunk_size(bytes),
            Place::ChunkEnd => self.chunk_end(bytes),
            Place::Trailer(room) => self.trailer(room, bytes),
            Place::Behind => Ok(Decoded::nothing()),
        }
    }

    /// Takes content, of which so much is `left`; `rest` is where it goes on, `end` what follows.
    fn content<'a>(
        &mut self,
        left: u64,
        rest: fn(u64) -> Place,
        end: Place,
        bytes: &'a [u8],
    ) -> Decoded<'a> {
        let taken = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let left = left - taken as u64;
        self.place = if left == 0 { end } else { rest(left) };
        Decoded { taken, content: &bytes[..taken] }
    }

    /// Takes the line before a chunk.
    fn chunk_size<'a>(&mut self, bytes: &'a [u8]) -> Result<Decoded<'a>, Refusal> {
        let Some(line) = line(bytes, CHUNK_LINE_LEN_MAX, Refusal::Chunk)? else {
            return Ok(Decoded::nothing());
        };
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = hexadecimal(size.trim_ascii_end()).ok_or(Refusal::Chunk)?;
        self.room = self.room.checked_sub(size).ok_or(Refusal::BodyTooLong)?;
        self.place = if size == 0 { Place::Trailer(TRAILER_LEN_MAX) } else { Place::Chunk(size) };
        Ok(Decoded::line(line))
    }

    /// Takes the line end after a chunk.
    fn chunk_end<'a>(&mut self, bytes: &'a [u8]) -> Result<Decoded<'a>, Refusal> {
        if !bytes.starts_with(&LINE_END[..bytes.len().min(LINE_END.len())]) {
            return Err(Refusal::Chunk);
        }
        if bytes.len() < LINE_END.len() {
            return Ok(Decoded::nothing());
        }
        self.place = Place::ChunkSize;
        Ok(Decoded::line(b""))
    }

    /// Takes a line after the last chunk; an empty one is the end.
    fn trailer<'a>(&mut self, room: usize, bytes: &'a [u8]) -> Result<Decoded<'a>, Refusal> {
        let Some(line) = line(bytes, room, Refusal::HeadTooLong)? else {
            return Ok(Decoded::nothing());
        };
        let decoded = Decoded::line(line);
        self.place =
            if line.is_empty() { Place::Behind } else { Place::Trailer(room - decoded.taken) };
        Ok(decoded)
    }
}

impl Decoded<'_> {
    /// More must come first.
    fn nothing() -> Self {
        Self { taken: 0, content: b"" }
    }

    /// A line has been taken, with its end.
    fn line(line: &[u8]) -> Self {
        Self { taken: line.len() + LINE_END.len(), content: b"" }
    }
}

/// The line at the beginning of `bytes` without its end, which must be CR LF; `None` means "not
/// yet". With its end it has at most `limit` bytes, or else `too_long` it is.
fn line(bytes: &[u8], limit: usize, too_long: Refusal) -> Result<Option<&[u8]>, Refusal> {
    let bytes = &bytes[..bytes.len().min(limit)];
    let odd = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
    match bytes.iter().position(odd) {
        None if bytes.len() == limit => Err(too_long),
        None => Ok(None),
        Some(len) if bytes[len..].starts_with(LINE_END) => Ok(Some(&bytes[..len])),
        Some(len) if bytes[len..] == LINE_END[..1] && bytes.len() < limit => Ok(None),
        Some(len) if bytes[len..] == LINE_END[..1] => Err(too_long),
        Some(_) => Err(Refusal::Chunk),
    }
}

/// A number in hexadecimal: digits and nothing else.
fn hexadecimal(text: &[u8]) -> Option<u64> {
    let is_number = text.iter().all(u8::is_ascii_hexdigit);
    u64::from_str_radix(str::from_utf8(text).ok().filter(|_| is_number)?, 16).ok()
}
