//! The framework by itself, without the program: its promises to those who write handlers, and to
//! those who start and end servers.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use solution08::{Connection, Failure, Handler, Run, ShutdownHandle, TcpServer, UdpServer};

/// Longer than anything here takes; whoever waits so long has found a bug.
const PATIENCE: Duration = Duration::from_secs(10);

/// How requests may be run in this process.
const RUNS: [Run; 3] = [Run::Inline, Run::Threads(8), Run::Pool(8)];

/// A server at work in a thread of its own.
struct AtWork {
    address: SocketAddr,
    handle: ShutdownHandle,
    thread: JoinHandle<io::Result<()>>,
}

impl AtWork {
    fn new(handler: impl Handler + Send + 'static, run: Run) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = TcpServer::new(listener, handler, run).unwrap();
        let handle = server.shutdown_handle();
        Self { address, handle, thread: thread::spawn(|| server.serve_forever()) }
    }

    fn client(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What the server says to `line`, until it closes or the line is as long.
    fn ask(&self, line: &str) -> String {
        let mut stream = self.client();
        stream.write_all(line.as_bytes()).unwrap();
        let mut reply = vec![0; line.len()];
        let count = stream.read(&mut reply).unwrap_or(0);
        String::from_utf8_lossy(&reply[..count]).into_owned()
    }

    fn end(self) {
        assert!(self.handle.shutdown());
        self.thread.join().unwrap().unwrap();
    }
}

struct Upper;

impl Handler for Upper {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        Some(request.to_ascii_uppercase())
    }
}

#[test]
fn after_shutdown_nobody_is_served_and_the_address_is_free() {
    for run in RUNS {
        let server = AtWork::new(Upper, run);
        assert_eq!(server.ask("halo\n"), "HALO\n", "{run:?}");
        assert!(server.handle.shutdown(), "{run:?}");
        // At this moment, not a little later.
        let error = TcpStream::connect(server.address).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{run:?}");
        server.thread.join().unwrap().unwrap();
    }
}

/// Takes note of when it begins and ends, and talks until it is told to stop.
#[derive(Default)]
struct Slow {
    begun: OnceLock<()>,
    ended: Arc<AtomicBool>,
}

impl Handler for Slow {
    fn answer(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn converse(&self, connection: &mut Connection) -> io::Result<()> {
        connection.write_all(b"begun\n")?;
        let _ = self.begun.set(());
        while connection.read(&mut [0; 16])? > 0 {}
        // It takes its time over the end.
        thread::sleep(Duration::from_millis(100));
        self.ended.store(true, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn shutdown_waits_for_those_who_are_inside() {
    for run in RUNS {
        let slow = Slow::default();
        let ended = Arc::clone(&slow.ended);
        let server = AtWork::new(slow, run);
        let mut client = server.client();
        client.read_exact(&mut [0; 6]).unwrap();
        assert!(!ended.load(Ordering::SeqCst));
        assert!(server.handle.shutdown(), "{run:?}");
        assert!(ended.load(Ordering::SeqCst), "{run:?}: it has not waited for the handler");
        server.thread.join().unwrap().unwrap();
    }
}

/// Ends its own server.
struct Suicidal(Arc<OnceLock<ShutdownHandle>>);

impl Handler for Suicidal {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        let has_ended = self.0.get().unwrap().shutdown();
        assert!(!has_ended, "it cannot have ended as long as this runs");
        Some(request.to_vec())
    }
}

#[test]
fn shutdown_from_a_handler_does_not_wait_for_itself() {
    for run in RUNS {
        let handle = Arc::new(OnceLock::new());
        let server = AtWork::new(Suicidal(Arc::clone(&handle)), run);
        handle.set(server.handle.clone()).ok().unwrap();
        let started = Instant::now();
        assert_eq!(server.ask("end\n"), "end\n", "{run:?}: its reply comes all the same");
        server.thread.join().unwrap().unwrap();
        assert!(started.elapsed() < Duration::from_secs(1), "{run:?}: {:?}", started.elapsed());
    }
}

#[test]
fn shutdown_before_serve_forever_does_not_wait_and_is_not_forgotten() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = TcpServer::new(listener, Upper, Run::Inline).unwrap();
    assert!(server.shutdown_handle().shutdown());
    server.serve_forever().unwrap();
}

#[test]
fn shutdown_of_a_server_that_is_gone_does_not_wait() {
    let server = AtWork::new(Upper, Run::Inline);
    let handle = server.handle.clone();
    server.end();
    assert!(handle.shutdown() && handle.shutdown());
}

/// Says that it begins, and does not come back before its lock is given free.
struct Stuck {
    begins: Mutex<mpsc::Sender<()>>,
    lock: Arc<Mutex<()>>,
}

impl Handler for Stuck {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        self.begins.lock().unwrap().send(()).unwrap();
        drop(self.lock.lock());
        Some(request.to_vec())
    }
}

#[test]
fn shutdown_says_so_when_a_handler_cannot_be_woken() {
    let lock = Arc::new(Mutex::new(()));
    let held = lock.lock().unwrap();
    let (sender, begun) = mpsc::channel();
    let stuck = Stuck { begins: Mutex::new(sender), lock: Arc::clone(&lock) };
    let server = AtWork::new(stuck, Run::Threads(8));
    let mut client = server.client();
    client.write_all(b"halo\n").unwrap();
    begun.recv_timeout(PATIENCE).unwrap();
    let started = Instant::now();
    assert!(!server.handle.shutdown());
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    drop(held);
    server.thread.join().unwrap().unwrap();
    assert!(server.handle.shutdown());
}

/// Welcomes nobody, or panics over the question.
struct Unkind {
    panics: bool,
    asked: AtomicUsize,
}

impl Handler for Unkind {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        Some(request.to_vec())
    }

    fn verify(&self, _: SocketAddr) -> bool {
        let is_first = self.asked.fetch_add(1, Ordering::SeqCst) == 0;
        assert!(!(self.panics && is_first), "a handler may fail here too");
        !is_first
    }
}

#[test]
fn whoever_is_not_verified_is_dropped_and_the_next_is_served() {
    for panics in [false, true] {
        for run in RUNS {
            let server = AtWork::new(Unkind { panics, asked: AtomicUsize::new(0) }, run);
            assert_eq!(server.ask("first\n"), "", "{run:?}");
            assert_eq!(server.ask("second\n"), "second\n", "{run:?}");
            server.end();
        }
    }
}

/// Fails in whichever way it is told, and hands over what it hears of that.
struct Failing(Mutex<mpsc::Sender<String>>);

impl Handler for Failing {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        assert!(request != b"panic\n", "as you wish");
        Some(request.to_vec())
    }

    fn failed(&self, _: SocketAddr, failure: &Failure) {
        self.0.lock().unwrap().send(failure.to_string()).unwrap();
        panic!("and this too");
    }
}

#[test]
fn a_failure_is_told_once_and_ends_one_request() {
    for run in RUNS {
        let (sender, told) = mpsc::channel();
        let server = AtWork::new(Failing(Mutex::new(sender)), run);
        assert_eq!(server.ask("panic\n"), "", "{run:?}");
        let words = told.recv_timeout(PATIENCE).unwrap();
        assert_eq!(words, "the handler has panicked: as you wish", "{run:?}");
        assert_eq!(server.ask("halo\n"), "halo\n", "{run:?}");
        server.ask(&"x".repeat(solution08::LINE_LEN_MAX + 1));
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), "a line is too long", "{run:?}");
        server.end();
        assert!(told.try_recv().is_err());
    }
}

#[test]
fn what_requests_share_stands_in_the_handler() {
    struct Counting(AtomicUsize);

    impl Handler for Counting {
        fn answer(&self, _: &[u8]) -> Option<Vec<u8>> {
            Some(format!("{}\n", self.0.fetch_add(1, Ordering::SeqCst)).into_bytes())
        }
    }

    let server = AtWork::new(Counting(AtomicUsize::new(0)), Run::Threads(8));
    let replies: Vec<String> = (0..3).map(|_| server.ask("?\n")).collect();
    assert_eq!(replies, ["0\n", "1\n", "2\n"]);
    server.end();
}

#[test]
fn datagrams_are_answered_until_shutdown() {
    for run in RUNS {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let server = UdpServer::new(socket, Upper, run).unwrap();
        let handle = server.shutdown_handle();
        let thread = thread::spawn(|| server.serve_forever());
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.send_to(b"halo", address).unwrap();
        let mut reply = [0; 16];
        let (count, from) = client.recv_from(&mut reply).unwrap();
        assert_eq!((&reply[..count], from), (&b"HALO"[..], address), "{run:?}");
        assert!(handle.shutdown(), "{run:?}");
        assert!(UdpSocket::bind(address).is_ok(), "{run:?}: the address is not free");
        thread.join().unwrap().unwrap();
    }
}
