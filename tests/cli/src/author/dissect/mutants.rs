//! Captures with something wrong in them: bytes changed, packets cut, lost, doubled, out of order.
//!
//! A dissector meets everything that somebody may send. Whatever it is, no script may fail.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::tshark::Tshark;
use super::{each_at_once, name};
use crate::catalogue::Course;

/// How many mutants there are of each capture; they are always the same.
const ROUNDS: u64 = 8;

/// How many packets of a capture are used: what is long says the same again and again.
const PACKETS_MAX: usize = 120;

/// Where the mutants are, as seen from the root.
const FOLDER: &str = "target/wirelab/mutants";

/// Behind Ethernet and IP: what is mutated.
const HEADERS_LEN: usize = 14 + 20;

/// Bytes that mean something to one of the protocols.
const TELLING: &[u8] = b"\0\xff\r\n\"\\=:{}[] 09AZ\x10";

/// Makes the mutants, one file a round, and tells which scripts fail on them.
pub fn complaints(course: &Course, tshark: &Tshark, captures: &[PathBuf]) -> Result<Vec<String>> {
    let originals = captures.iter().map(|capture| {
        let bytes = fs::read(capture).context("cannot read it");
        let packets = bytes.and_then(|bytes| packets(&bytes));
        packets.with_context(|| name(capture))
    });
    let originals: Vec<Vec<Packet>> = originals.collect::<Result<_>>()?;
    fs::create_dir_all(course.root.join(FOLDER)).context("cannot make a folder")?;
    let rounds: Vec<u64> = (1..=ROUNDS).collect();
    let failures = each_at_once(&rounds, |round| {
        let path = course.root.join(FOLDER).join(format!("round-{round}.pcap"));
        fs::write(&path, mutants(&originals, *round)).context("cannot write the mutants")?;
        let failures = tshark.script_failures(&path)?;
        Ok(failures.iter().map(|failure| described(&path, failure)).collect::<Vec<_>>())
    });
    Ok(failures.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

fn described(path: &Path, failure: &str) -> String {
    format!("{}: a script fails, packet {failure}", path.display())
}

/// All captures behind each other, each with something wrong, and as a conversation of its own.
fn mutants(originals: &[Vec<Packet>], round: u64) -> Vec<u8> {
    let mut dice = Dice(round.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut file = Vec::from(FILE_HEADER);
    let mut millisecond = 0;
    assert!(originals.len() < 256, "each capture has a host of its own");
    for (host, original) in (0_u8..).zip(originals) {
        for mut packet in mutant(original, &mut dice) {
            packet.move_to(host);
            millisecond += 1;
            packet.write(&mut file, millisecond);
        }
    }
    file
}

fn mutant(original: &[Packet], dice: &mut Dice) -> Vec<Packet> {
    let mut packets = original.to_vec();
    for _ in 0..=dice.below(1 + packets.len() / 3) {
        let (place, other) = (dice.below(packets.len()), dice.below(packets.len()));
        match dice.below(8) {
            0 => drop(packets.remove(place)),
            1 => packets.insert(place, packets[place].clone()),
            2 => packets.swap(place, other),
            3 => packets[place].cut(dice),
            _ => packets[place].spoil(dice),
        }
        if packets.is_empty() {
            break;
        }
    }
    packets
}

/// A packet as it was captured.
#[derive(Clone)]
struct Packet {
    bytes: Vec<u8>,
    /// How many bytes it had on the wire.
    len: u32,
}

impl Packet {
    /// Forgets its end, as a capture with a limit does.
    fn cut(&mut self, dice: &mut Dice) {
        let room = self.bytes.len().saturating_sub(HEADERS_LEN);
        self.bytes.truncate(HEADERS_LEN + dice.below(room + 1));
    }

    /// Changes some of its bytes, most often near the end, where the messages are.
    fn spoil(&mut self, dice: &mut Dice) {
        let room = self.bytes.len().saturating_sub(HEADERS_LEN);
        for _ in 0..=dice.below(4).min(room) {
            let back =
                if dice.below(4) > 0 { dice.below(room.min(24) + 1) } else { dice.below(room + 1) };
            let place = self.bytes.len() - 1 - back.min(room.saturating_sub(1));
            self.bytes[place] = TELLING[dice.below(TELLING.len())];
        }
    }

    /// Gives it to other hosts: 127.0.HOST.1 talks with itself.
    fn move_to(&mut self, host: u8) {
        let is_ipv4 = self.bytes.get(12..15).is_some_and(|it| it == [8, 0, 0x45]);
        if is_ipv4 && self.bytes.len() >= HEADERS_LEN {
            self.bytes[26..30].copy_from_slice(&[127, 0, host, 1]);
            self.bytes[30..34].copy_from_slice(&[127, 0, host, 1]);
        }
    }

    fn write(&self, file: &mut Vec<u8>, millisecond: u32) {
        let captured = u32::try_from(self.bytes.len()).expect("a packet is short");
        let time = [millisecond / 1000, millisecond % 1000 * 1_000_000];
        for number in [time[0], time[1], captured, self.len.max(captured)] {
            file.extend(number.to_le_bytes());
        }
        file.extend(&self.bytes);
    }
}

/// The older format will do for the mutants: nanoseconds, version 2.4, long packets, Ethernet.
const FILE_HEADER: [u8; 24] = *b"\x4d\x3c\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0";

/// The packets of a file in the format pcapng.
///
/// ```text
///   +------+-----+--- block --------------------------+-----+
///   | type | len | 6: an id, a time, lengths, bytes   | len |
///   +------+-----+------------------------------------+-----+
/// ```
fn packets(file: &[u8]) -> Result<Vec<Packet>> {
    let number = |place: usize| {
        let bytes = file.get(place..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let size = |place: usize| number(place).and_then(|it| usize::try_from(it).ok());
    let (mut packets, mut place) = (Vec::new(), 0);
    while place < file.len() && packets.len() < PACKETS_MAX {
        let block_len = size(place + 4).context("a block without a length")?;
        ensure!(block_len >= 12, "a block that is too short");
        if number(place) == Some(1) {
            ensure!(number(place + 8).is_some_and(|it| it & 0xffff == 1), "not from Ethernet");
        }
        if number(place) == Some(6) {
            let captured = size(place + 20).context("a packet without a length")?;
            let bytes = file.get(place + 28..).and_then(|rest| rest.get(..captured));
            let bytes = bytes.context("a packet that is cut")?.to_vec();
            let len = number(place + 24).context("a packet without a length")?;
            packets.push(Packet { bytes, len });
        }
        place += block_len;
    }
    ensure!(!packets.is_empty(), "no packets");
    Ok(packets)
}

/// Always the same throws for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    /// A number below `limit`, which is at least 1.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let limit = u64::try_from(limit.max(1)).expect("a usize fits");
        usize::try_from((self.0 >> 16) % limit).expect("it is below a usize")
    }
}

#[cfg(test)]
mod tests {
    use super::packets;

    #[test]
    fn what_is_no_capture_is_not_read() {
        assert!(packets(b"").is_err());
        assert!(packets(b"\x06\0\0\0\x02\0\0\0").is_err());
        assert!(
            packets(b"\x06\0\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\0\0\0\xff\0\0\0").is_err()
        );
    }
}
