//! The capture says what was said.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::stage::{Packet, Tap, drawn, reset, rest, stream};

/// The flags of the packets, and how many bytes each carries.
fn in_short(packets: &[Packet]) -> Vec<String> {
    let short = |it: &Packet| match it.bytes.len() {
        0 => it.flags.clone(),
        len => format!("{} {len}", it.flags),
    };
    packets.iter().map(short).collect()
}

#[test]
fn a_conversation_is_written_from_handshake_to_goodbye() {
    let tap = Tap::start(&[]);
    let port = tap.server.local_addr().unwrap().port();
    let [mut client, mut server] = tap.connect();
    let here = client.local_addr().unwrap().port();
    client.write_all(b"TIME\r\n").unwrap();
    server.read_exact(&mut [0; 6]).unwrap();
    server.write_all(b"JAM 12:00:00\r\n").unwrap();
    client.read_exact(&mut [0; 14]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&server), b"");
    drop(server);
    assert_eq!(rest(&client), b"");
    tap.until("closed; 6 bytes -->, 14 bytes <--");
    let packets = tap.stop();
    let expected = ["S", "SA", "A", "A 6", "A", "A 14", "A", "FA", "A", "FA", "A"];
    assert_eq!(in_short(&packets), expected);
    assert_eq!(stream(&packets, here, port), b"TIME\r\n");
    assert_eq!(stream(&packets, port, here), b"JAM 12:00:00\r\n");
    assert!(packets.is_sorted_by_key(|it| it.at));
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() - packets[0].at;
    assert!(age.as_secs() < 60);
}

#[test]
fn much_is_written_byte_for_byte() {
    let tap = Tap::start(&[]);
    let port = tap.server.local_addr().unwrap().port();
    let [client, server] = tap.connect();
    let here = client.local_addr().unwrap().port();
    let words = drawn(1_000_000, 5);
    std::thread::scope(|scope| {
        scope.spawn(|| (&client).write_all(&words).and_then(|()| client.shutdown(Shutdown::Write)));
        assert!(rest(&server) == words);
    });
    let packets = tap.stop();
    assert!(stream(&packets, here, port) == words);
}

#[test]
fn chunks_are_segments() {
    let tap = Tap::start(&["--chunk", "1"]);
    let [mut client, server] = tap.connect();
    client.write_all(b"BOO").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&server), b"BOO");
    let packets = tap.stop();
    let carried = packets.iter().map(|it| it.bytes.as_slice()).filter(|it| !it.is_empty());
    assert_eq!(carried.collect::<Vec<_>>(), [b"B", b"O", b"O"]);
}

#[test]
fn a_reset_is_written_as_a_reset() {
    let tap = Tap::start(&[]);
    let [mut client, server] = tap.connect();
    reset(server);
    assert!(client.read(&mut [0; 1]).is_err());
    tap.until("reset by the server");
    assert_eq!(in_short(&tap.stop()), ["S", "SA", "A", "RA"]);
}

#[test]
fn what_is_cut_short_by_ctrl_c_is_a_whole_file() {
    let tap = Tap::start(&[]);
    let [mut client, mut server] = tap.connect();
    client.write_all(b"half a senten").unwrap();
    server.read_exact(&mut [0; 13]).unwrap();
    let _talking: TcpStream = client;
    assert_eq!(in_short(&tap.stop())[..4], ["S", "SA", "A", "A 13"]);
}
