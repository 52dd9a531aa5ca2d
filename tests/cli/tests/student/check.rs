//! `cargo lab check --pcap`: what failed, as captures.

use std::fs;

use etherparse::{SlicedPacket, TransportSlice};
use pcap_file::pcapng::{Block, PcapNgReader};

use crate::desk::{Desk, PASSED, Said};
use crate::stage::{desk, failed, on_stage};

/// What a judge keeps of a promise that did not go well, up to where it was killed.
const EVIDENCE: &str = "began 1700000000.000000001
0.000000001 0 starts server --max-clients 2
0.000000002 1 knocks 127.0.0.1:50000 127.0.0.1:34567
0.000000002 1 answers
0.000000003 1 client 2 6869
0.000000004 1 server 1000 2a2b
0.000000005 1 server resets
0.000000005 1 client 5 68656c6c6f
0.000000006 2 datagrams 127.0.0.1:50001 127.0.0.1:34567
0.000000007 2 client 1 21
0.000000008 3 knocks 127.0.0.1:0 127.0.0.1:34567
0.000000008 3 server refuses
0.000000009 2 serv";

fn check(desk: &Desk) -> Said {
    Said::of(&on_stage(desk, &["check", "1.1", "--pcap", "seen"]).output().unwrap())
}

fn captures(desk: &Desk) -> Vec<String> {
    let entries = fs::read_dir(desk.path("seen")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The packets in short: when, from where to where, and what.
fn told(file: &[u8]) -> Vec<String> {
    let mut reader = PcapNgReader::new(file).unwrap();
    let mut packets = Vec::new();
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(block) = block.unwrap() else { continue };
        let nanos = block.timestamp.subsec_nanos();
        let sliced = SlicedPacket::from_ethernet(&block.data);
        packets.push(match sliced.map(|it| it.transport) {
            Ok(Some(TransportSlice::Tcp(it))) => {
                let flags = [(it.syn(), 'S'), (it.rst(), 'R'), (it.ack(), 'A')];
                let flags = flags.iter().filter(|(set, _)| *set).map(|(_, letter)| *letter);
                let flags: String = flags.collect();
                let (from, to) = (it.source_port(), it.destination_port());
                format!("{nanos} {from} {to} {flags} {}", it.payload().escape_ascii())
            }
            Ok(Some(TransportSlice::Udp(it))) => {
                let (from, to) = (it.source_port(), it.destination_port());
                format!("{nanos} {from} {to} UDP {}", it.payload().escape_ascii())
            }
            _ => format!("{nanos} {} of {} bytes", block.data.len(), block.original_len),
        });
    }
    packets
}

#[test]
fn what_failed_is_saved_with_the_labs_own_port() {
    let desk = desk(&failed());
    desk.save("stage/seen", EVIDENCE);
    let said = check(&desk);
    said.is(1, &["What went over the wire is in seen: ", " captures."]);
    said.is(1, &["only the beginning of long pieces", "WIRESHARK_CONFIG_DIR=wireshark wireshark"]);
    let names = captures(&desk);
    assert!(names.len() > 1 && names.iter().all(|it| it.starts_with("ex1_1_")), "{names:?}");
    assert!(names.iter().all(|it| it.ends_with(".pcapng")), "{names:?}");
    let expected = [
        "3 50000 5001 S ",
        "3 5001 50000 SA ",
        "3 50000 5001 A ",
        "4 50000 5001 A hi",
        "4 5001 50000 A ",
        "5 56 of 1054 bytes",
        "5 50000 5001 A ",
        "6 5001 50000 RA ",
        "8 50001 5001 UDP !",
        "9 49152 5001 S ",
        "9 5001 49152 RA ",
    ];
    assert_eq!(told(&fs::read(desk.path("seen").join(&names[0])).unwrap()), expected);
}

#[test]
fn of_what_holds_nothing_is_saved_and_nothing_old_is_left() {
    let desk = desk(PASSED);
    desk.save("stage/seen", EVIDENCE);
    desk.save("seen/ex1_1_the_server_says_where_it_listens_once_it_does.pcapng", "of yesterday");
    desk.save("seen/mine.pcapng", "of somebody");
    check(&desk).is(0, &["Nothing failed: there is no capture"]);
    assert_eq!(captures(&desk), ["mine.pcapng"]);
    desk.save("stage/verdict", &failed());
    desk.save("stage/seen", "began 1700000000.000000001\n");
    check(&desk).is(1, &["what failed did not get as far as a connection"]);
    assert_eq!(captures(&desk), ["mine.pcapng"]);
}
