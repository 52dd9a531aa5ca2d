//! A TCP connection as its segments, made from what was said on it.
//!
//! ```text
//!   knocking ── answer ──> open ── end, end ──> over
//!       └────── refuse, reset ──────┴── reset ──> over
//! ```

use std::io;
use std::net::SocketAddr;

use etherparse::{TcpHeader, TcpOptionElement};

use super::{Capture, Piece, SEGMENT_LEN_MAX};

/// Where the numbers of the bytes begin. Wireshark shows them from there.
const FIRST_NUMBERS: [u32; 2] = [1_000_000, 5_000_000];

/// What each side says that it has room for, in units of 2 to the power of [`WINDOW_SCALE`]: so
/// much that the capture never looks as if somebody had to wait for room.
const WINDOW: u16 = u16::MAX;

/// 64 MiB in all.
const WINDOW_SCALE: u8 = 10;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

impl Side {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The client has asked, and nobody has answered.
    Knocking,
    Open,
    Over,
}

/// A connection, and how far each side has come.
pub struct Connection {
    addresses: [SocketAddr; 2],
    /// The number of the next byte of each side.
    next: [u32; 2],
    /// Up to which byte each side has said that it has what the other sent.
    acknowledged: [u32; 2],
    /// Whether each side has ended its half.
    ended: [bool; 2],
    state: State,
}

impl Connection {
    /// The client knocks at the server.
    pub fn knock(
        capture: &mut Capture,
        client: SocketAddr,
        server: SocketAddr,
    ) -> io::Result<Self> {
        let mut connection = Self {
            addresses: [client, server],
            next: FIRST_NUMBERS,
            acknowledged: [0; 2],
            ended: [false; 2],
            state: State::Knocking,
        };
        let mut header = connection.opening(Side::Client)?;
        (header.ack, header.acknowledgment_number) = (false, 0);
        connection.send(capture, Side::Client, header)?;
        Ok(connection)
    }

    /// The server lets the client in.
    pub fn answer(&mut self, capture: &mut Capture) -> io::Result<()> {
        if self.state == State::Knocking {
            self.state = State::Open;
            let header = self.opening(Side::Server)?;
            self.send(capture, Side::Server, header)?;
            self.acknowledge(capture, Side::Client)?;
        }
        Ok(())
    }

    /// Nobody listens where the client has knocked.
    pub fn refuse(&mut self, capture: &mut Capture) -> io::Result<()> {
        if self.state != State::Knocking {
            return self.reset(capture, Side::Server);
        }
        self.state = State::Over;
        self.next[Side::Server as usize] = 0;
        let header = TcpHeader { rst: true, window_size: 0, ..self.header(Side::Server) };
        self.send(capture, Side::Server, header)
    }

    /// `from` sends a piece.
    pub fn send_piece(
        &mut self,
        capture: &mut Capture,
        from: Side,
        piece: Piece<'_>,
    ) -> io::Result<()> {
        self.answer(capture)?;
        if self.state == State::Over || self.ended[from as usize] {
            return Ok(());
        }
        let mut start = 0;
        while start < piece.len {
            let end = piece.len.min(start + SEGMENT_LEN_MAX);
            let known = piece.bytes.len();
            let part =
                Piece { bytes: &piece.bytes[start.min(known)..end.min(known)], len: end - start };
            let header = TcpHeader { psh: end == piece.len, ..self.header(from) };
            self.send_with(capture, from, header, part)?;
            start = end;
        }
        Ok(())
    }

    /// `from` says that it has everything that the other side has sent, if it has not said so yet.
    pub fn acknowledge(&mut self, capture: &mut Capture, from: Side) -> io::Result<()> {
        let is_news = self.acknowledged[from as usize] != self.next[from.other() as usize];
        if self.state == State::Open && is_news {
            self.send(capture, from, self.header(from))?;
        }
        Ok(())
    }

    /// `from` has nothing more to send.
    pub fn end(&mut self, capture: &mut Capture, from: Side) -> io::Result<()> {
        self.answer(capture)?;
        if self.state == State::Over || self.ended[from as usize] {
            return Ok(());
        }
        self.ended[from as usize] = true;
        let header = TcpHeader { fin: true, ..self.header(from) };
        self.send(capture, from, header)
    }

    /// `from` throws the connection away.
    pub fn reset(&mut self, capture: &mut Capture, from: Side) -> io::Result<()> {
        self.answer(capture)?;
        // Who has ended both halves has nothing left to throw away.
        if self.state == State::Over || self.ended == [true; 2] {
            return Ok(());
        }
        let header = TcpHeader { rst: true, window_size: 0, ..self.header(from) };
        self.send(capture, from, header)?;
        self.state = State::Over;
        Ok(())
    }

    /// What both sides say first.
    fn opening(&self, from: Side) -> io::Result<TcpHeader> {
        let mut header = TcpHeader { syn: true, ..self.header(from) };
        let segment = u16::try_from(SEGMENT_LEN_MAX).map_err(io::Error::other)?;
        let options = [
            TcpOptionElement::MaximumSegmentSize(segment),
            TcpOptionElement::SelectiveAcknowledgementPermitted,
            TcpOptionElement::WindowScale(WINDOW_SCALE),
        ];
        header.set_options(&options).map_err(io::Error::other)?;
        Ok(header)
    }

    /// The header of what `from` sends next.
    fn header(&self, from: Side) -> TcpHeader {
        let [here, there] = [from, from.other()].map(|side| side as usize);
        let ports = [here, there].map(|side| self.addresses[side].port());
        let mut header = TcpHeader::new(ports[0], ports[1], self.next[here], WINDOW);
        header.ack = true;
        header.acknowledgment_number = self.next[there];
        header
    }

    fn send(&mut self, capture: &mut Capture, from: Side, header: TcpHeader) -> io::Result<()> {
        self.send_with(capture, from, header, (&[][..]).into())
    }

    /// Sends a segment, and counts what it takes of the numbers.
    fn send_with(
        &mut self,
        capture: &mut Capture,
        from: Side,
        header: TcpHeader,
        piece: Piece<'_>,
    ) -> io::Result<()> {
        let [here, there] = [from, from.other()].map(|side| side as usize);
        // An opening and an end count as one byte each.
        let len = u32::try_from(piece.len).map_err(io::Error::other)?;
        let taken = len + u32::from(header.syn) + u32::from(header.fin);
        // After 4 GiB the numbers begin again.
        self.next[here] = self.next[here].wrapping_add(taken);
        if header.ack {
            self.acknowledged[here] = header.acknowledgment_number;
        }
        capture.segment([self.addresses[here], self.addresses[there]], header, piece)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{self, Read, Seek};
    use std::net::SocketAddr;
    use std::time::Duration;

    use etherparse::{SlicedPacket, TransportSlice};
    use pcap_file::pcapng::{Block, PcapNgReader};

    use super::{Capture, Connection, Piece, SEGMENT_LEN_MAX, Side};

    /// What `talk` writes: time, number, how much of a segment is there, and how much there was.
    fn written(
        server: &str,
        talk: impl FnOnce(&mut Connection, &mut Capture) -> io::Result<()>,
    ) -> Vec<(Duration, u32, usize, u32)> {
        let mut file: File = tempfile::tempfile().unwrap();
        let mut capture = Capture::new(Box::new(file.try_clone().unwrap()), "test", "").unwrap();
        let [client, server]: [SocketAddr; 2] =
            ["127.0.0.1:50000", server].map(|it| it.parse().unwrap());
        let at = capture.at(Duration::from_nanos(1_700_000_000_123_456_789));
        let mut connection = Connection::knock(at, client, server).unwrap();
        talk(&mut connection, &mut capture).unwrap();
        file.rewind().unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let mut reader = PcapNgReader::new(bytes.as_slice()).unwrap();
        let mut packets = Vec::new();
        while let Some(block) = reader.next_block() {
            let Block::EnhancedPacket(block) = block.unwrap() else { continue };
            let sliced = SlicedPacket::from_ethernet(&block.data);
            let (number, len) = match sliced.map(|it| it.transport) {
                Ok(Some(TransportSlice::Tcp(tcp))) => (tcp.sequence_number(), tcp.payload().len()),
                _ => (0, block.data.len()),
            };
            packets.push((block.timestamp, number, len, block.original_len));
        }
        packets
    }

    #[test]
    fn times_are_kept_to_the_nanosecond() {
        let packets = written("127.0.0.1:5000", |it, capture| it.answer(capture));
        assert_eq!(packets[2].0, Duration::from_nanos(1_700_000_000_123_456_789));
    }

    #[test]
    fn after_4_gib_the_numbers_begin_again() {
        let packets = written("127.0.0.1:5000", |it, capture| {
            it.answer(capture)?;
            it.next[0] = u32::MAX - 1;
            it.send_piece(capture, Side::Client, b"abcd".as_slice().into())?;
            it.send_piece(capture, Side::Client, b"e".as_slice().into())
        });
        assert_eq!([packets[3].1, packets[4].1], [u32::MAX - 1, 2]);
    }

    #[test]
    fn a_long_piece_is_several_segments_also_over_ipv6() {
        let piece = vec![b'x'; 2 * SEGMENT_LEN_MAX + 1];
        let packets = written("[::1]:5000", |it, capture| {
            it.send_piece(capture, Side::Client, piece.as_slice().into())
        });
        let lens: Vec<_> = packets.iter().map(|it| it.2).collect();
        assert_eq!(lens, [0, 0, 0, SEGMENT_LEN_MAX, SEGMENT_LEN_MAX, 1]);
    }

    #[test]
    fn of_what_is_not_known_the_length_is_kept() {
        let packets = written("127.0.0.1:5000", |it, capture| {
            it.send_piece(capture, Side::Client, Piece { bytes: b"ab", len: 1000 })?;
            it.send_piece(capture, Side::Client, b"c".as_slice().into())
        });
        assert_eq!((packets[3].2, packets[3].3), (14 + 20 + 20 + 2, 14 + 20 + 20 + 1000));
        assert_eq!(packets[4].1, packets[2].1 + 1000);
    }

    #[test]
    fn after_a_reset_nothing_is_said() {
        let packets = written("127.0.0.1:5000", |it, capture| {
            it.reset(capture, Side::Server)?;
            it.send_piece(capture, Side::Client, b"hello?".as_slice().into())?;
            it.acknowledge(capture, Side::Server)?;
            it.end(capture, Side::Client)
        });
        assert_eq!(packets.len(), 4);
    }
}
