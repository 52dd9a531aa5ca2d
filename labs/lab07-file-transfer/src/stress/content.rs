//! What is transferred, given complete: bytes without a pattern that compresses, made anew wherever
//! they are needed. So nobody has to keep a file in memory to compare with it.

use std::io::{self, Read};
use std::sync::LazyLock;

use anyhow::ensure;

/// After so many bytes they begin anew. It is a prime, so no block of a transfer looks like another.
const PERIOD: usize = 1_000_003;

/// How far the contents of two neighbours are apart.
const STEP: usize = 7919;

static BYTES: LazyLock<Vec<u8>> = LazyLock::new(random_bytes);

/// The content of one file, from where somebody has got to.
pub struct Content {
    place: usize,
    left: u64,
}

/// Makes the bytes, which takes a moment that belongs to no transfer.
pub fn make_ready() {
    LazyLock::force(&BYTES);
}

impl Content {
    /// The content of file number `number`, `size` bytes: another for each number.
    pub fn new(number: usize, size: u64) -> Self {
        Self { place: number * STEP % PERIOD, left: size }
    }

    /// Makes sure that `piece` is what comes next.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn compare(&mut self, mut piece: &[u8]) -> anyhow::Result<()> {
        ensure!(piece.len() as u64 <= self.left, "the content is too long");
        while !piece.is_empty() {
            let expected = self.next(piece.len());
            let (front, rest) = piece.split_at(expected.len());
            ensure!(front == expected, "the content is not what it was");
            piece = rest;
        }
        Ok(())
    }

    /// Makes sure that nothing is missing.
    ///
    /// # Errors
    ///
    /// When something is.
    pub fn finish(&self) -> anyhow::Result<()> {
        ensure!(self.left == 0, "{} bytes of the content are missing", self.left);
        Ok(())
    }

    /// The next bytes, at most `count`; none only at the end.
    fn next(&mut self, count: usize) -> &'static [u8] {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let end = PERIOD.min(self.place + count.min(left));
        let bytes = &BYTES[self.place..end];
        self.place = end % PERIOD;
        self.left -= bytes.len() as u64;
        bytes
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.next(buffer.len());
        buffer[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

/// The same in each run, and in each process.
fn random_bytes() -> Vec<u8> {
    // Xorshift, by Marsaglia.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(step).take(PERIOD).collect()
}
