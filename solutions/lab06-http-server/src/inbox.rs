//! Bytes that have arrived and are not understood yet, given complete.

/// Bytes in the order of their arrival.
#[derive(Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    /// How many at the front have been taken already.
    taken: usize,
}

impl Inbox {
    /// Adds bytes at the end.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// All bytes that are there; they stay.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// Drops the first `count` bytes.
    pub fn skip(&mut self, count: usize) {
        self.taken += count;
        if self.is_empty() {
            // Who holds nothing needs no memory for it.
            *self = Self::default();
        }
    }
}
