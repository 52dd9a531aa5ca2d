//! What goes in comes out, and ends as it ended.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::stage::{Tap, deaf_server, drawn, fill, little_server, reset, rest, say_all};

#[test]
fn bytes_arrive_as_they_were_sent_in_both_directions_at_once() {
    let tap = Tap::start(&[]);
    let [client, server] = tap.connect();
    let words = [drawn(3_000_000, 1), drawn(2_000_000, 2)];
    let heard = thread::scope(|scope| {
        scope.spawn(|| say_all(&client, &words[0]));
        scope.spawn(|| say_all(&server, &words[1]));
        let at_server = scope.spawn(|| rest(&server));
        let at_client = rest(&client);
        [at_server.join().unwrap(), at_client]
    });
    assert!(heard == words);
    tap.until("; 3 000 000 bytes -->, 2 000 000 bytes <--");
}

#[test]
fn chunks_arrive_as_they_were_sent() {
    let tap = Tap::start(&["--chunk", "7"]);
    let [mut client, server] = tap.connect();
    let words = drawn(10_000, 3);
    client.write_all(&words).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert!(rest(&server) == words);
}

#[test]
fn who_has_ended_its_half_still_hears_the_other() {
    for (first, name) in [(0, "client"), (1, "server")] {
        let tap = Tap::start(&[]);
        let mut both = tap.connect();
        both[first].write_all(b"that was all").unwrap();
        both[first].shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&both[1 - first]), b"that was all");
        tap.until(&format!("end (FIN): the {name} has no more to say; "));
        both[1 - first].write_all(b"but I go on").unwrap();
        both[1 - first].shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&both[first]), b"but I go on");
        tap.until(&format!("half-closed: the {name} got 11 bytes after its end"));
    }
}

#[test]
fn a_reset_stays_a_reset() {
    for (first, name) in [(0, "client"), (1, "server")] {
        let tap = Tap::start(&[]);
        let mut both = tap.connect().map(Some);
        let mut other = both[1 - first].take().unwrap();
        let mut one = both[first].take().unwrap();
        one.write_all(b"before").unwrap();
        other.read_exact(&mut [0; 6]).unwrap();
        reset(one);
        let heard = other.read(&mut [0; 1]).unwrap_err();
        assert_eq!(heard.kind(), ErrorKind::ConnectionReset);
        tap.until(&format!("reset (RST): the {name} has thrown the connection away"));
    }
}

#[test]
fn a_reset_comes_through_although_nobody_reads() {
    let tap = Tap::before(little_server(), &[]);
    let [client, server] = tap.connect_with_little_room();
    let sent = fill(&client);
    reset(client);
    tap.until("reset (RST): the client has thrown the connection away");
    let said = tap.until("lost on the way");
    assert!(said.contains("reset by the client; "), "{said}");
    let mut heard = Vec::new();
    let error = (&server).read_to_end(&mut heard).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(heard.len() < sent);
}

#[test]
fn a_server_that_does_not_read_holds_up_the_client() {
    let tap = Tap::before(little_server(), &[]);
    let [client, server] = tap.connect_with_little_room();
    let sent = fill(&client);
    assert!(sent < 1 << 20, "{sent} bytes have gone, and nobody has read one");
    client.shutdown(Shutdown::Write).unwrap();
    assert!(rest(&server) == drawn(sent, 4));
}

#[test]
fn many_connections_go_on_at_once() {
    let tap = Tap::start(&[]);
    let mut all: Vec<_> = (0..100).map(|_| tap.connect()).collect();
    for (seed, [client, _]) in all.iter_mut().enumerate() {
        client.write_all(&drawn(1000, seed as u64)).unwrap();
    }
    for (seed, [_, server]) in all.iter_mut().enumerate().rev() {
        let mut heard = [0; 1000];
        server.read_exact(&mut heard).unwrap();
        assert!(heard[..] == drawn(1000, seed as u64));
    }
}

#[test]
fn a_delay_is_waited_for() {
    let tap = Tap::start(&["--delay", "200"]);
    let [mut client, mut server] = tap.connect();
    let began = Instant::now();
    client.write_all(b"late").unwrap();
    server.read_exact(&mut [0; 4]).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(200));
}

#[test]
fn where_nobody_listens_the_client_is_reset() {
    let tap = Tap::before(deaf_server(), &[]);
    let mut client = TcpStream::connect(tap.address).unwrap();
    let heard = client.read(&mut [0; 1]).unwrap_err();
    assert_eq!(heard.kind(), ErrorKind::ConnectionReset);
    tap.until("refused (RST): nobody listens at 127.0.0.1:");
    let flags: Vec<_> = tap.stop().into_iter().map(|it| it.flags).collect();
    assert_eq!(flags, ["S", "RA"]);
}
