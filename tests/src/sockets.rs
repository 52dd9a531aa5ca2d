//! The TCP sockets of this machine: who listens, and what waits in a queue.
//!
//! Linux can be asked in two ways. [`diag`] finds one socket at once. Where a kernel has no such
//! answer, there is still the table under /proc, which holds all of them.

use std::fs;

#[cfg(target_os = "linux")]
use crate::diag;

#[cfg(not(target_os = "linux"))]
mod diag {
    use super::Socket;

    pub(super) fn connection(_: u16, _: u16) -> Result<Option<Socket>, ()> {
        Err(())
    }

    pub(super) fn listeners() -> Result<Vec<Socket>, ()> {
        Err(())
    }
}

/// Where the kernel lists its TCP sockets.
const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

/// The same for UDP.
const UDP_TABLES: [&str; 2] = ["/proc/self/net/udp", "/proc/self/net/udp6"];

/// How requests come to a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Transport {
    #[default]
    Tcp,
    Udp,
}

/// What the kernel tells of one socket.
pub(crate) struct Socket {
    pub(crate) near: u16,
    pub(crate) far: u16,
    pub(crate) listening: bool,
    /// Sent by the owner, not yet acknowledged by the other side.
    pub(crate) unsent: usize,
    /// Arrived, not yet read by the owner.
    pub(crate) unread: usize,
    pub(crate) inode: u64,
}

/// One end of a connection on loopback, by its own port and that of the other side.
pub(crate) fn connection(near: u16, far: u16) -> Option<Socket> {
    diag::connection(near, far).unwrap_or_else(|_| {
        // A busy machine has thousands of rows; only two are worth taking apart.
        let ports = [near, far].map(|port| format!(":{port:04X} "));
        let mut sockets = table(|row| ports.iter().all(|port| row.contains(port)));
        sockets.find(|it| !it.listening && it.near == near && it.far == far)
    })
}

/// All sockets that listen, or that take datagrams from anybody.
pub(crate) fn listeners(transport: Transport) -> Vec<Socket> {
    match transport {
        Transport::Tcp => diag::listeners()
            .unwrap_or_else(|_| table(|_| true).filter(|it| it.listening).collect()),
        Transport::Udp => rows_of(UDP_TABLES, |_| true).filter(|it| it.far == 0).collect(),
    }
}

/// The sockets whose rows are `wanted`.
fn table(wanted: impl Fn(&&str) -> bool) -> impl Iterator<Item = Socket> {
    rows_of(TABLES, wanted)
}

fn rows_of(tables: [&str; 2], wanted: impl Fn(&&str) -> bool) -> impl Iterator<Item = Socket> {
    let rows = tables.map(|table| fs::read_to_string(table).unwrap_or_default());
    let sockets: Vec<Socket> =
        rows.iter().flat_map(|rows| rows.lines()).filter(wanted).filter_map(parsed).collect();
    sockets.into_iter()
}

/// Reads a row: `sl local remote state unsent:unread timer retransmits uid timeout inode …`.
fn parsed(row: &str) -> Option<Socket> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = row.split_whitespace().collect();
    let port = |address: &str| u16::from_str_radix(address.rsplit_once(':')?.1, 16).ok();
    let (unsent, unread) = fields.get(4)?.split_once(':')?;
    Some(Socket {
        near: port(fields[1])?,
        far: port(fields[2])?,
        listening: fields[3] == LISTEN,
        unsent: usize::from_str_radix(unsent, 16).ok()?,
        unread: usize::from_str_radix(unread, 16).ok()?,
        inode: fields.get(9)?.parse().ok()?,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write;
    use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};

    use super::*;

    #[test]
    fn both_ways_to_ask_have_the_same_answer() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let door = listener.local_addr().unwrap().port();
        let mut client = TcpStream::connect(("127.0.0.1", door)).unwrap();
        let near = client.local_addr().unwrap().port();
        client.write_all(b"nobody reads this").unwrap();

        let told = diag::connection(door, near).unwrap().unwrap();
        let listed = table(|_| true).find(|it| it.near == door && it.far == near).unwrap();
        assert_eq!((told.unread, told.unsent, told.listening), (17, 0, false));
        assert_eq!((listed.unread, listed.unsent, listed.listening), (17, 0, false));
        assert_eq!(told.inode, listed.inode);

        assert!(diag::listeners().unwrap().iter().any(|it| it.near == door));
        assert!(table(|_| true).any(|it| it.listening && it.near == door));
        assert!(diag::connection(door, 1).unwrap().is_none());
    }

    #[test]
    fn whoever_takes_datagrams_from_anybody_listens() {
        let open = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        taken.connect(open.local_addr().unwrap()).unwrap();
        let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
        let found = listeners(Transport::Udp);
        assert!(found.iter().any(|it| it.near == port(&open) && it.inode > 0));
        assert!(!found.iter().any(|it| it.near == port(&taken)));
    }
}
