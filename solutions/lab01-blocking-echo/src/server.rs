//! The server's side: `serve` takes clients, `converse` owns one until it has no more to say.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

/// How much one read may bring. A message may be longer: it then takes several reads.
const BUFFER_LEN: usize = 16 * 1024;

/// Serves one client after another, for ever.
///
/// # Errors
///
/// When the listener itself fails. What happens to one client is not an error of the server.
pub fn serve(listener: &TcpListener) -> io::Result<()> {
    // ANCHOR: ex1_3
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(client) => client,
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {
                eprintln!("a client left while it waited: {error}");
                continue;
            }
            Err(error) => return Err(error),
        };
        eprintln!("{peer} connected");
        match converse(stream) {
            Ok(count) => eprintln!("{peer} left after {count} bytes"),
            Err(error) => eprintln!("{peer} failed: {error}"),
        }
    }
    // ANCHOR_END: ex1_3
}

/// Sends back every byte that comes from `stream`, until its end; says how many there were.
fn converse(mut stream: TcpStream) -> io::Result<u64> {
    // ANCHOR: ex1_2
    let mut buffer = [0; BUFFER_LEN];
    let mut echoed = 0;
    loop {
        let count = match stream.read(&mut buffer) {
            Ok(0) => return Ok(echoed),
            Ok(count) => count,
            // A signal came while we waited: nothing is lost, ask again.
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        stream.write_all(&buffer[..count])?;
        echoed += count as u64;
    }
    // ANCHOR_END: ex1_2
}
