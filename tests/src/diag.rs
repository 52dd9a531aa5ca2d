//! Questions to the kernel about TCP sockets, as `ss` asks them: sock_diag(7) over netlink.
//!
//! ```text
//!   request    0         16        24           72
//!              +---------+---------+------------+
//!              | nlmsghdr| what    | which      |
//!              +---------+---------+------------+
//!   answer     0         16   20           68  72        80   84      88
//!              +---------+----+------------+---+---------+----+-------+
//!              | nlmsghdr|what| which      |   | unread, |    | inode |
//!              |         |    |            |   | unsent  |    |       |
//!              +---------+----+------------+---+---------+----+-------+
//! ```
//!
//! The kernel finds one socket at once, where /proc/net/tcp makes it walk through all.

use std::net::Ipv4Addr;
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};

use crate::sockets::Socket;

const HEADER_LEN: usize = 16;
const REQUEST_LEN: usize = HEADER_LEN + 56;

/// More than the kernel puts into one answer.
const ANSWER_LEN_MAX: usize = 64 * 1024;

// Types of messages.
const ERROR: u16 = 2;
const DONE: u16 = 3;
const BY_FAMILY: u16 = 20;

// Flags of a request: a question, and one about all sockets.
const REQUEST: u16 = 1;
const DUMP: u16 = 0x300;

// States of a socket.
const LISTEN: u8 = 10;
const ANY: u32 = u32::MAX;

/// The number of the protocol.
const TCP: u8 = 6;

/// Asks for the socket of a connection on loopback, by its own port and that of the other side.
///
/// # Errors
///
/// When this kernel does not answer such questions.
pub(crate) fn connection(near: u16, far: u16) -> nix::Result<Option<Socket>> {
    let question = request(AddressFamily::Inet, REQUEST, ANY, Some((near, far)));
    match ask(&question, |found| found.is_some()) {
        // Where there is no such connection, the listener on its port is found instead.
        Ok(found) => Ok(found.into_iter().find(|socket| !socket.listening)),
        Err(Errno::ENOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// All sockets that listen.
///
/// # Errors
///
/// When this kernel does not answer such questions.
pub(crate) fn listeners() -> nix::Result<Vec<Socket>> {
    let mut found = Vec::new();
    for family in [AddressFamily::Inet, AddressFamily::Inet6] {
        found.extend(ask(&request(family, REQUEST | DUMP, 1 << LISTEN, None), |_| false)?);
    }
    Ok(found)
}

/// Sends a question, and takes answers until the kernel is done or `enough` says so.
fn ask(question: &[u8], enough: impl Fn(Option<&Socket>) -> bool) -> nix::Result<Vec<Socket>> {
    let kernel = open()?;
    send(kernel.as_raw_fd(), question, MsgFlags::empty())?;
    let mut found = Vec::new();
    let mut answer = vec![0; ANSWER_LEN_MAX];
    loop {
        // The kernel has answered before `send` returns: nobody waits here.
        let count = recv(kernel.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT)?;
        let mut rest = &answer[..count];
        while let Some((kind, message)) = next_message(&mut rest) {
            match kind {
                DONE => return Ok(found),
                ERROR => return Err(error(message)),
                _ => found.extend(parsed(message)),
            }
        }
        if enough(found.last()) {
            return Ok(found);
        }
    }
}

fn open() -> nix::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC;
    socket(AddressFamily::Netlink, SockType::Datagram, flags, SockProtocol::NetlinkSockDiag)
}

/// A question about the sockets of `family` in one of `states`; with `ports`, about one connection.
fn request(family: AddressFamily, flags: u16, states: u32, ports: Option<(u16, u16)>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(REQUEST_LEN);
    bytes.extend(u32::try_from(REQUEST_LEN).unwrap_or_default().to_ne_bytes());
    bytes.extend(BY_FAMILY.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    // Number of the request, and who asks: nobody looks at them.
    bytes.extend([0; 8]);
    bytes.extend([family as u8, TCP, 0, 0]);
    bytes.extend(states.to_ne_bytes());
    let (near, far) = ports.unwrap_or_default();
    bytes.extend(near.to_be_bytes());
    bytes.extend(far.to_be_bytes());
    for _ in [near, far] {
        bytes.extend(Ipv4Addr::LOCALHOST.octets());
        bytes.extend([0; 12]);
    }
    // On any interface, and without the kernel's own name for the socket.
    bytes.extend([0; 4]);
    bytes.extend([0xff; 8]);
    bytes
}

/// Takes the first message off `rest`: its type, and what follows its header.
fn next_message<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let len = usize::try_from(number(rest, 0..4)?).ok()?;
    let kind = u16::from_ne_bytes(rest.get(4..6)?.try_into().ok()?);
    let message = rest.get(HEADER_LEN..len)?;
    // The next one begins at a multiple of four.
    *rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    Some((kind, message))
}

/// What the kernel says of one socket.
fn parsed(message: &[u8]) -> Option<Socket> {
    let port = |at: usize| Some(u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?));
    let count = |at: usize| usize::try_from(number(message, at..at + 4)?).ok();
    Some(Socket {
        listening: *message.get(1)? == LISTEN,
        near: port(4)?,
        far: port(6)?,
        unread: count(56)?,
        unsent: count(60)?,
        inode: number(message, 68..72)?.into(),
    })
}

/// The error in an answer, which is the negative of its number.
fn error(message: &[u8]) -> Errno {
    let negative = number(message, 0..4).map(u32::cast_signed).unwrap_or_default();
    Errno::from_raw(negative.wrapping_neg())
}

fn number(bytes: &[u8], place: Range<usize>) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(place)?.try_into().ok()?))
}
