//! A tap that is running, and somebody on either side of it.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pcap_file::pcapng::{Block, PcapNgReader};
use socket2::{Domain, SockRef, Socket, Type};
use tempfile::TempDir;

/// How long anything may take here.
const LIMIT: Duration = Duration::from_secs(60);

/// The buffers of sockets that have little room.
const LITTLE_ROOM: usize = 16 << 10;

/// A running tap, and the server it passes on to: a listener of ours.
pub struct Tap {
    child: Child,
    lines: Receiver<String>,
    folder: TempDir,
    pub address: SocketAddr,
    pub server: TcpListener,
}

impl Tap {
    pub fn start(options: &[&str]) -> Self {
        Self::before(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), options)
    }

    pub fn before(server: TcpListener, options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let to = server.local_addr().unwrap().to_string();
        let mut child = Command::new(env!("CARGO_BIN_EXE_cargo-lab"))
            .args(["tap", "--listen", "0", "--to", &to, "--write", "talk.pcapng"])
            .args(options)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let first = lines.recv_timeout(LIMIT).unwrap();
        let address = first.strip_prefix("listening on ").unwrap();
        let address = address.split_once(',').unwrap().0.parse().unwrap();
        Self { child, lines, folder, address, server }
    }

    /// A client, and the server's end of the same connection.
    pub fn connect(&self) -> [TcpStream; 2] {
        self.connect_with(|socket| socket.set_nonblocking(false).unwrap())
    }

    /// The same with little room at the client; for the server, see [`little_server`].
    pub fn connect_with_little_room(&self) -> [TcpStream; 2] {
        self.connect_with(|socket| leave_little_room(&SockRef::from(socket)))
    }

    fn connect_with(&self, set_up: impl FnOnce(&Socket)) -> [TcpStream; 2] {
        let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        set_up(&client);
        client.connect(&self.address.into()).unwrap();
        let (server, _) = self.server.accept().unwrap();
        let both = [client.into(), server];
        both.iter().for_each(patient);
        both
    }

    /// Reads on to a line with these words.
    #[track_caller]
    pub fn until(&self, words: &str) -> String {
        let mut said = String::new();
        let end = Instant::now() + LIMIT;
        while !said.contains(words) {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => said += &format!("{line}\n"),
                Err(error) => panic!("no {words:?} ({error}) in\n{said}"),
            }
        }
        said
    }

    /// Presses Ctrl+C; returns the packets of the file that is left.
    #[track_caller]
    pub fn stop(mut self) -> Vec<Packet> {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        packets(&fs::read(self.folder.path().join("talk.pcapng")).unwrap())
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A listener whose connections have little room.
pub fn little_server() -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    leave_little_room(&SockRef::from(&listener));
    listener
}

/// A port of ours on which nobody listens, and nobody else can.
pub fn deaf_server() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    socket.into()
}

fn leave_little_room(socket: &SockRef<'_>) {
    socket.set_recv_buffer_size(LITTLE_ROOM).unwrap();
    socket.set_send_buffer_size(LITTLE_ROOM).unwrap();
}

/// Lets a test fail that would wait for ever.
fn patient(socket: &TcpStream) {
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    socket.set_write_timeout(Some(LIMIT)).unwrap();
}

/// Closes a connection by a reset.
pub fn reset(socket: TcpStream) {
    SockRef::from(&socket).set_linger(Some(Duration::ZERO)).unwrap();
    drop(socket);
}

/// Reads to the end of the stream.
pub fn rest(mut socket: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Says all of it, and ends its half.
pub fn say_all(mut socket: &TcpStream, words: &[u8]) {
    socket.write_all(words).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
}

/// Sends until nothing more goes; returns how much has gone.
pub fn fill(mut client: &TcpStream) -> usize {
    client.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let words = drawn(8 << 20, 4);
    let mut sent = 0;
    loop {
        match client.write(&words[sent..]) {
            Ok(0) => panic!("8 MiB have gone, and nobody has read one byte"),
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return sent,
            Err(error) => panic!("{error}"),
        }
    }
}

/// The same bytes each time, and no pattern in them.
pub fn drawn(len: usize, seed: u64) -> Vec<u8> {
    let mut word = seed.wrapping_mul(2).wrapping_add(1);
    let step = |_| {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        word.to_be_bytes()[0]
    };
    (0..len).map(step).collect()
}

/// A segment of the capture.
pub struct Packet {
    pub at: Duration,
    pub from: u16,
    pub to: u16,
    pub number: u32,
    pub flags: String,
    pub bytes: Vec<u8>,
}

fn packets(file: &[u8]) -> Vec<Packet> {
    let mut reader = PcapNgReader::new(file).unwrap();
    let mut packets = Vec::new();
    while let Some(block) = reader.next_block() {
        if let Block::EnhancedPacket(block) = block.unwrap() {
            packets.push(packet(block.timestamp, &block.data));
        }
    }
    packets
}

fn packet(at: Duration, frame: &[u8]) -> Packet {
    let sliced = SlicedPacket::from_ethernet(frame).unwrap();
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { panic!("no TCP") };
    let Some(NetSlice::Ipv4(ip)) = &sliced.net else { panic!("no IPv4") };
    assert_eq!(ip.header().header_checksum(), ip.header().to_header().calc_header_checksum());
    let sum = tcp.to_header().calc_checksum_ipv4(&ip.header().to_header(), tcp.payload()).unwrap();
    assert_eq!(tcp.checksum(), sum);
    let flags = [(tcp.syn(), 'S'), (tcp.fin(), 'F'), (tcp.rst(), 'R'), (tcp.ack(), 'A')];
    Packet {
        at,
        from: tcp.source_port(),
        to: tcp.destination_port(),
        number: tcp.sequence_number(),
        flags: flags.iter().filter(|(set, _)| *set).map(|(_, letter)| *letter).collect(),
        bytes: tcp.payload().to_vec(),
    }
}

/// What was said from one port to the other, put together by the numbers of the segments.
#[track_caller]
pub fn stream(packets: &[Packet], from: u16, to: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut next = None;
    for packet in packets.iter().filter(|it| (it.from, it.to) == (from, to)) {
        assert_eq!(packet.number, next.unwrap_or(packet.number), "a gap in the numbers");
        let marks = packet.flags.matches(['S', 'F']).count();
        let taken = u32::try_from(packet.bytes.len() + marks).unwrap();
        next = Some(packet.number.wrapping_add(taken));
        bytes.extend(&packet.bytes);
    }
    bytes
}
