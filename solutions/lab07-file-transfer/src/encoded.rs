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
        // ANCHOR: ex7_3_blocks
        loop {
            self.buffers.read_block(source)?;
            base64::encode(&self.buffers.block, &mut self.buffers.outbox);
            if self.buffers.block.len() < BLOCK_LEN {
                return Ok(());
            }
            if !self.buffers.has_room_for_block() {
                self.flush()?;
            }
        }
        // ANCHOR_END: ex7_3_blocks
    }
}
