//! Captures that nobody had to capture: what a program of ours saw of a conversation, written as a
//! pcapng that Wireshark opens like any other.
//!
//! Bytes, their order and their times are real. The headers around them are made here, so nobody
//! needs the right to listen on an interface.

mod connection;

pub use connection::{Connection, Side};

use std::borrow::Cow;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpHeader};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::{PcapNgBlock, PcapNgWriter};
use pcap_file::{DataLink, PcapError};

/// The most that a segment carries: with the headers of IPv4 and TCP it fills an IP packet.
pub const SEGMENT_LEN_MAX: usize = 65_535 - 20 - 20;

/// As programs send it on their own machine.
const TIME_TO_LIVE: u8 = 64;

/// Times are counted in units of ten to the power of minus nine seconds.
const NANOSECONDS: u8 = 9;

/// What travels in one piece, of which perhaps only the beginning is known.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    pub bytes: &'a [u8],
    /// How long the whole piece was.
    pub len: usize,
}

impl<'a> From<&'a [u8]> for Piece<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self { bytes, len: bytes.len() }
    }
}

impl Piece<'_> {
    /// All of it, with zeros for what is not known, so that lengths come out right.
    fn whole(&self) -> Cow<'_, [u8]> {
        if self.bytes.len() == self.len {
            return Cow::Borrowed(self.bytes);
        }
        let mut whole = self.bytes.to_vec();
        whole.resize(self.len, 0);
        Cow::Owned(whole)
    }

    fn unknown(&self) -> usize {
        self.len - self.bytes.len()
    }
}

/// A capture in the making: after each packet what is written so far is a whole file.
pub struct Capture {
    /// Collects one block, so that it goes in one write.
    blocks: PcapNgWriter<Vec<u8>>,
    file: Box<dyn Write + Send>,
    /// When what is written next has happened, counted from 1970.
    now: Duration,
}

impl Capture {
    /// Begins a capture by `program`; a reader finds `comment` in the properties of the file.
    pub fn new(file: Box<dyn Write + Send>, program: &str, comment: &str) -> io::Result<Self> {
        let application = SectionHeaderOption::UserApplication(program.to_string().into());
        let comment = SectionHeaderOption::Comment(comment.to_string().into());
        let options = vec![application, comment];
        let section = SectionHeaderBlock { options, ..SectionHeaderBlock::default() };
        let interface = InterfaceDescriptionBlock {
            linktype: DataLink::ETHERNET,
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::IfName("tap".into()),
                InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
            ],
        };
        let blocks = PcapNgWriter::with_section_header(Vec::new(), section).map_err(as_io)?;
        let mut capture = Self { blocks, file, now: Duration::ZERO };
        capture.blocks.write_block(&interface.into_block()).map_err(as_io)?;
        capture.flush()?;
        Ok(capture)
    }

    /// What is written next has happened `now`, counted from 1970.
    pub fn at(&mut self, now: Duration) -> &mut Self {
        self.now = now;
        self
    }

    /// A datagram of its own.
    pub fn datagram(&mut self, [from, to]: [SocketAddr; 2], piece: Piece<'_>) -> io::Result<()> {
        let mut packet = Vec::new();
        let step = between(from, to).udp(from.port(), to.port());
        step.write(&mut packet, &piece.whole()).map_err(io::Error::other)?;
        self.packet(packet, piece.unknown())
    }

    /// A segment of a connection.
    fn segment(
        &mut self,
        [from, to]: [SocketAddr; 2],
        header: TcpHeader,
        piece: Piece<'_>,
    ) -> io::Result<()> {
        let mut packet = Vec::new();
        let step = between(from, to).tcp_header(header);
        step.write(&mut packet, &piece.whole()).map_err(io::Error::other)?;
        self.packet(packet, piece.unknown())
    }

    /// A packet whose last `unknown` bytes nobody knows.
    fn packet(&mut self, mut packet: Vec<u8>, unknown: usize) -> io::Result<()> {
        let original_len = u32::try_from(packet.len()).map_err(io::Error::other)?;
        packet.truncate(packet.len() - unknown);
        let block = EnhancedPacketBlock {
            interface_id: 0,
            timestamp: self.now,
            original_len,
            data: packet.into(),
            options: Vec::new(),
        };
        self.blocks.write_block(&block.into_block()).map_err(as_io)?;
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        let block = self.blocks.get_mut();
        self.file.write_all(block)?;
        block.clear();
        self.file.flush()
    }
}

/// The layers below TCP and UDP; where either side has an IPv6 address, both get one.
fn between(from: SocketAddr, to: SocketAddr) -> PacketBuilderStep<IpHeaders> {
    let frame = PacketBuilder::ethernet2([0; 6], [0; 6]);
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => frame.ipv4(from.octets(), to.octets(), TIME_TO_LIVE),
        (from, to) => frame.ipv6(wide(from).octets(), wide(to).octets(), TIME_TO_LIVE),
    }
}

fn wide(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

fn as_io(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}
