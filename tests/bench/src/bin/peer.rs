//! The plainest programs that do the work: what is faster than these is the kernel's doing.
//!
//! They forgive nothing and limit nothing; nobody should serve strangers with them.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::thread;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

const BUFFER_LEN: usize = 64 * 1024;

/// How much of a file is in hand at once: a multiple of 3, so that base64 needs no padding between.
const PIECE_LEN: usize = 192 * 1024;

/// The listener's key in epoll; clients have the place of their stream.
const LISTENER: u64 = u64::MAX;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mode = env::args().nth(1).unwrap_or_default();
    let line = format!("listening on {}", listener.local_addr()?);
    let serve: fn(&TcpListener) -> io::Result<()> = match mode.as_str() {
        "epoll" => |listener| by_epoll(listener, |stream, bytes| stream.write_all(bytes)),
        "http" => |listener| {
            let page = page();
            by_epoll(listener, move |stream, _| stream.write_all(&page))
        },
        "poll" => by_poll,
        "threads" => |listener| by_threads(listener, echo),
        "copy" => |listener| by_threads(listener, send_memory),
        "parts" => |listener| by_threads(listener, send_encoded),
        _ => return Err(io::Error::other("peer epoll|http|poll|threads|copy|parts")),
    };
    println!("{line}");
    serve(&listener)
}

/// A kilobyte, as the answer to whatever is asked.
fn page() -> Vec<u8> {
    let mut page = b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n".to_vec();
    page.resize(page.len() + 1024, b'x');
    page
}

/// One thread; the kernel remembers whom we wait for.
fn by_epoll(
    listener: &TcpListener,
    answer: impl Fn(&mut TcpStream, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    epoll.add(listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
    let mut streams: Vec<Option<TcpStream>> = Vec::new();
    let mut events = vec![EpollEvent::empty(); 1024];
    let mut buffer = vec![0; BUFFER_LEN];
    loop {
        let count = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in &events[..count] {
            if event.data() == LISTENER {
                admit(listener, &epoll, &mut streams)?;
                continue;
            }
            let place = usize::try_from(event.data()).map_err(io::Error::other)?;
            let Some(stream) = &mut streams[place] else { continue };
            match stream.read(&mut buffer) {
                Ok(count @ 1..) if answer(stream, &buffer[..count]).is_ok() => {}
                _ => streams[place] = None,
            }
        }
    }
}

/// Lets in everybody at the door; a stream's place is its descriptor.
fn admit(
    listener: &TcpListener,
    epoll: &Epoll,
    streams: &mut Vec<Option<TcpStream>>,
) -> io::Result<()> {
    while let Ok((stream, _)) = listener.accept() {
        let place = usize::try_from(stream.as_raw_fd()).map_err(io::Error::other)?;
        epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
        streams.resize_with(streams.len().max(place + 1), || None);
        streams[place] = Some(stream);
    }
    Ok(())
}

/// One thread; the kernel is told everything every time.
///
/// A client that has gone keeps its descriptor: this program lives for one measurement.
fn by_poll(listener: &TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut streams: Vec<&'static TcpStream> = Vec::new();
    let mut asked = vec![PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    let mut buffer = vec![0; BUFFER_LEN];
    loop {
        poll(&mut asked, PollTimeout::NONE)?;
        for place in (1..asked.len()).rev() {
            if asked[place].any() != Some(true) {
                continue;
            }
            let mut stream = streams[place - 1];
            match stream.read(&mut buffer) {
                Ok(count @ 1..) if stream.write_all(&buffer[..count]).is_ok() => {}
                _ => {
                    asked.swap_remove(place);
                    streams.swap_remove(place - 1);
                }
            }
        }
        if asked[0].any() == Some(true) {
            while let Ok((stream, _)) = listener.accept() {
                let stream: &'static TcpStream = Box::leak(Box::new(stream));
                asked.push(PollFd::new(stream.as_fd(), PollFlags::POLLIN));
                streams.push(stream);
            }
        }
    }
}

/// A thread for each client.
fn by_threads(listener: &TcpListener, serve: fn(TcpStream) -> io::Result<()>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        thread::Builder::new().spawn(move || serve(stream))?;
    }
}

fn echo(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4 * 1024];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => stream.write_all(&buffer[..count])?,
        }
    }
}

/// The number after the last slash of the request's first line.
fn wanted(stream: &mut TcpStream) -> io::Result<Option<usize>> {
    let mut request = [0; 4 * 1024];
    let count = stream.read(&mut request)?;
    let text = String::from_utf8_lossy(&request[..count]);
    let path = text.split(' ').nth(1).unwrap_or_default();
    Ok(path.rsplit('/').next().and_then(|number| number.parse().ok()))
}

/// Memory to socket and nothing else: no server is faster on this machine.
fn send_memory(mut stream: TcpStream) -> io::Result<()> {
    let piece = vec![7; PIECE_LEN];
    while let Some(mut left) = wanted(&mut stream)? {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n")?;
        while left > 0 {
            let count = left.min(piece.len());
            stream.write_all(&piece[..count])?;
            left -= count;
        }
    }
    Ok(())
}

/// What a base64 download consists of, and no more: read a file, encode, write.
fn send_encoded(mut stream: TcpStream) -> io::Result<()> {
    let name = env::args().nth(2).ok_or_else(|| io::Error::other("peer parts FILE"))?;
    let encoder = base64_simd::STANDARD;
    let mut piece = vec![0; PIECE_LEN];
    let mut text = vec![0; PIECE_LEN / 3 * 4];
    while wanted(&mut stream)?.is_some() {
        let mut file = File::open(&name)?;
        let len = encoder.encoded_length(usize::try_from(file.metadata()?.len()).unwrap_or(0));
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n")?;
        loop {
            let count = file.read(&mut piece)?;
            if count == 0 {
                break;
            }
            let encoded = encoder.encode(&piece[..count], base64_simd::Out::from_slice(&mut text));
            stream.write_all(encoded)?;
        }
    }
    Ok(())
}
