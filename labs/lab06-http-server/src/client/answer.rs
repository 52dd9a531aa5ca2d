//! The answer of a server, whichever way it ends.

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;

use httparse::{EMPTY_HEADER, Status};

use crate::inbox::Inbox;
use crate::message::body::Decoder;
use crate::message::fields::Fields;
use crate::message::framing::Framing;
use crate::message::request::{FIELDS_MAX, HEAD_LEN_MAX};

/// How much one read may bring.
const STEP_LEN: usize = 64 * 1024;

/// An answer whose head has come.
pub struct Answer {
    pub status: u16,
    pub reason: String,
    stream: TcpStream,
    inbox: Inbox,
    end: End,
}

/// What a head says.
struct Head {
    len: usize,
    status: u16,
    reason: String,
    end: End,
}

/// How one knows that the answer has ended.
enum End {
    /// The head has said it; what the server does afterwards does not matter.
    Told(Decoder),
    /// The server closes the connection.
    Close,
}

impl Answer {
    /// Waits for the head of an answer.
    ///
    /// # Errors
    ///
    /// When none comes.
    pub fn read(mut stream: TcpStream) -> io::Result<Self> {
        let mut inbox = Inbox::default();
        loop {
            match Head::parse(inbox.bytes())? {
                // "Go on", or something else that comes before the answer.
                Some(head) if head.status < 200 => inbox.skip(head.len),
                Some(Head { len, status, reason, end }) => {
                    inbox.skip(len);
                    return Ok(Self { status, reason, stream, inbox, end });
                }
                None if inbox.bytes().len() > HEAD_LEN_MAX => {
                    return Err(ErrorKind::InvalidData.into());
                }
                None if hear(&mut stream, &mut inbox)? == 0 => {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                None => {}
            }
        }
    }

    /// The next piece of the body; `None` when it has ended.
    ///
    /// # Errors
    ///
    /// When it breaks off.
    pub fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let bytes = self.inbox.bytes();
            let (taken, content) = match &mut self.end {
                End::Told(decoder) if decoder.is_done() => return Ok(None),
                End::Told(decoder) => {
                    let decoded = decoder.decode(bytes).map_err(invalid)?;
                    (decoded.taken, decoded.content)
                }
                End::Close => (bytes.len(), bytes),
            };
            let content = content.to_vec();
            self.inbox.skip(taken);
            if !content.is_empty() {
                return Ok(Some(content));
            }
            if taken == 0 && hear(&mut self.stream, &mut self.inbox)? == 0 {
                return match self.end {
                    End::Told(_) => Err(ErrorKind::UnexpectedEof.into()),
                    End::Close => Ok(None),
                };
            }
        }
    }
}

impl Head {
    /// The head at the beginning of `bytes`; `None` means "not yet".
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let mut fields = [EMPTY_HEADER; FIELDS_MAX];
        let mut head = httparse::Response::new(&mut fields);
        let Status::Complete(len) = head.parse(bytes).map_err(invalid)? else { return Ok(None) };
        let status = head.code.unwrap_or_default();
        let reason = head.reason.unwrap_or_default().to_string();
        Ok(Some(Self { len, status, reason, end: End::of(status, Fields(head.headers))? }))
    }
}

impl End {
    fn of(status: u16, fields: Fields<'_>) -> io::Result<Self> {
        let length = fields.all("Content-Length").next();
        let framing = match (status, length) {
            (204 | 304, _) => Framing::None,
            _ if fields.lists("Transfer-Encoding", "chunked") => Framing::Chunked,
            (_, None) => return Ok(Self::Close),
            (_, Some(length)) => {
                let length = str::from_utf8(length).ok().and_then(|it| it.parse().ok());
                Framing::Length(length.ok_or(ErrorKind::InvalidData)?)
            }
        };
        Decoder::new(framing, u64::MAX).map(Self::Told).map_err(invalid)
    }
}

/// Waits until something has come; returns how much, and 0 at the end.
fn hear(stream: &mut TcpStream, inbox: &mut Inbox) -> io::Result<usize> {
    let mut bytes = vec![0; STEP_LEN];
    loop {
        match stream.read(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => {
                return other.inspect(|count| inbox.add(&bytes[..*count]));
            }
        }
    }
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
