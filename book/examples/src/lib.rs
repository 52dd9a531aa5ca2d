//! The pieces of Rust that the book's chapter "Rust a networker needs" shows. Each is used by a
//! test, so that what the chapter says of it has been seen.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, Result};

// ANCHOR: owner
/// Greets one client. `stream` is ours now, and it ends here: the client sees the end.
pub fn greet(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(b"halo\n")
} // `stream` is dropped, and the socket closed
// ANCHOR_END: owner

// ANCHOR: halves
/// Sends a question, says that it was the last one, and reads the answer to its end.
pub fn ask(mut stream: TcpStream, question: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(question)?;
    stream.shutdown(Shutdown::Write)?; // the other side sees the end; we can still read
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
// ANCHOR_END: halves

// ANCHOR: shared
/// Sends back all that comes, and counts it in `total`.
pub fn echo(stream: &TcpStream, total: &Mutex<usize>) -> io::Result<()> {
    let (mut reader, mut writer) = (stream, stream); // two borrows of one socket
    let mut buffer = [0; 4096];
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        writer.write_all(&buffer[..count])?;
        *total.lock().expect("no thread panics with the lock") += count;
    }
}
// ANCHOR_END: shared

// ANCHOR: read
/// Reads once. `None` is the end of the stream.
pub fn read_some(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(None),
            Ok(count) => return Ok(Some(buffer[..count].to_vec())),
            Err(error) if error.kind() == ErrorKind::Interrupted => {} // nothing was read: again
            Err(error) => return Err(error),
        }
    }
}
// ANCHOR_END: read

// ANCHOR: lines
/// The first two lines that come.
pub fn two_lines(stream: TcpStream) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut reader = BufReader::new(stream); // one for the whole conversation
    let (mut first, mut second) = (Vec::new(), Vec::new());
    reader.read_until(b'\n', &mut first)?;
    reader.read_until(b'\n', &mut second)?;
    Ok((first, second))
}
// ANCHOR_END: lines

// ANCHOR: context
/// Listens on `address`, or says in one sentence why that cannot be.
pub fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))
}
// ANCHOR_END: context

// ANCHOR: kinds
/// Whether an error means that one client has left, and nothing worse.
pub fn has_left(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}
// ANCHOR_END: kinds

// ANCHOR: threads
/// Serves every client in a thread of its own.
pub fn serve(listener: &TcpListener, total: &Arc<Mutex<usize>>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        let total = Arc::clone(total); // this thread's own share of the one counter
        let serve_one = move || {
            if let Err(error) = echo(&stream, &total) {
                eprintln!("a client was lost: {error}");
            }
        };
        if let Err(error) = thread::Builder::new().spawn(serve_one) {
            eprintln!("no thread for a client: {error}"); // this one is lost, and nobody else
        }
    }
}
// ANCHOR_END: threads

// ANCHOR: bytes
/// How a message of up to 4 GiB begins: its length as four bytes, the highest first.
pub fn prefix(message: &[u8]) -> Result<[u8; 4]> {
    let length = u32::try_from(message.len()).context("this message is too long")?;
    Ok(length.to_be_bytes())
}

/// A line for the log, whatever the bytes are.
pub fn shown(message: &[u8]) -> String {
    format!("\"{}\" ({} bytes)", message.escape_ascii(), message.len())
}
// ANCHOR_END: bytes

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use super::*;

    /// Two ends of one connection.
    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (two, _) = listener.accept().unwrap();
        for stream in [&one, &two] {
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        }
        (one, two)
    }

    #[test]
    fn a_stream_ends_where_its_owner_does() {
        let (mut one, two) = pair();
        greet(two).unwrap();
        let mut all = String::new();
        one.read_to_string(&mut all).unwrap();
        assert_eq!(all, "halo\n");
    }

    #[test]
    fn one_half_ends_and_the_other_still_works() {
        let (one, two) = pair();
        let server = thread::spawn(move || echo(&two, &Mutex::new(0)));
        assert_eq!(ask(one, b"who?").unwrap(), b"who?");
        server.join().unwrap().unwrap();
    }

    #[test]
    fn a_read_tells_some_bytes_and_the_end_apart() {
        let (one, mut two) = pair();
        (&one).write_all(b"ab").unwrap();
        assert_eq!(read_some(&mut two).unwrap(), Some(b"ab".to_vec()));
        drop(one);
        assert_eq!(read_some(&mut two).unwrap(), None);
    }

    #[test]
    fn what_one_read_brought_too_much_is_the_next_line() {
        let (mut one, two) = pair();
        one.write_all(b"first\nsecond\n").unwrap();
        assert_eq!(two_lines(two).unwrap(), (b"first\n".to_vec(), b"second\n".to_vec()));
    }

    #[test]
    fn an_error_is_a_sentence_and_its_cause() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let error = listen(&address).unwrap_err();
        let said = format!("{error:#}");
        assert!(said.starts_with(&format!("cannot listen on {address}: Address")), "{said}");
    }

    #[test]
    fn a_write_to_somebody_who_has_left_fails_as_has_left_says() {
        let (mut one, two) = pair();
        drop(two);
        let error = loop {
            if let Err(error) = one.write_all(&[0; 4096]) {
                break error;
            }
        };
        assert!(has_left(&error), "{error:?}");
        assert!(!has_left(&io::Error::from(ErrorKind::TimedOut)));
    }

    #[test]
    fn each_client_has_a_thread_and_all_have_one_total() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let total = Arc::new(Mutex::new(0));
        let shared = Arc::clone(&total);
        thread::spawn(move || serve(&listener, &shared)); // ends with the test
        let clients: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
        // The last one first: nobody waits for another.
        for client in clients.into_iter().rev() {
            assert_eq!(ask(client, b"12345").unwrap(), b"12345");
        }
        assert_eq!(*total.lock().unwrap(), 15);
    }

    #[test]
    fn bytes_are_made_and_shown() {
        assert_eq!(prefix(b"halo").unwrap(), [0, 0, 0, 4]);
        assert_eq!(shown(b"a\r\n\xff"), r#""a\r\n\xff" (4 bytes)"#);
    }
}
