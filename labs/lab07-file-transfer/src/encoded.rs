//! Files as base64, block after block: read, encode, write, in the same memory each time.

use std::io::{self, Read};

use crate::buffers::BLOCK_LEN;
use crate::connection::Connection;
use crate::wire::base64;

impl Connection<'_> {
    /// Sends `source` as base64, behind what stands in the outbox. The last piece stays there: so
    /// whatever follows leaves in the same write, and all of a short file in one.
    ///
    /// # Errors
    ///
    /// When the source cannot be read, or the connection is lost, or the peer takes nothing.
    pub fn send_encoded(&mut self, source: &mut (impl Read + ?Sized)) -> io::Result<()> {
        todo!(
            "exercise 7.3 of lab07 (File transfer): GET: a file as a stream.

    Read a block of the file, and encode it behind what stands in the outbox. If the
    block was shorter than BLOCK_LEN, it was the last one: return. If the outbox has no
    room for another block, flush it. Then the next block.

    check it          cargo test -p lab07 -- ex7_3
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }
}
