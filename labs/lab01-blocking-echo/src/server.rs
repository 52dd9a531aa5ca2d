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
    // It serves one client. From here on it must serve the next one too.
    let (stream, peer) = listener.accept()?;
    eprintln!("{peer} connected");
    let count = converse(stream)?;
    eprintln!("{peer} left after {count} bytes");
    todo!(
        "exercise 1.3 of lab01 (Blocking echo): Serve clients one after another.

    Take client after client, for ever. Whatever happens to one of them, say it in one
    line and go on; only the listener's own failure ends the server.

    check it          cargo test -p lab01 -- ex1_3
    see it finished   cargo run -p solution01
    read about it     book/src/lab01-blocking-echo.md
"
    )
}

/// Sends back every byte that comes from `stream`, until its end; says how many there were.
fn converse(mut stream: TcpStream) -> io::Result<u64> {
    todo!(
        "exercise 1.2 of lab01 (Blocking echo): Echo one client until it has no more to say.

    Read what has come, send back exactly that, and go on until a read returns 0; then
    return how many bytes it was.

    check it          cargo test -p lab01 -- ex1_2
    see it finished   cargo run -p solution01
    read about it     book/src/lab01-blocking-echo.md
"
    )
}
