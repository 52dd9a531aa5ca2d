//! What is told of the conversations: a line on the screen and packets in the file for each event,
//! in one order.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wirelab::{Payload, counted};

use crate::pcap::{Capture, Connection, Side};
use crate::terminal::{Ink, inked};

/// Both records of everything that passes.
pub struct Journal {
    /// The two are the same moment; the first never goes back.
    began: (Instant, Duration),
    book: Mutex<Book>,
}

struct Book {
    capture: Option<Capture>,
    /// Whether everything has been written that was to be.
    is_whole: bool,
    is_closed: bool,
    /// How many connections are not over.
    open: usize,
}

impl Journal {
    pub fn new(capture: Option<Capture>) -> Self {
        let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let book = Book { capture, is_whole: true, is_closed: false, open: 0 };
        Self { began: (Instant::now(), today), book: Mutex::new(book) }
    }

    /// Tells nothing more; says whether the capture is whole.
    pub fn close(&self) -> bool {
        let mut book = self.book();
        book.is_closed = true;
        match book.open {
            0 => say!("\nstopped"),
            1 => say!("\nstopped; 1 connection was open"),
            open => say!("\nstopped; {open} connections were open"),
        }
        book.is_whole
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn write(&mut self, now: Duration, packets: impl FnOnce(&mut Capture) -> io::Result<()>) {
        let Some(capture) = self.capture.as_mut().filter(|_| !self.is_closed) else { return };
        if let Err(error) = packets(capture.at(now)) {
            say!("cannot write the capture any more, it ends here: {error}");
            (self.capture, self.is_whole) = (None, false);
        }
    }
}

/// What is told of one connection.
pub struct Page {
    journal: Arc<Journal>,
    number: u64,
    server: SocketAddr,
    /// The same as packets, if there is a capture.
    connection: Option<Connection>,
    /// When something happened last.
    last: Option<Instant>,
    /// How many bytes each side has sent.
    sent: [usize; 2],
    /// Who ended its half first, and how much the other side had sent by then.
    first_end: Option<(Side, usize)>,
    /// How many bytes have not got to the other side.
    lost: usize,
}

impl Page {
    pub fn begin(
        journal: &Arc<Journal>,
        number: u64,
        client: SocketAddr,
        server: SocketAddr,
    ) -> Self {
        let mut page = Self {
            journal: Arc::clone(journal),
            number,
            server,
            connection: None,
            last: None,
            sent: [0; 2],
            first_end: None,
            lost: 0,
        };
        let mut book = journal.book();
        book.open += 1;
        page.line(&mut book, None, &format!("{client} connects"));
        book.write(page.now(), |capture| {
            page.connection = Some(Connection::knock(capture, client, server)?);
            Ok(())
        });
        drop(book);
        page
    }

    /// The server has let it in.
    pub fn connected(&mut self) {
        self.note(None, "", |connection, capture| connection.answer(capture));
    }

    /// There is no server to pass anything on to.
    pub fn no_server(&mut self, error: &io::Error) {
        let server = self.server;
        if error.kind() == io::ErrorKind::ConnectionReset {
            // It had let us in, and has thrown us out before we could look.
            self.connected();
            return self.reset(Side::Server, error);
        }
        if error.kind() == io::ErrorKind::ConnectionRefused {
            let what =
                format!("refused (RST): nobody listens at {server}; the client gets a reset");
            return self.note(Some(Side::Server), &what, |it, capture| it.refuse(capture));
        }
        let what = format!("no connection to {server}: {error}; the client gets a reset");
        self.note(None, &what, |_, _| Ok(()));
    }

    /// A piece is on its way.
    pub fn piece(&mut self, from: Side, bytes: &[u8]) {
        self.sent[from as usize] += bytes.len();
        let shown = Payload::from(bytes).shown();
        self.note(Some(from), &shown, |it, capture| it.send_piece(capture, from, bytes.into()));
    }

    /// `side` has got everything so far.
    pub fn arrived(&mut self, side: Side) {
        self.note(None, "", |connection, capture| connection.acknowledge(capture, side));
    }

    /// `from` has ended its half.
    pub fn end(&mut self, from: Side) {
        let (name, other) = (name(from), name(from.other()));
        let what = match self.first_end {
            Some(_) => format!("end (FIN): the {name} has no more to say either"),
            None => format!("end (FIN): the {name} has no more to say; the {other} may go on"),
        };
        self.first_end.get_or_insert((from, self.sent[from.other() as usize]));
        self.note(Some(from), &what, |connection, capture| connection.end(capture, from));
    }

    /// Both have ended their halves, and everything has arrived.
    pub fn ended(&mut self) {
        let half_close = self.first_end.and_then(|(first, sent_before)| {
            let after = self.sent[first.other() as usize] - sent_before;
            let told = || {
                format!(", half-closed: the {} got {} after its end", name(first), counted(after))
            };
            (after > 0).then(told)
        });
        let what = format!("closed{}; {}", half_close.unwrap_or_default(), self.total());
        self.note(None, &what, |_, _| Ok(()));
    }

    /// So many bytes cannot arrive any more.
    pub fn lose(&mut self, count: usize) {
        self.lost = count;
    }

    /// `by` has thrown the connection away.
    pub fn reset(&mut self, by: Side, error: &io::Error) {
        let name = name(by);
        let what = match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                format!("reset (RST): the {name} has thrown the connection away")
            }
            _ => format!("lost: {error}; the {} gets a reset", self::name(by.other())),
        };
        self.note(Some(by), &what, |connection, capture| connection.reset(capture, by));
        let lost = match self.lost {
            0 => String::new(),
            lost => format!(", {} of them lost on the way", counted(lost)),
        };
        let what = format!("reset by the {name}; {}{lost}", self.total());
        self.note(None, &what, |_, _| Ok(()));
    }

    /// The tap itself cannot go on.
    pub fn broken(&mut self, error: &io::Error) {
        let what = format!("the tap cannot go on: {error}; both sides get a reset");
        self.note(None, &what, |_, _| Ok(()));
    }

    fn total(&self) -> String {
        let [client, server] = self.sent.map(counted);
        format!("{client} -->, {server} <--")
    }

    /// Tells one thing: in words, unless there are none, and as packets.
    fn note(
        &mut self,
        from: Option<Side>,
        what: &str,
        packets: impl FnOnce(&mut Connection, &mut Capture) -> io::Result<()>,
    ) {
        let journal = Arc::clone(&self.journal);
        let mut book = journal.book();
        if !what.is_empty() {
            self.line(&mut book, from, what);
        }
        let now = self.now();
        if let Some(connection) = &mut self.connection {
            book.write(now, |capture| packets(connection, capture));
        }
    }

    /// `   1     +0.214 ms  -->  "TIME\r\n"`
    fn line(&mut self, book: &mut Book, from: Option<Side>, what: &str) {
        if book.is_closed {
            return;
        }
        let now = Instant::now();
        let since = self.last.replace(now).map_or(Duration::ZERO, |last| now - last);
        let since = since.as_secs_f64() * 1000.0;
        let what = match from {
            None => format!("***  {what}"),
            Some(Side::Client) => inked(Ink::Client, &format!("-->  {what}")),
            Some(Side::Server) => inked(Ink::Server, &format!("<--  {what}")),
        };
        say!("{:4} {since:>+11.3} ms  {what}", self.number);
    }

    /// What the clock says, never less than before.
    fn now(&self) -> Duration {
        let (began, today) = self.journal.began;
        today + began.elapsed()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.journal.book().open -= 1;
    }
}

fn name(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}
