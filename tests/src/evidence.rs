//! What went over the judge's own sockets, for those who want to look at it.
//!
//! Where `WIRELAB_EVIDENCE` names a folder, each promise writes `PACKAGE.PROMISE.evidence` there:
//! a line for each event, in the order and at the time in which the judge saw it.
//!
//! ```text
//! began 1763752434.123456789                                 all times below count from here
//! 0.000100000 0 starts server --max-clients 2                a program, and its options
//! 0.000200000 1 knocks 127.0.0.1:50000 127.0.0.1:45000       connection 1: its client, its server
//! 0.000200000 1 answers                                      it is let in
//! 0.000300000 1 client 6 54494d450d0a                        the client says 6 bytes
//! 0.000400000 1 server ends                                  or: resets, refuses
//! 0.000500000 2 datagrams 127.0.0.1:50001 127.0.0.1:45000    the same over UDP
//! 0.000600000 0 cut                                          there was more, and nobody wrote it
//! ```
//!
//! What the judge does not see is not there: who knocks where nobody listens, or where nobody is let
//! in. What it reads has its time from when it was read.
//!
//! Of long pieces only the beginning is kept, and their length.

use std::cell::Cell;
use std::env;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::case::lock;

/// So many bytes of a promise are kept whatever they are.
const WHOLE_LEN_MAX: usize = 1 << 20;

/// Of each piece that comes later, so many.
const BEGINNING_LEN_MAX: usize = 1 << 10;

/// And of all pieces of a promise so many.
const KEPT_LEN_MAX: usize = 16 << 20;

/// The most events of a promise.
const LINES_MAX: usize = 100_000;

/// The most that is told of what we leave unread when we close a connection.
const UNREAD_LEN_MAX: usize = 64 << 10;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Which side of a connection is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Side {
    #[default]
    Client,
    Server,
}

/// The evidence of one promise, if anybody wants it.
#[derive(Clone, Default)]
pub(crate) struct Evidence(Option<Arc<Mutex<Book>>>);

struct Book {
    file: BufWriter<File>,
    began: Instant,
    /// How many connections there have been.
    connections: usize,
    lines: usize,
    /// How many bytes are kept.
    kept: usize,
}

/// Tells what happens on one connection of ours.
#[derive(Default)]
pub(crate) struct Witness {
    evidence: Evidence,
    number: usize,
    /// Which side we are.
    we: Side,
    /// Whether what we sent last was not taken any more.
    is_deaf: Cell<bool>,
}

impl Evidence {
    /// Evidence of `promise`, where somebody wants it.
    pub(crate) fn of(package: &str, promise: &str) -> Self {
        let Some(folder) = env::var_os("WIRELAB_EVIDENCE").filter(|folder| !folder.is_empty())
        else {
            return Self::default();
        };
        let path = Path::new(&folder).join(format!("{package}.{promise}.evidence"));
        Self::at(&path).unwrap_or_else(|error| {
            eprintln!("cannot write {}: {error}", path.display());
            Self::default()
        })
    }

    fn at(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let (mut file, began) = (BufWriter::new(File::create(path)?), Instant::now());
        let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        writeln!(file, "began {}.{:09}", today.as_secs(), today.subsec_nanos())?;
        let book = Book { file, began, connections: 0, lines: 0, kept: 0 };
        Ok(Self(Some(Arc::new(Mutex::new(book)))))
    }

    /// Sees to it that the file is whole.
    pub(crate) fn flush(&self) {
        self.write(|book| book.file.flush());
    }

    /// A program was started as `role`, with these options.
    pub(crate) fn starts(&self, role: &str, options: &[&str]) {
        self.write(|book| book.line(0, format!("starts {role} {}", options.join(" ")).trim_end()));
    }

    /// A connection of ours is open.
    pub(crate) fn connected(&self, we: Side, stream: &TcpStream) -> Witness {
        let witness = self.witness(we);
        let (Ok(here), Ok(there)) = (stream.local_addr(), stream.peer_addr()) else {
            return witness;
        };
        let (client, server) = if we == Side::Client { (here, there) } else { (there, here) };
        witness.tell(format!("knocks {client} {server}"));
        witness.tell("answers");
        witness
    }

    /// We knock at `server`; nobody has answered yet.
    pub(crate) fn knocks(&self, stream: &TcpStream, server: SocketAddr) -> Witness {
        let witness = self.witness(Side::Client);
        if let Ok(here) = stream.local_addr() {
            witness.tell(format!("knocks {here} {server}"));
        }
        witness
    }

    /// We have knocked at `server`, and were not let in.
    pub(crate) fn knocked_in_vain(&self, server: SocketAddr, error: &io::Error) {
        let witness = self.witness(Side::Client);
        // The kernel does not tell any more where we knocked from.
        witness.tell(format!("knocks {}:0 {server}", Ipv4Addr::LOCALHOST));
        witness.lost(error);
    }

    /// We send datagrams from `here` to `server`.
    pub(crate) fn datagrams(&self, here: SocketAddr, server: SocketAddr) -> Witness {
        let witness = self.witness(Side::Client);
        witness.tell(format!("datagrams {here} {server}"));
        witness
    }

    fn witness(&self, we: Side) -> Witness {
        let mut number = 0;
        self.write(|book| {
            book.connections += 1;
            number = book.connections;
            Ok(())
        });
        Witness { evidence: self.clone(), number, we, is_deaf: Cell::new(false) }
    }

    fn write(&self, event: impl FnOnce(&mut Book) -> io::Result<()>) {
        if let Some(book) = &self.0 {
            // Nobody's verdict depends on it; what is missing shows by itself.
            let _ = event(&mut lock(book));
        }
    }
}

impl Book {
    fn line(&mut self, number: usize, what: impl Display) -> io::Result<()> {
        self.lines += 1;
        let at = self.began.elapsed();
        let at = format!("{}.{:09}", at.as_secs(), at.subsec_nanos());
        match self.lines {
            ..LINES_MAX => writeln!(self.file, "{at} {number} {what}"),
            LINES_MAX => writeln!(self.file, "{at} 0 cut"),
            _ => Ok(()),
        }
    }

    fn piece(&mut self, number: usize, from: Side, bytes: &[u8]) -> io::Result<()> {
        let beginning = if self.kept < WHOLE_LEN_MAX { WHOLE_LEN_MAX } else { BEGINNING_LEN_MAX };
        let kept = bytes.len().min(beginning).min(KEPT_LEN_MAX - self.kept);
        self.kept += kept;
        let mut what = format!("{} {} ", from.name(), bytes.len());
        // Digit by digit: formatting each byte would make the judge several times slower.
        for byte in &bytes[..kept] {
            what.push(char::from(DIGITS[usize::from(byte >> 4)]));
            what.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        self.line(number, what.trim_end())
    }
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl Witness {
    /// We have sent this.
    pub(crate) fn sent(&self, bytes: &[u8]) {
        self.evidence.write(|book| book.piece(self.number, self.we, bytes));
    }

    /// The other side has sent this.
    pub(crate) fn got(&self, bytes: &[u8]) {
        self.evidence.write(|book| book.piece(self.number, self.we.other(), bytes));
    }

    /// We have nothing more to say.
    pub(crate) fn ended(&self) {
        self.tell(format!("{} ends", self.we.name()));
    }

    /// The other side has nothing more to say.
    pub(crate) fn got_the_end(&self) {
        // A reset that has shown in what we sent looks like an end when we read.
        let verb = if self.is_deaf.get() { "resets" } else { "ends" };
        self.tell(format!("{} {verb}", self.we.other().name()));
    }

    /// The other side has gone, which shows when we send; it may have said something before.
    pub(crate) fn cannot_send(&self) {
        self.is_deaf.set(true);
    }

    /// We throw the connection away.
    pub(crate) fn reset(&self) {
        self.tell(format!("{} resets", self.we.name()));
    }

    /// The other side has thrown the connection away, or nobody is there.
    pub(crate) fn lost(&self, error: &io::Error) {
        let verb = match error.kind() {
            ErrorKind::ConnectionRefused => "refuses",
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => "resets",
            _ => return,
        };
        self.tell(format!("{} {verb}", self.we.other().name()));
    }

    /// We close `stream`: the kernel resets it where we leave something unread.
    pub(crate) fn closed(&self, stream: &TcpStream) {
        if self.evidence.0.is_none() {
            return;
        }
        let mut unread = [0; UNREAD_LEN_MAX];
        match stream.peek(&mut unread) {
            Ok(count @ 1..) => {
                self.got(&unread[..count]);
                self.reset();
            }
            _ => self.ended(),
        }
    }

    fn tell(&self, what: impl Display) {
        self.evidence.write(|book| book.line(self.number, what));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener, UdpSocket};
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use super::{BEGINNING_LEN_MAX, Evidence, LINES_MAX, Side, WHOLE_LEN_MAX};
    use crate::wire::Wire;

    /// A file that goes when this does.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let name = format!("wirelab-{}-{name}.evidence", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        /// What was written, without times and ports.
        fn text(&self, evidence: &Evidence, ports: &[u16]) -> Vec<String> {
            evidence.flush();
            let mut text = fs::read_to_string(&self.0).unwrap();
            for (name, port) in ["CLIENT", "SERVER"].iter().zip(ports) {
                text = text.replace(&format!("127.0.0.1:{port}"), name);
            }
            let event = |line: &str| line.split_once(' ').unwrap().1.to_string();
            text.lines().skip(1).map(event).collect()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn what_goes_over_a_wire_is_written_in_both_directions() {
        let place = Place::new("wire");
        let evidence = Evidence::at(&place.0).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = listener.local_addr().unwrap();
        let wire = Wire::connect(server, None, Duration::from_secs(60)).unwrap();
        let mut wire = wire.told_to(&evidence, Side::Client);
        let mut other = listener.accept().unwrap().0;
        assert_eq!(wire.send_now(b"hi").unwrap(), 2);
        other.read_exact(&mut [0; 2]).unwrap();
        other.write_all(b"\0!").unwrap();
        while wire.inbox.len() < 2 {
            wire.progress(&[], soon()).unwrap();
        }
        wire.half_close();
        drop(other);
        while wire.ending.is_none() {
            wire.progress(&[], soon()).unwrap();
        }
        let ports = [wire.ports().0, server.port()];
        let said = ["1 knocks CLIENT SERVER", "1 answers", "1 client 2 6869", "1 server 2 0021"];
        let ended = ["1 client ends", "1 server ends"];
        assert_eq!(place.text(&evidence, &ports), [&said[..], &ended].concat());
    }

    #[test]
    fn a_close_that_leaves_something_unread_is_a_reset() {
        let place = Place::new("unread");
        let evidence = Evidence::at(&place.0).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = listener.local_addr().unwrap();
        let mut client = std::net::TcpStream::connect(server).unwrap();
        let ours = listener.accept().unwrap().0;
        client.write_all(b"hey").unwrap();
        // It has come when it can be seen.
        ours.peek(&mut [0]).unwrap();
        drop(Wire::new(ours).unwrap().told_to(&evidence, Side::Server));
        let ports = [client.local_addr().unwrap().port(), server.port()];
        let said = ["1 knocks CLIENT SERVER", "1 answers", "1 client 3 686579", "1 server resets"];
        assert_eq!(place.text(&evidence, &ports), said);
    }

    #[test]
    fn datagrams_and_refusals_are_written_too() {
        let place = Place::new("others");
        let evidence = Evidence::at(&place.0).unwrap();
        let [here, there] =
            [(); 2].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr());
        let (here, there) = (here.unwrap(), there.unwrap());
        evidence.starts("server", &["--run", "inline"]);
        evidence.datagrams(here, there).sent(b"");
        let refused = std::io::ErrorKind::ConnectionRefused.into();
        evidence.knocked_in_vain(there, &refused);
        let said = [
            "0 starts server --run inline",
            "1 datagrams CLIENT SERVER",
            "1 client 0",
            "2 knocks 127.0.0.1:0 SERVER",
            "2 server refuses",
        ];
        assert_eq!(place.text(&evidence, &[here.port(), there.port()]), said);
    }

    #[test]
    fn long_pieces_are_cut_and_many_events_too() {
        let place = Place::new("much");
        let evidence = Evidence::at(&place.0).unwrap();
        let witness = evidence.witness(Side::Client);
        let much = vec![b'x'; WHOLE_LEN_MAX + 1];
        witness.sent(&much);
        witness.sent(&much);
        (0..LINES_MAX).for_each(|_| witness.ended());
        let said = place.text(&evidence, &[]);
        let len = |line: usize| said[line].rsplit_once(' ').unwrap().1.len() / 2;
        assert!(said[0].starts_with("1 client 1048577 7878"));
        assert_eq!([len(0), len(1)], [WHOLE_LEN_MAX, BEGINNING_LEN_MAX]);
        assert_eq!((said.len(), said.last().map(String::as_str)), (LINES_MAX, Some("0 cut")));
    }
}
