//! Replies of the base64 protocol as they come, given complete. No sockets here.
//!
//! A reply with a file in it may be far larger than our memory. But only one string in it is long.
//! So that string is handed out as it comes, and an empty one takes its place: what is left is a
//! small JSON text, which a library may read. The keys may have any order, and any space between.

use anyhow::{Context, anyhow, bail, ensure};
use memchr::memchr2;
use serde_json::Value;

use crate::wire::request::END;

/// The longest reply that is taken, without the content of a file: a list of many names.
const REPLY_LEN_MAX: usize = 16 * 1024 * 1024;

/// The key of the content.
const CONTENT: &[u8] = b"\"data_file\"";

/// A reply that is coming.
#[derive(Default)]
pub struct Reply {
    /// All of it but the content.
    text: Vec<u8>,
    state: State,
    /// It brings a file.
    has_content: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Between strings.
    #[default]
    Outside,
    /// In a string.
    Inside,
    /// In a string, behind a backslash.
    Escaped,
    /// In the content.
    Content,
    /// In the content, behind a backslash: some servers write `\/`.
    ContentEscaped,
    /// At the end.
    Done,
}

/// A piece of a reply.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// How many bytes it has.
    pub len: usize,
    /// What of it belongs to the content.
    pub content: &'a [u8],
}

impl Reply {
    /// Whether the reply is whole.
    pub fn is_whole(&self) -> bool {
        self.state == State::Done
    }

    /// Takes the next piece from the front of `bytes`; it is empty only if they are.
    ///
    /// # Errors
    ///
    /// When this is no reply.
    pub fn take<'a>(&mut self, bytes: &'a [u8]) -> anyhow::Result<Piece<'a>> {
        match self.state {
            State::Content => {
                let place = memchr2(b'"', b'\\', bytes);
                let content = &bytes[..place.unwrap_or(bytes.len())];
                self.state = match place.map(|place| bytes[place]) {
                    Some(b'"') => State::Outside,
                    Some(_) => State::ContentEscaped,
                    None => State::Content,
                };
                Ok(Piece { len: content.len() + usize::from(place.is_some()), content })
            }
            State::ContentEscaped => {
                ensure!(matches!(bytes, [] | [b'/', ..]), "the content is not base64");
                let content = &bytes[..bytes.len().min(1)];
                if !content.is_empty() {
                    self.state = State::Content;
                }
                Ok(Piece { len: content.len(), content })
            }
            _ => Ok(Piece { len: self.take_text(bytes)?, content: &[] }),
        }
    }

    /// Takes text up to the content, or to the end of the reply; says how much that was.
    fn take_text(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        for (place, byte) in bytes.iter().enumerate() {
            let state = self.after(*byte);
            self.text.push(*byte);
            if state == State::Content {
                self.text.push(b'"');
                self.has_content = true;
            }
            self.state = state;
            if matches!(state, State::Content | State::Done) {
                return Ok(place + 1);
            }
        }
        ensure!(self.text.len() <= REPLY_LEN_MAX, "the reply has more than {REPLY_LEN_MAX} bytes");
        Ok(bytes.len())
    }

    /// The state behind `byte`, which is not taken yet.
    fn after(&self, byte: u8) -> State {
        match (self.state, byte) {
            (State::Inside, b'\\') => State::Escaped,
            (State::Inside, b'"') => State::Outside,
            (State::Inside | State::Escaped, _) => State::Inside,
            (_, b'"') if self.is_at_content() => State::Content,
            (_, b'"') => State::Inside,
            (_, b'\n') if self.text.ends_with(&END.as_bytes()[..END.len() - 1]) => State::Done,
            _ => State::Outside,
        }
    }

    /// Whether a string that begins here is the content.
    fn is_at_content(&self) -> bool {
        let key = self.text.trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
        let before = key.and_then(|key| key.strip_suffix(CONTENT));
        before.is_some_and(|before| !before.ends_with(b"\\"))
    }

    /// What the server says under `data`, now that all of it is there.
    ///
    /// # Errors
    ///
    /// When it says that something has failed, or something that nobody understands.
    pub fn finish(self) -> anyhow::Result<Value> {
        let mut reply: Value =
            serde_json::from_slice(&self.text).context("the reply is not JSON")?;
        match reply["status"].as_str() {
            Some("OK") => Ok(reply["data"].take()),
            Some(_) => bail!("the server says: {}", reply["data"].as_str().unwrap_or("ERROR")),
            None => Err(anyhow!("the reply has no status")),
        }
    }

    /// The same of a reply whose content was a file.
    ///
    /// # Errors
    ///
    /// When the server says that something has failed, or has brought no file.
    pub fn finish_file(self) -> anyhow::Result<()> {
        let has_content = self.has_content;
        self.finish()?;
        ensure!(has_content, "the reply brings no file");
        Ok(())
    }
}
