//! What the judge kept of the promises that failed, as captures.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::catalogue::Lab;
use crate::pcap::{Capture, Connection, Piece, Side};

/// Where a client is shown whose port nobody knows: the first of those that kernels choose.
const UNKNOWN_PORT: u16 = 49_152;

/// The options of a program that speaks the second protocol of its lab, on its second port.
const SECOND_PROTOCOL: &str = "--wire raw";

/// A capture that was written.
pub struct Saved {
    pub path: PathBuf,
    /// Whether there was more than is in it.
    pub is_cut: bool,
}

/// Writes what `evidence` tells as the capture `path`; where it tells of no connection, there is
/// none.
pub fn save(evidence: &Path, path: &Path, lab: &Lab) -> Result<Option<Saved>> {
    let kept = match File::open(evidence) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("cannot read what the judge kept"),
    };
    let unfinished = path.with_extension("unfinished");
    let cannot = || format!("cannot write {}", path.display());
    let file = File::create(&unfinished).with_context(cannot)?;
    let comment = format!(
        "What the judge saw of {}. Bytes and times are real; the headers are made up, and port {} of {} stands for whichever port the server really had.",
        path.file_stem().unwrap_or_default().display(),
        lab.port,
        lab.package(),
    );
    let capture = Capture::new(Box::new(file), "cargo lab check", &comment);
    let mut retelling = Retelling::new(capture.with_context(cannot)?, lab);
    let is_whole = retelling.tell(kept).with_context(cannot)?;
    if retelling.talks.is_empty() {
        fs::remove_file(&unfinished).with_context(cannot)?;
        return Ok(None);
    }
    fs::rename(&unfinished, path).with_context(cannot)?;
    Ok(Some(Saved { path: path.to_path_buf(), is_cut: !is_whole || retelling.is_cut }))
}

/// One socket of the judge's.
enum Talk {
    Tcp(Connection),
    /// The client and the server.
    Udp([SocketAddr; 2]),
}

/// The judge's lines on their way into a capture (`tests/src/evidence.rs` says what they mean).
struct Retelling<'a> {
    capture: Capture,
    lab: &'a Lab,
    began: Duration,
    /// Where the server would listen if nobody were judged.
    port: u16,
    talks: HashMap<String, Talk>,
    /// Who talked to whom, as it is shown.
    pairs: HashSet<[SocketAddr; 2]>,
    is_cut: bool,
}

impl<'a> Retelling<'a> {
    fn new(capture: Capture, lab: &'a Lab) -> Self {
        Self {
            capture,
            lab,
            began: Duration::ZERO,
            port: lab.port,
            talks: HashMap::new(),
            pairs: HashSet::new(),
            is_cut: false,
        }
    }

    /// Tells all; says whether that was all. A judge that did not finish leaves half a line.
    fn tell(&mut self, kept: impl BufRead) -> io::Result<bool> {
        for line in kept.lines() {
            if self.event(&line?)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells one event; `None` if the line makes no sense.
    fn event(&mut self, line: &str) -> io::Result<Option<()>> {
        let words: Vec<&str> = line.split(' ').collect();
        let Some(at) = words.first().and_then(|word| seconds(word)) else {
            let began = line.strip_prefix("began ").and_then(seconds);
            self.began = began.unwrap_or_default();
            return Ok(began.map(drop));
        };
        self.capture.at(self.began + at);
        match words[1..] {
            ["0", "starts", ..] => {
                let is_second = line.contains(SECOND_PROTOCOL);
                let second = self.lab.more_ports.first().filter(|_| is_second);
                self.port = *second.unwrap_or(&self.lab.port);
            }
            ["0", "cut"] => self.is_cut = true,
            [number, verb @ ("knocks" | "datagrams"), client, server] => {
                let Some(pair) = self.pair(client, server) else { return Ok(None) };
                let talk = match verb {
                    "knocks" => Talk::Tcp(Connection::knock(&mut self.capture, pair[0], pair[1])?),
                    _ => Talk::Udp(pair),
                };
                self.talks.insert(number.to_string(), talk);
            }
            [number, ref what @ ..] => return self.go_on(number, what),
            [] => return Ok(None),
        }
        Ok(Some(()))
    }

    /// Something happens on a connection that there is.
    fn go_on(&mut self, number: &str, what: &[&str]) -> io::Result<Option<()>> {
        let Some(talk) = self.talks.get_mut(number) else { return Ok(None) };
        let capture = &mut self.capture;
        match (talk, what) {
            (Talk::Tcp(connection), ["answers"]) => connection.answer(capture)?,
            (Talk::Tcp(connection), ["server", "refuses"]) => connection.refuse(capture)?,
            (Talk::Tcp(connection), [from, "resets"]) => {
                let Some(from) = side(from) else { return Ok(None) };
                connection.reset(capture, from)?;
            }
            (Talk::Tcp(connection), [from, "ends"]) => {
                let Some(from) = side(from) else { return Ok(None) };
                connection.end(capture, from)?;
                connection.acknowledge(capture, from.other())?;
            }
            (talk, [from, len, bytes @ ..]) => {
                let piece = (side(from), len.parse().ok(), unhex(bytes.first().unwrap_or(&"")));
                let (Some(from), Some(len), Some(bytes)) = piece else { return Ok(None) };
                self.is_cut |= bytes.len() < len;
                let piece = Piece { bytes: &bytes, len };
                say_piece(talk, capture, (from, piece))?;
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    /// The two addresses as they are shown: the dissectors know the labs by their ports.
    fn pair(&mut self, client: &str, server: &str) -> Option<[SocketAddr; 2]> {
        let (mut client, real): (SocketAddr, SocketAddr) =
            (client.parse().ok()?, server.parse().ok()?);
        if client.port() == 0 {
            client.set_port(UNKNOWN_PORT);
        }
        let mut server = real;
        server.set_port(self.port);
        // The same client at two servers; or a server started twice.
        if !self.pairs.insert([client, server]) {
            server = real;
        }
        Some([client, server])
    }
}

fn say_piece(
    talk: &mut Talk,
    capture: &mut Capture,
    (from, piece): (Side, Piece<'_>),
) -> io::Result<()> {
    match talk {
        Talk::Tcp(connection) => {
            connection.send_piece(capture, from, piece)?;
            connection.acknowledge(capture, from.other())
        }
        Talk::Udp(pair) => {
            capture.datagram([pair[from as usize], pair[from.other() as usize]], piece)
        }
    }
}

fn side(name: &str) -> Option<Side> {
    match name {
        "client" => Some(Side::Client),
        "server" => Some(Side::Server),
        _ => None,
    }
}

/// `1763752434.123456789`, without a loss.
fn seconds(text: &str) -> Option<Duration> {
    let (seconds, nanos) = text.split_once('.').filter(|(_, nanos)| nanos.len() == 9)?;
    Some(Duration::new(seconds.parse().ok()?, nanos.parse().ok()?))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let pairs = text.as_bytes().chunks_exact(2);
    if pairs.remainder().is_empty() { pairs.map(byte).collect() } else { None }
}
