//! What travels: bytes, and how they are shown.

use std::fmt::Write;

use crate::base64;

/// The most bytes of a payload that one line of a conversation shows.
pub(crate) const SHOWN_LEN_MAX: usize = 40;

/// Bytes to send or to expect, and the words that stand for them in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    bytes: Vec<u8>,
    /// Said instead of the bytes, where these differ from run to run.
    label: Option<String>,
}

impl Payload {
    /// Bytes that a conversation shows as `label`, because they are not the same in every run.
    pub(crate) fn labelled(bytes: Vec<u8>, label: String) -> Self {
        Self { bytes, label: Some(label) }
    }

    /// Text that a conversation shows whole, however long it is.
    pub fn text(text: impl AsRef<[u8]>) -> Self {
        let bytes = text.as_ref();
        Self::labelled(bytes.to_vec(), format!("\"{}\"", escaped(bytes)))
    }

    /// The same bytes, shown as `label`: for what is not the same in every run.
    pub fn shown_as(self, label: &str) -> Self {
        Self::labelled(self.bytes, label.to_string())
    }

    /// The bytes, and `more` right behind them.
    pub fn and(&self, more: impl Into<Self>) -> Self {
        let more = more.into();
        let label = format!("{} + {}", self.shown(), more.shown());
        Self::labelled([self.bytes(), more.bytes()].concat(), label)
    }

    /// The bytes `count` times, one behind the other.
    pub fn times(&self, count: usize) -> Self {
        let label = format!("{count} times {}", self.shown());
        Self::labelled(self.bytes.repeat(count), label)
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first `len` bytes, and the rest.
    pub fn split_at(&self, len: usize) -> (Self, Self) {
        let part = |bytes: &[u8], which: &str| {
            let label = self.label.as_ref();
            let label = label.map(|_| format!("its {which} {}", counted(bytes.len())));
            Self { bytes: bytes.to_vec(), label }
        };
        let (first, rest) = self.bytes.split_at(len);
        (part(first, "first"), part(rest, "other"))
    }

    /// The bytes in `count` parts of about the same length.
    pub fn parts(&self, count: usize) -> Vec<Self> {
        let pieces = self.bytes.chunks(self.bytes.len().div_ceil(count).max(1));
        let label = |number| format!("part {number} of {count} of {}", self.shown());
        let part = |(place, bytes): (usize, &[u8])| Self::labelled(bytes.into(), label(place + 1));
        pieces.enumerate().map(part).collect()
    }

    /// The same as base64.
    pub fn as_base64(&self) -> Self {
        let label = self.label.as_ref().map(|label| format!("{label} as base64"));
        Self { bytes: base64::encode(&self.bytes), label }
    }

    /// The same bytes, last one first.
    pub fn reversed(&self) -> Self {
        let bytes = self.bytes.iter().rev().copied().collect();
        Self { bytes, label: self.label.as_ref().map(|label| format!("{label}, reversed")) }
    }

    /// How the bytes are shown in a conversation: quoted, and cut short with their number.
    pub fn shown(&self) -> String {
        self.label.clone().unwrap_or_else(|| quoted(&self.bytes))
    }
}

impl<T: AsRef<[u8]>> From<T> for Payload {
    fn from(bytes: T) -> Self {
        Self { bytes: bytes.as_ref().to_vec(), label: None }
    }
}

impl From<&Payload> for Payload {
    fn from(payload: &Payload) -> Self {
        payload.clone()
    }
}

/// Shows bytes in quotes; what is cut off is counted.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    if bytes.len() <= SHOWN_LEN_MAX {
        return format!("\"{}\"", escaped(bytes));
    }
    format!("\"{}\"... ({} bytes)", escaped(&bytes[..SHOWN_LEN_MAX]), grouped(bytes.len()))
}

/// Makes every byte visible: CR and LF as `\r` and `\n`, what is not ASCII text as `\xff`.
pub(crate) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            0 => text.push_str("\\0"),
            b'\'' => text.push('\''),
            _ => write!(text, "{}", byte.escape_ascii()).expect("a string takes every write"),
        }
    }
    text
}

/// Writes a number with its digits in groups of three: `1 048 576`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Counts bytes in words: `1 byte`, `1 048 576 bytes`.
pub fn counted(count: usize) -> String {
    if count == 1 { "1 byte".to_string() } else { format!("{} bytes", grouped(count)) }
}

/// A source of bytes that nobody can know in advance, and that the seed brings back.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.next().to_le_bytes()[..part.len()]);
        }
        bytes
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// One step of SplitMix64 (Steele, Lea and Flood, 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::{Dice, Payload, grouped, quoted};

    #[test]
    fn line_ends_and_nul_are_visible() {
        assert_eq!(quoted(b"it's\r\n\0\xff"), r#""it's\r\n\0\xff""#);
    }

    #[test]
    fn long_payloads_are_cut_and_counted() {
        let shown = Payload::from(vec![b'x'; 1000]).shown();
        assert!(shown.ends_with("xxx\"... (1 000 bytes)"), "{shown}");
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!([grouped(7), grouped(1234), grouped(1_048_576)], ["7", "1 234", "1 048 576"]);
    }

    #[test]
    fn the_same_seed_draws_the_same_bytes() {
        assert_eq!(Dice::new(7).bytes(21), Dice::new(7).bytes(21));
        assert_ne!(Dice::new(7).bytes(21), Dice::new(8).bytes(21));
    }
}
