//! Sends every byte back, given complete: a handler for which lines will not do.

use std::io::{self, Read, Write};

use lab08::{Connection, Handler};

/// How much one read may bring.
const BUFFER_LEN: usize = 8 * 1024;

pub struct Echo;

impl Handler for Echo {
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        Some(request.to_vec())
    }

    fn converse(&self, connection: &mut Connection) -> io::Result<()> {
        let mut buffer = [0; BUFFER_LEN];
        loop {
            match connection.read(&mut buffer)? {
                0 => return Ok(()),
                count => connection.write_all(&buffer[..count])?,
            }
        }
    }
}
