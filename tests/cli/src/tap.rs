//! `cargo lab tap`: stands between a client and a server, passes everything on as it is, and shows
//! the conversation while it happens.
//!
//! ```text
//!   client <──── relay ────> server        a thread for each connection
//!                  │
//!               journal                    one line, and one packet, for each event
//! ```

mod address;
mod journal;
mod lane;
mod relay;

use std::env;
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use socket2::SockRef;

use crate::Answer;
use crate::catalogue::Course;
use crate::pcap::Capture;
use address::Place;
use journal::{Journal, Page};
use relay::{ROOM, Relay};

/// What a thread that passes bytes on needs for itself; there may be thousands.
const STACK_LEN: usize = 256 << 10;

/// How long to leave those alone who are there, where nobody more can be let in.
const BREATH: Duration = Duration::from_millis(100);

/// Show a conversation as it happens, and write it for Wireshark: no rights needed
#[derive(Args)]
#[command(after_help = "Examples:
  cargo lab tap --listen 7007 --to 45000
      then let the client talk to 7007 instead of 45000: nc 127.0.0.1 7007
  cargo lab tap --listen 7007 --to 45000 --write talk.pcapng
      WIRESHARK_CONFIG_DIR=wireshark wireshark -C wirelab talk.pcapng
  cargo lab tap --listen 7007 --to 45000 --chunk 1 --delay 5
      every byte arrives by itself: does the server still understand?

An address is a port (7007), or a host and a port (127.0.0.1:7007, [::1]:7007).
--> is what the client says, <-- what the server says. Ctrl+C ends the tap.")]
pub struct Arguments {
    /// Where clients connect; port 0 is any free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Place,

    /// Where the server listens
    #[arg(long, value_name = "ADDRESS", value_parser = address::of_a_server)]
    to: Place,

    /// Write everything that is said to this file, as a capture for Wireshark
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// Pass on at most so many bytes at a time
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    chunk: Option<u32>,

    /// Wait so many milliseconds before each piece
    #[arg(long, value_name = "MS", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(..=3_600_000))]
    delay: u64,
}

/// Listens until Ctrl+C.
pub fn run(arguments: &Arguments) -> Result<Answer> {
    let server = arguments.to.address();
    let listener = listen(arguments.listen.address(), server)?;
    let capture = arguments.write.as_deref().map(|path| begin(path, server)).transpose()?;
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot wait for Ctrl+C")?;
    let journal = Arc::new(Journal::new(capture));
    let relay = Relay {
        server,
        chunk: arguments.chunk.map_or(usize::MAX, |len| usize::try_from(len).unwrap_or(usize::MAX)),
        delay: Duration::from_millis(arguments.delay),
    };
    let here = listener.local_addr().context("cannot tell where this listens")?;
    say!("listening on {here}, passing on to {server}; Ctrl+C ends this");
    let pages = Arc::clone(&journal);
    thread::spawn(move || accept_forever(&listener, relay, &pages));
    signals.forever().next();
    let is_whole = journal.close();
    if let (Some(path), true) = (&arguments.write, is_whole) {
        say!("Look at it: {}", how_to_open(path));
    }
    Ok(if is_whole { Answer::Yes } else { Answer::No })
}

/// The command that shows a capture with the course's own columns, colours and fields.
pub fn how_to_open(path: &Path) -> String {
    let quoted = |path: &Path| shell_words::quote(&path.display().to_string()).into_owned();
    let path = quoted(path);
    let Ok(course) = Course::here() else { return format!("wireshark {path}") };
    let is_at_root = env::current_dir().is_ok_and(|here| here == course.root);
    let ours = if is_at_root { "wireshark".into() } else { course.root.join("wireshark") };
    format!("WIRESHARK_CONFIG_DIR={} wireshark -C wirelab {path}", quoted(&ours))
}

fn listen(here: SocketAddr, server: SocketAddr) -> Result<TcpListener> {
    if here == server {
        bail!("--listen and --to are both {here}: the tap would talk to itself");
    }
    let listener = TcpListener::bind(here).with_context(|| {
        format!("cannot listen on {here}; is another tap running? --listen 0 takes any free port")
    })?;
    // Connections inherit this. Much room here would hide from a sender that nobody reads.
    SockRef::from(&listener).set_recv_buffer_size(ROOM).context("cannot set up the listener")?;
    Ok(listener)
}

fn begin(path: &Path, server: SocketAddr) -> Result<Capture> {
    let file = File::create(path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    let comment = format!(
        "What clients said to {server} through cargo lab tap. Bytes and times are real; the headers are made by the tap, which stood in between."
    );
    let capture = Capture::new(Box::new(file), "cargo lab tap", &comment);
    capture.with_context(|| format!("cannot write {}", path.display()))
}

fn accept_forever(listener: &TcpListener, relay: Relay, journal: &Arc<Journal>) {
    have_many_descriptors();
    for number in 1.. {
        let client = accept(listener);
        let page = match client.peer_addr() {
            Ok(address) => Page::begin(journal, number, address, relay.server),
            // Gone before it was let in.
            Err(_) => continue,
        };
        let carry = move || relay.carry(&client, page);
        let thread = thread::Builder::new().stack_size(STACK_LEN).spawn(carry);
        if let Err(error) = thread {
            say!("cannot serve connection {number}: {error}");
        }
    }
}

/// The next client; where there are no descriptors left, it waits at the door.
fn accept(listener: &TcpListener) -> TcpStream {
    let mut has_complained = false;
    loop {
        match listener.accept() {
            Ok((client, _)) => return client,
            Err(error) if !has_complained => {
                say!("cannot let the next client in yet: {error}");
                has_complained = true;
            }
            Err(_) => thread::sleep(BREATH),
        }
    }
}

/// Each connection takes two.
fn have_many_descriptors() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}
