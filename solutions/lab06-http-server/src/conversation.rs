//! A conversation without sockets: bytes in, bytes or a piece of a file out.
//!
//! ```text
//!     +----------------- answered -----------------+
//!     v                                            |
//!   Head -- a request that is welcome --> Body ----+
//!     |                                    |
//!     +---- refused, or the last one ------+-----> Over
//! ```
//!
//! A request without a body passes through `Body` too: there, its body has ended already.

use std::io;
use std::net::{SocketAddr, TcpStream};

use crate::inbox::Inbox;
use crate::log;
use crate::message::body::Decoder;
use crate::message::method::Method;
use crate::message::refusal::Refusal;
use crate::message::request::{Request, Version, empty_lines};
use crate::message::response::Response;
use crate::outbox::Outbox;
use crate::site::Site;
use crate::site::upload::Upload;

/// What a client hears that waits for our word before it sends a body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// One client's requests and our responses, in their order.
pub struct Conversation {
    /// With whom: only for the log.
    peer: SocketAddr,
    inbox: Inbox,
    outbox: Outbox,
    state: State,
    /// The client has no more to say.
    input_ended: bool,
    /// How many bytes have been understood.
    understood: u64,
}

/// What comes next.
enum State {
    /// The head of a request.
    Head,
    /// The body of a request.
    Body(Box<Reception>),
    /// Nothing: what still comes is thrown away.
    Over {
        /// The client knows: it has asked for the end, and has said nothing behind that.
        expected: bool,
    },
}

/// A request that is welcome, and whose body is coming.
struct Reception {
    request: Request,
    decoder: Decoder,
    /// Where the content goes; nowhere if nobody wants it.
    upload: Option<Upload>,
}

/// What a conversation waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// A request, of which nothing has come.
    Request,
    /// The rest of a head.
    Head,
    /// The rest of a body.
    Body,
    /// The client must take what we owe it.
    Room,
    /// The client must end its half of the connection.
    End,
}

impl Conversation {
    /// A conversation in which nothing has been said.
    pub fn new(peer: SocketAddr) -> Self {
        Self {
            peer,
            inbox: Inbox::default(),
            outbox: Outbox::default(),
            state: State::Head,
            input_ended: false,
            understood: 0,
        }
    }

    /// Takes in what has come, whatever it holds: a part of a request, several, or both.
    pub fn hear(&mut self, bytes: &[u8]) {
        if !self.is_over() {
            self.inbox.add(bytes);
        }
    }

    /// Hears that nothing more will come.
    pub fn hear_end(&mut self) {
        self.input_ended = true;
    }

    /// Answers what has come, in its order, as long as there is room for the answers.
    pub fn go_on(&mut self, site: &Site) {
        // ANCHOR: ex6_4_loop
        while self.outbox.has_room() && self.step(site) {}
        // ANCHOR_END: ex6_4_loop
    }

    /// Takes one step; says whether another may follow.
    fn step(&mut self, site: &Site) -> bool {
        let outcome = match self.state {
            State::Head => self.take_head(site),
            State::Body(_) => self.take_body(site),
            State::Over { .. } => Ok(false),
        };
        match outcome {
            Ok(false) if self.input_ended => self.conclude(),
            Ok(goes_on) => return goes_on,
            Err(refusal) => self.refuse(refusal),
        }
        false
    }

    /// Takes the head of a request, if it is whole.
    fn take_head(&mut self, site: &Site) -> Result<bool, Refusal> {
        self.skip(empty_lines(self.inbox.bytes()));
        let Some((request, len)) = Request::parse(self.inbox.bytes())? else { return Ok(false) };
        self.skip(len);
        match Reception::prepare(&request, site) {
            Ok((decoder, upload)) => {
                if request.expects_continue && !decoder.is_done() && self.inbox.is_empty() {
                    self.outbox.put(CONTINUE);
                }
                self.state = State::Body(Box::new(Reception { request, decoder, upload }));
            }
            Err(refusal) => {
                // A body that nobody reads would be taken for the next request.
                let is_last = !request.framing.is_empty();
                self.answer(&request, refusal.response(), is_last);
            }
        }
        Ok(true)
    }

    /// Takes what has come of the body of a request, and answers if that was all of it.
    fn take_body(&mut self, site: &Site) -> Result<bool, Refusal> {
        let State::Body(reception) = &mut self.state else { return Ok(false) };
        let decoded = reception.decoder.decode(self.inbox.bytes())?;
        if let Some(upload) = &mut reception.upload {
            upload.write(decoded.content)?;
        }
        let (taken, is_done) = (decoded.taken, reception.decoder.is_done());
        self.skip(taken);
        if is_done && let State::Body(reception) = self.end() {
            let Reception { request, upload, .. } = *reception;
            let response = site.answer(&request, upload);
            self.answer(&request, response, false);
        }
        Ok(taken > 0 || is_done)
    }

    /// Answers a request; `is_last` says that no other can follow, whatever the client wants.
    fn answer(&mut self, request: &Request, mut response: Response, is_last: bool) {
        self.state = match (is_last, request.keeps_open) {
            (false, true) => State::Head,
            (false, false) => State::Over { expected: self.inbox.is_empty() },
            (true, _) => State::Over { expected: false },
        };
        match request.version {
            _ if self.is_over() => response.add("Connection", "close"),
            Version::Http10 => response.add("Connection", "keep-alive"),
            Version::Http11 => {}
        }
        let line = format!("{} {}", request.method, request.path.escape_debug());
        self.put(&line, response.for_method(request.method));
    }

    /// Refuses what has come. Nobody knows where the next request would begin, so this is the end.
    pub fn refuse(&mut self, refusal: Refusal) {
        let mut response = refusal.response();
        match self.end() {
            State::Body(reception) => self.answer(&reception.request, response, true),
            _ => {
                // Whatever it was: to HEAD we send no body.
                let method = self.inbox.bytes().split(|byte| *byte == b' ').next();
                let method = method.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default();
                response.add("Connection", "close");
                self.put("-", response.for_method(Method::named(method)));
            }
        }
    }

    /// Ends it, and hands out what was under way.
    fn end(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Over { expected: false })
    }

    /// Puts a response into the outbox, and a line into the log.
    fn put(&mut self, request: &str, response: Response) {
        let len = response.body.len().filter(|_| !response.head_only).unwrap_or(0);
        let code = response.status.code;
        log::line(format_args!("{} {request} {code} {len}", self.peer));
        self.outbox.put_response(response);
        if self.is_over() {
            self.outbox.end();
        }
    }

    /// Ends it, because the client has no more to say. What is not whole never will be.
    fn conclude(&mut self) {
        match self.state {
            State::Head if self.inbox.is_empty() => self.state = State::Over { expected: false },
            State::Head | State::Body(_) => self.refuse(Refusal::Cut),
            State::Over { .. } => {}
        }
    }

    fn skip(&mut self, count: usize) {
        self.inbox.skip(count);
        self.understood += count as u64;
    }

    /// What it waits for.
    pub fn waiting(&self) -> Waiting {
        match self.state {
            _ if !self.outbox.is_empty() => Waiting::Room,
            State::Head if self.inbox.is_empty() => Waiting::Request,
            State::Head => Waiting::Head,
            State::Body(_) => Waiting::Body,
            State::Over { .. } => Waiting::End,
        }
    }

    /// Whether more that comes would be of use now.
    pub fn wants_more(&self) -> bool {
        !self.input_ended && (self.is_over() || self.outbox.has_room())
    }

    /// Whether nothing more will be answered.
    fn is_over(&self) -> bool {
        matches!(self.state, State::Over { .. })
    }

    /// Whether nothing more will come that somebody could miss: the client has ended its half,
    /// or knows that we end ours.
    pub fn is_end_known(&self) -> bool {
        self.input_ended || matches!(self.state, State::Over { expected: true })
    }

    /// Grows whenever something has been understood.
    pub fn understood(&self) -> u64 {
        self.understood
    }

    /// Sends what we owe, as far as the kernel takes it now.
    ///
    /// # Errors
    ///
    /// When the connection is broken, or a file has become shorter than we have said.
    pub fn send(&mut self, stream: &TcpStream) -> io::Result<u64> {
        self.outbox.send(stream)
    }
}

impl Reception {
    /// Judges a request by its head, and makes ready for its body.
    fn prepare(request: &Request, site: &Site) -> Result<(Decoder, Option<Upload>), Refusal> {
        let decoder = Decoder::new(request.framing, site.upload_limit)?;
        Ok((decoder, site.welcome(request)?))
    }
}
