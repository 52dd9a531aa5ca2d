//! HTTP messages taken apart: what their bytes mean, whoever wrote them and in whatever pieces.
//!
//! What several programs may write differently is not kept: the case and the order of fields, blanks
//! around a value, chunks, the reason phrase.

/// The longest head that is waited for.
const HEAD_LEN_MAX: usize = 64 << 10;

/// A whole message.
#[derive(Debug, Default)]
pub struct Message {
    /// The first line, without its end.
    start: String,
    /// Names in small letters, values without blanks around them.
    fields: Vec<(String, String)>,
    /// What the body means: chunks are joined.
    body: Vec<u8>,
    wire_len: usize,
}

/// What is wrong with a message, by the place in its grammar.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A line of the head ends in LF alone.
    LineEnd,
    /// The head has no end.
    HeadLen,
    /// The first line is neither a status line nor a request line.
    Start(String),
    /// A line of the head is no field.
    Field(String),
    /// A Content-Length that is no number, or two that differ.
    Length(String),
    /// Both a length and chunks.
    TwoFramings,
    /// A chunk whose size is no number, or whose bytes do not end in CR LF.
    Chunk(String),
}

/// Which side's messages are read, and what the sender knows of their bodies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Response,
    /// The response to HEAD, whose fields speak of a body that does not come.
    HeadResponse,
}

/// Where the body of a message ends.
#[derive(Clone, Copy)]
enum Framing {
    Length(usize),
    Chunks,
    /// With the end of the stream.
    Stream,
}

/// Reads one message, as its bytes come.
pub(crate) struct Reader {
    kind: Kind,
    message: Message,
    /// `None` as long as the head has not come whole.
    framing: Option<Framing>,
    /// How many bytes of the stream have been understood.
    pub(crate) used: usize,
}

impl Message {
    /// The value of the field called `name`; several are joined, as they may be.
    pub fn field(&self, name: &str) -> Option<String> {
        let is_it = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        let values: Vec<&str> =
            self.fields.iter().filter(is_it).map(|field| field.1.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How many bytes it had as it came.
    pub fn wire_len(&self) -> usize {
        self.wire_len
    }

    /// The status of a response.
    pub fn status(&self) -> u16 {
        status(&self.start).unwrap_or_default()
    }

    /// What comes before the fields: `GET /a.txt HTTP/1.1` or `HTTP/1.1 200 OK`.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// Whether it is the last response to its request.
    pub(crate) fn is_final(&self) -> bool {
        !(100..200).contains(&self.status())
    }
}

impl Reader {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, message: Message::default(), framing: None, used: 0 }
    }

    /// Takes in what has come: `stream` is all of it so far, and `ended` says that no more will come.
    /// Returns whether the message is whole.
    pub(crate) fn take(&mut self, stream: &[u8], ended: bool) -> Result<bool, Fault> {
        if self.framing.is_none() && !self.take_head(stream)? {
            return Ok(false);
        }
        let new = &stream[self.used..];
        match self.framing {
            None => Ok(false),
            Some(Framing::Length(len)) => {
                let due = len - self.message.body.len();
                self.add(&new[..new.len().min(due)]);
                Ok(self.message.body.len() == len)
            }
            Some(Framing::Stream) => {
                self.add(new);
                Ok(ended)
            }
            Some(Framing::Chunks) => self.take_chunks(stream),
        }
    }

    /// The message, once it is whole; before, what is known of it.
    pub(crate) fn message(self) -> Message {
        Message { wire_len: self.used, ..self.message }
    }

    /// What is known of the message once its head has come, and how long its body is said to be.
    pub(crate) fn so_far(&self) -> Option<(&Message, Option<usize>)> {
        match self.framing? {
            Framing::Length(len) => Some((&self.message, Some(len))),
            _ => Some((&self.message, None)),
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.message.body.extend_from_slice(bytes);
        self.used += bytes.len();
    }

    /// Takes the head, if it has come whole.
    fn take_head(&mut self, stream: &[u8]) -> Result<bool, Fault> {
        let mut rest = stream;
        let mut head = Message::default();
        while let Some(line) = next_line(&mut rest)? {
            if head.start.is_empty() {
                head.start = start(line, self.kind)?;
            } else if line.is_empty() {
                self.framing = Some(framing(&head, self.kind)?);
                self.message = head;
                self.used = stream.len() - rest.len();
                return Ok(true);
            } else {
                head.fields.push(field(line)?);
            }
        }
        if rest.len() == stream.len() && self.kind != Kind::Request {
            // Not even a line yet, but it may be plain that this will be none.
            let known = rest.len().min(b"HTTP/1.".len());
            if rest[..known] != b"HTTP/1."[..known] {
                return Err(Fault::Start(text(&rest[..rest.len().min(HEAD_LEN_MAX)])));
            }
        }
        if stream.len() > HEAD_LEN_MAX { Err(Fault::HeadLen) } else { Ok(false) }
    }

    /// Takes all chunks that have come whole (RFC 9112, section 7.1).
    fn take_chunks(&mut self, stream: &[u8]) -> Result<bool, Fault> {
        loop {
            let mut rest = &stream[self.used..];
            let Some(line) = next_line(&mut rest)? else { return Ok(false) };
            let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
            let size = usize::from_str_radix(text(size).trim(), 16)
                .map_err(|_| Fault::Chunk(text(line)))?;
            if size == 0 {
                return self.take_trailers(stream, rest);
            }
            let Some(end) = rest.get(size..size + 2) else { return Ok(false) };
            if end != b"\r\n" {
                return Err(Fault::Chunk(text(end)));
            }
            self.message.body.extend_from_slice(&rest[..size]);
            self.used = stream.len() - rest.len() + size + 2;
        }
    }

    /// Takes what stands behind the last chunk, if it has come whole.
    fn take_trailers(&mut self, stream: &[u8], mut rest: &[u8]) -> Result<bool, Fault> {
        while let Some(line) = next_line(&mut rest)? {
            if line.is_empty() {
                self.used = stream.len() - rest.len();
                return Ok(true);
            }
            field(line)?;
        }
        Ok(false)
    }
}

/// The next line of the head without its end, if it has come whole.
fn next_line<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Fault> {
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
    let line = rest[..end].strip_suffix(b"\r").ok_or(Fault::LineEnd)?;
    *rest = &rest[end + 1..];
    Ok(Some(line))
}

/// The first line, if it is one.
fn start(line: &[u8], kind: Kind) -> Result<String, Fault> {
    let line = text(line);
    let fits = match kind {
        Kind::Request => {
            let words: Vec<&str> = line.split(' ').collect();
            words.len() == 3 && words.iter().all(|word| !word.is_empty()) && is_version(words[2])
        }
        _ => status(&line).is_some(),
    };
    if fits { Ok(line) } else { Err(Fault::Start(line)) }
}

/// The status in a status line: `HTTP/1.1 200 OK`, in which the reason may be missing.
fn status(line: &str) -> Option<u16> {
    let (version, rest) = line.split_once(' ')?;
    let (status, _) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_number = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && is_version(version) { status.parse().ok() } else { None }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix("HTTP/1.").is_some_and(|minor| matches!(minor.as_bytes(), [b'0'..=b'9']))
}

/// A field: its name in small letters, and its value without blanks around it.
fn field(line: &[u8]) -> Result<(String, String), Fault> {
    let line = text(line);
    let (name, value) = line.split_once(':').ok_or_else(|| Fault::Field(line.clone()))?;
    if name.is_empty() || name.contains([' ', '\t']) {
        return Err(Fault::Field(line.clone()));
    }
    let value = value.trim_matches([' ', '\t']);
    Ok((name.to_ascii_lowercase(), value.to_string()))
}

/// Where the body ends (RFC 9112, section 6.3).
fn framing(head: &Message, kind: Kind) -> Result<Framing, Fault> {
    let length = length(head)?;
    let chunked = head.field("transfer-encoding");
    if chunked.is_some() && length.is_some() {
        return Err(Fault::TwoFramings);
    }
    let has_no_body = match kind {
        Kind::HeadResponse => true,
        Kind::Response => !head.is_final() || matches!(head.status(), 204 | 304),
        Kind::Request => false,
    };
    Ok(match (has_no_body, chunked, length) {
        (true, ..) => Framing::Length(0),
        (_, Some(_), _) => Framing::Chunks,
        (_, None, Some(length)) => Framing::Length(length),
        (_, None, None) if kind == Kind::Request => Framing::Length(0),
        (_, None, None) => Framing::Stream,
    })
}

fn length(head: &Message) -> Result<Option<usize>, Fault> {
    let Some(value) = head.field("content-length") else { return Ok(None) };
    let mut values = value.split(", ");
    let first = values.next().unwrap_or_default();
    let is_number = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    match first.parse() {
        Ok(length) if is_number && values.all(|other| other == first) => Ok(Some(length)),
        _ => Err(Fault::Length(value)),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Fault, Kind, Message, Reader};

    /// Reads `stream` cut into two at every place, and returns what it always means.
    #[track_caller]
    fn read(stream: &[u8], kind: Kind) -> Result<Option<(Message, usize)>, Fault> {
        let mut whole = Reader::new(kind);
        let is_whole = whole.take(stream, true)?;
        for cut in 0..stream.len() {
            let mut reader = Reader::new(kind);
            let is_whole_now = reader.take(&stream[..cut], false)? || reader.take(stream, true)?;
            assert_eq!(is_whole_now, is_whole);
            assert_eq!((&reader.message.body, reader.used), (&whole.message.body, whole.used));
        }
        let used = whole.used;
        Ok(is_whole.then(|| (whole.message(), used)))
    }

    #[track_caller]
    fn read_response(stream: &str) -> (Message, usize) {
        read(stream.as_bytes(), Kind::Response).unwrap().unwrap()
    }

    #[test]
    fn a_length_says_where_the_body_ends_and_what_follows_is_left() {
        let (message, used) =
            read_response("HTTP/1.0 200 OK\r\nContent-type:a\r\nCONTENT-LENGTH:  2 \r\n\r\nabcd");
        assert_eq!((message.status(), message.body(), used), (200, &b"ab"[..], 58));
        assert_eq!(message.field("Content-Type").as_deref(), Some("a"));
    }

    #[test]
    fn chunks_are_joined() {
        let stream = "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nA: b\r\n\r\nHTTP";
        let (message, used) = read_response(stream);
        assert_eq!((message.body(), used), (&b"abcd"[..], stream.len() - 4));
    }

    #[test]
    fn without_either_the_end_of_the_stream_is_the_end_of_the_body() {
        let stream = b"HTTP/1.0 200 OK\r\n\r\nabc";
        let mut reader = Reader::new(Kind::Response);
        assert_eq!(reader.take(stream, false), Ok(false));
        assert_eq!(reader.take(stream, true), Ok(true));
        assert_eq!(reader.message().body(), b"abc");
    }

    #[test]
    fn some_responses_have_no_body_whatever_their_fields_say() {
        let (message, _) = read_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
        assert_eq!(message.body(), b"");
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
        assert!(read(head, Kind::HeadResponse).unwrap().is_some());
        assert!(read(head, Kind::Response).unwrap().is_none());
    }

    #[test]
    fn a_request_without_a_length_has_no_body() {
        let (message, _) =
            read(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Kind::Request).unwrap().unwrap();
        assert_eq!(message.start(), "GET / HTTP/1.1");
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let fault = |stream: &str| read(stream.as_bytes(), Kind::Response).unwrap_err();
        assert_eq!(fault("HTTP/1.1 200 OK\nA: b\n\n"), Fault::LineEnd);
        assert_eq!(fault("HTTP/1.1 20 OK\r\n\r\n"), Fault::Start("HTTP/1.1 20 OK".into()));
        assert_eq!(fault("hello"), Fault::Start("hello".into()));
        assert_eq!(fault("HTTP/1.1 200 OK\r\nA : b\r\n\r\n"), Fault::Field("A : b".into()));
        let length = "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n";
        assert_eq!(fault(length), Fault::Length("-1".into()));
        let both = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(fault(both), Fault::TwoFramings);
        let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n";
        assert_eq!(fault(chunk), Fault::Chunk("x".into()));
    }
}
