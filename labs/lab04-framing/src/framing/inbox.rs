//! Bytes that have arrived and are not decoded yet, given complete.

/// Bytes in the order of their arrival, and whether more will come.
///
/// It holds what has come, never what somebody has announced.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    /// How many at the front have been taken already.
    taken: usize,
    /// How many after those `find` has looked at in vain.
    searched: usize,
    ended: bool,
}

impl Inbox {
    /// Adds bytes at the end.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Says that no more bytes will come.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Whether no more bytes will come.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// All bytes that are there; they stay.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    /// How many bytes are there.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// Where the first `byte` stands. What has been searched once is not searched again, so look
    /// for the same byte until it is taken.
    pub fn find(&mut self, byte: u8) -> Option<usize> {
        let new = &self.bytes()[self.searched..];
        let place = new.iter().position(|it| *it == byte).map(|place| self.searched + place);
        self.searched = place.unwrap_or(self.len());
        place
    }

    /// Takes the first `count` bytes out.
    ///
    /// # Panics
    ///
    /// When there are fewer.
    #[track_caller]
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        let front = self.bytes()[..count].to_vec();
        self.skip(count);
        front
    }

    /// Drops the first `count` bytes.
    ///
    /// # Panics
    ///
    /// When there are fewer.
    #[track_caller]
    pub fn skip(&mut self, count: usize) {
        assert!(count <= self.len(), "only what is there can be skipped");
        self.taken += count;
        self.searched = 0;
    }
}
